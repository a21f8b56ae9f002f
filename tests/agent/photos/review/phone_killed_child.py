"""Deletes a picture on a phone and is killed before a given step: what this laptop's process does when power goes."""

import os
import signal
import sys
import threading
from pathlib import Path

from phone_removal_parts import DEVICE, KEY, copy_of

from agent.collect.adb.files import PhoneFiles
from agent.collect.adb.wire import AdbLine, ExecStream, Script
from agent.phones import marker
from agent.photos.phone_files import PhonePictures
from agent.photos.review.model import Marked, Removal
from agent.photos.review.phone_remover import PhoneRemover


class Dying:
    """A way to a phone which ends its own process before the n-th thing it does."""

    def __init__(self, line: AdbLine, step: int) -> None:
        self._line, self._left = line, step

    def pipe(self, wanted: Script, marker: str) -> "DyingPipe":
        self.step()
        return DyingPipe(self._line.pipe(wanted, marker), self)

    def step(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class DyingPipe:
    """Each write, and each piece of an answer, is a step."""

    def __init__(self, pipe: ExecStream, way: Dying) -> None:
        self._pipe, self._way = pipe, way

    def read(self, wait_s: float) -> bytes | None:
        data = self._pipe.read(wait_s)
        if data:
            self._way.step()
        return data

    def write(self, data: bytes, wait_s: float) -> None:
        self._way.step()
        self._pipe.write(data, wait_s)

    def close(self) -> None:
        self._pipe.close()


def main(port: str, serial: str, storage: str, name: str, step: str) -> int:
    stop = threading.Event()
    pictures = PhonePictures(int(port), serial, 34, DEVICE, stop)
    files = PhoneFiles(Dying(AdbLine(int(port), serial), int(step)), marker=marker, stop=stop)
    deletes = PhoneRemover(files, pictures, release=34, key=KEY)
    found = deletes.mark(copy_of(Path(storage), name))
    assert isinstance(found, Marked)
    return 0 if deletes.remove(found).outcome is Removal.GONE else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
