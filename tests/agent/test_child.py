"""The short-lived process is this program and nothing that lies about."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from fake_adb import FakeAdbServer

from agent.child import ChildError, call

ROOT = Path(__file__).parents[2]
CALL = (
    "import threading; from agent.child import call\n"
    "print(call(('--version',), stop=threading.Event(), timeout_s=30.0))"
)


def test_modules_in_the_working_folder_are_not_run(tmp_path: Path) -> None:
    for name in ("agent", "argparse", "importlib"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')")
    done = subprocess.run(
        [sys.executable, "-P", "-c", CALL],
        cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.startswith("scrubin "), done.stderr
    assert not (tmp_path / "run").exists()


def test_stop_ends_it_in_the_middle_of_a_phone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The adb server takes the question and never answers."""
    monkeypatch.setenv("SCRUBIN_STATE", str(tmp_path))
    stop = threading.Event()
    with FakeAdbServer({"host:devices": b""}, hold=True) as server:
        monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(server.port))
        hand = threading.Thread(target=lambda: _set_when(stop, lambda: server.requests != []))
        hand.start()
        with pytest.raises(ChildError):
            call(("check", "--device", "phones", "--json"), stop=stop, timeout_s=60.0)
        hand.join()
    assert [one for one in psutil.Process().children() if "phones" in one.cmdline()] == []


def test_answer_of_a_wrong_use_is_none() -> None:
    with pytest.raises(ChildError):
        call(("check", "--nonsense"), stop=threading.Event(), timeout_s=60.0)


def _set_when(stop: threading.Event, holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    stop.set()
