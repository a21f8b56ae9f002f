"""`scrubin demo` as people start it: what it says, what it shows, and that nothing of it is left."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from virtual_phone.rig import ADB, PATIENCE_S, held, living, until

from agent.collect.host import LocalHost
from agent.collect.recorded import load
from agent.demo import album
from agent.demo.jpeg import picture

SCRUBIN = [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())"]
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    return {
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(folder), "PYTHONPATH": str(REPOSITORY),
        "PYTHONDONTWRITEBYTECODE": "1", "ANDROID_SERIAL": "elsewhere",
    }  # fmt: skip


@contextmanager
def demo(environment: Mapping[str, str]) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    """A running demo, and what it says of itself."""
    with subprocess.Popen([*SCRUBIN, "demo", "--json"], env=environment, stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            yield child, json.loads(child.stdout.readline())
        finally:
            child.kill()


def shell(environment: Mapping[str, str], enter: str, line: str) -> str:
    """What a person's shell prints after it has read the demo's file."""
    done = subprocess.run(
        ["sh", "-c", f'. "$0"; {line}', enter], env=environment, capture_output=True, text=True, timeout=PATIENCE_S
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_however_it_ends_nothing_is_left(number: signal.Signals, environment: dict[str, str]) -> None:
    with demo(environment) as (child, said):
        assert Path(said["enter"]).exists()
        child.send_signal(number)
        assert child.wait(timeout=PATIENCE_S) == 0
    assert list(Path(environment["TMPDIR"]).iterdir()) == []
    until(
        lambda: (
            not held(environment["TMPDIR"]) and not living(f"{ADB} -P {said['settings']['ANDROID_ADB_SERVER_PORT']}")
        )
    )


def test_a_demo_that_is_killed_leaves_no_process(environment: dict[str, str]) -> None:
    with demo(environment) as (child, _):
        child.kill()
    until(lambda: not held(environment["TMPDIR"]))


def test_the_file_leads_a_shell_to_the_two_phones_only(environment: dict[str, str]) -> None:
    with demo(environment) as (_, said):
        listed = shell(environment, said["enter"], f"{ADB} devices")
        assert sorted(line.split("\t")[0] for line in listed.splitlines() if "\t" in line) == sorted(
            said["phones"].values()
        )
        good = shell(environment, said["enter"], f"{ADB} -s {said['phones']['good']} shell getprop ro.product.model")
        assert good == "Pixel 9a\n"


def test_whatever_a_check_keeps_lies_in_the_demos_folder(environment: dict[str, str]) -> None:
    with demo(environment) as (_, said):
        code = "from agent.places import places; w = places(); print(w.state, w.runtime, w.config, w.system_config)"
        told = shell(environment, said["enter"], f"{sys.executable} -c '{code}'")
        assert all(one.startswith(str(Path(said["enter"]).parent)) for one in told.split())
        assert said["settings"]["ANDROID_ADB_SERVER_PORT"] != "5037"


def test_run_ends_with_the_answer_of_the_check(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*SCRUBIN, "demo", "--run", "--json"], env=environment, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1, done.stderr
    models = {one["device"]["model"] for one in json.loads(done.stdout)["reports"]}
    assert models == {"Pixel 9a", "Samsung SM-A536B"}
    assert list(Path(environment["TMPDIR"]).iterdir()) == []
    assert not (Path(environment["HOME"]) / ".android").exists()


@pytest.mark.parametrize("name", ["good", "bad"])
def test_recordings_of_the_demo_can_be_read(name: str) -> None:
    host = load(str(REPOSITORY / "agent/demo/phones" / name), LocalHost())
    assert host.platform == "android"


def test_pictures_of_the_demo_are_small_jpegs(tmp_path: Path) -> None:
    album.lay(str(tmp_path), album.BAD)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == len(album.BAD)
    assert len({path.read_bytes() for path in files}) == len(files)
    for path in files:
        data = path.read_bytes()
        assert (data[:2], data[-2:]) == (b"\xff\xd8", b"\xff\xd9")
        assert len(data) < 2000


def test_one_grey_square_is_the_jpeg_that_the_standard_says() -> None:
    # Three channels of no difference, each "00" and "0", filled up with ones.
    assert picture([[(128, 128, 128)]]).endswith(
        b"\3\1\0\2\0\3\0\0\x3f\0" + bytes([0b00000000, 0b01111111]) + b"\xff\xd9"
    )
