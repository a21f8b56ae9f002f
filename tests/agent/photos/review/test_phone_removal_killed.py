"""The laptop's process killed at each step of a deletion on a phone, through the real adb server."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from phone_removal_parts import (
    ANSWERS,
    NAME,
    PICTURE,
    Removers,
    adb_server,
    copy_of,
    lay,
    left,
    remover,
    virtual_phone,
)
from virtual_phone.rig import PATIENCE_S, PlugIn, held, until

from agent.demo.server import AdbServer
from agent.photos.review.model import Marked

__all__ = ["adb_server", "remover", "virtual_phone"]

CHILD = Path(__file__).with_name("phone_killed_child.py")
TESTS = Path(__file__).parents[3]
MOST_STEPS = 60


def killed(server: AdbServer, serial: str, storage: Path, step: int) -> int:
    """How the child ended: by the signal, or by itself."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, (TESTS.parent, TESTS, CHILD.parent)))}
    command = [sys.executable, str(CHILD), str(server.port), serial, str(storage), NAME, str(step)]
    return subprocess.run(command, env=environment, timeout=PATIENCE_S, check=False).returncode


def test_at_each_step_the_file_is_there_untouched_or_gone_and_the_phone_says_which(
    adb_server: AdbServer, virtual_phone: PlugIn, remover: Removers, tmp_path: Path
) -> None:
    storage = lay(tmp_path / "sdcard", {NAME: PICTURE, "Pictures/c.jpg": PICTURE})
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    looks = remover(phone)
    marked = looks.mark(copy_of(storage, NAME))
    assert isinstance(marked, Marked)
    ends, seen = -signal.SIGKILL, []
    for step in range(1, MOST_STEPS):
        lay(storage, {NAME: PICTURE})
        ends = killed(adb_server, phone.address, storage, step)
        until(lambda: not held(phone.folder))
        seen.append(NAME in left(storage))
        assert looks.is_gone(marked) is not seen[-1]
        assert not seen[-1] or (storage / NAME).read_bytes() == PICTURE
        if ends != -signal.SIGKILL:
            break
    assert ends == 0, "it came to its end by itself"
    assert seen == sorted(seen, reverse=True), "never deleted before the step that deletes"
    assert seen.count(True) > 3
    assert seen.count(False) > 2
    assert left(storage) == {"Pictures/c.jpg"}
