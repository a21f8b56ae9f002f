"""A virtual phone whose pictures can be deleted, and copies as the index would have them."""

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from virtual_phone.rig import adb, adb_server, states, until, virtual_phone

from agent.collect.adb.files import PhoneFiles
from agent.collect.adb.wire import AdbLine
from agent.demo.phone import VirtualPhone
from agent.demo.pictures import FIRST_ID
from agent.demo.server import AdbServer
from agent.phones import marker
from agent.photos.image import HEAD_BYTES
from agent.photos.index import digest
from agent.photos.phone_files import PhonePictures
from agent.photos.review.model import Copy
from agent.photos.review.phone_remover import PhoneRemover
from checks.clinical_images.fact import Folder, Origin

__all__ = ["adb_server", "remover", "virtual_phone"]

OWN = "/storage/emulated/0"
CAMERA = "DCIM/Camera"
NAME = f"{CAMERA}/b.jpg"
DEVICE = "11111111-2222-4333-8444-555555555555"
KEY = b"k" * 32
ANSWERS = {
    "getprop": "[ro.serialno]: [SECRET0001]\n[ro.boottime.init]: [123456]\n[ro.build.version.sdk]: [34]\n",
    "pm list users": "Users:\n\tUserInfo{0:Owner:4c13} running\n",
}
PICTURE = bytes(range(256)) * 8
"""Short and varied, so that its digest is of all of it."""
FILM = bytes(range(256)) * 1024
"""Longer than a head."""
FIRST_PICTURE = FIRST_ID
"""The media store's number of the first picture of a storage."""
Removers = Callable[..., PhoneRemover]


def lay(folder: Path, files: dict[str, bytes]) -> Path:
    """Write files below a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def left(storage: Path) -> set[str]:
    """All that lies in a storage but folders."""
    found = (os.path.join(where, name) for where, _, names in os.walk(storage) for name in names)
    return {os.path.relpath(one, storage) for one in found}


def rows(server: AdbServer, phone: VirtualPhone) -> str:
    """What the media store has among its pictures."""
    query = "content query --uri content://media/external/images/media --projection _id:_data"
    return adb(server, "-s", phone.address, "shell", query).stdout.decode("utf-8", "surrogateescape")


def copy_of(storage: Path, name: str, *, device: str = DEVICE, top: str = OWN) -> Copy:
    """A file of a storage as the index has it after a scan."""
    path = storage / name
    data, seen = path.read_bytes(), path.stat()
    return Copy(
        id=1, device=device, path=f"{top}/{name}", size=len(data), stamp=1, modified_s=int(seen.st_mtime),
        digest=digest(KEY, len(data), data[:HEAD_BYTES]), folder=Folder.CAMERA, origin=Origin.TAKEN,
    )  # fmt: skip


def remover_of(port: int, serial: str, *, release: int = 34, device: str = DEVICE) -> PhoneRemover:
    """What deletes on the phone that adb lists so."""
    stop = threading.Event()
    pictures = PhonePictures(port, serial, release, device, stop, patience_s=0.5)
    files = PhoneFiles(AdbLine(port, serial), marker=marker, stop=stop, patience_s=0.5)
    return PhoneRemover(files, pictures, release=release, key=KEY)


@pytest.fixture
def remover(adb_server: AdbServer) -> Removers:
    """Makes what deletes on a virtual phone."""

    def of(phone: VirtualPhone, *, release: int = 34, device: str = DEVICE) -> PhoneRemover:
        until(lambda: states(adb_server).get(phone.address) == "device")
        return remover_of(adb_server.port, phone.address, release=release, device=device)

    return of
