"""The short-lived process is this program and nothing that lies about."""

import os
import subprocess
import sys
from pathlib import Path

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
