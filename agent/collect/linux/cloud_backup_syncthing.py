"""Syncthing: which folders go to other devices."""

from collections.abc import Iterator
from functools import partial
from typing import Any
from xml.parsers import expat

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_commands import expand, flags
from agent.collect.linux.cloud_backup_parts import Look, Setup, client, in_homes, own_calls
from checks.cloud_backup.fact import Product, Provider
from checks.evidence import Why

FILES = (
    "@/syncthing/config.xml", ".local/state/syncthing/config.xml",
    ".var/app/me.kozec.syncthingtk/config/syncthing/config.xml",
    ".var/app/com.github.zocker_160.SyncThingy/config/syncthing/config.xml",
    "snap/syncthing/common/syncthing/config.xml",
)  # fmt: skip
FOLDER = ["configuration", "folder"]
DEEPEST = 20


def providers(look: Look) -> Iterator[Provider]:
    """Each configuration found."""
    files = dict.fromkeys((*in_homes(look, *FILES), *_named(look)))
    yield from client(look, Product.SYNCTHING, [partial(_setup, look, path) for path in files])


def parse(text: str, home: str) -> Setup:
    """config.xml. A folder goes out unless it is paused, only receives, or is shared with no other device.

    The folder inside <defaults> is a template and syncs nothing. Raises UNPARSABLE.
    """
    reading = _Reading()
    parser = expat.ParserCreate("utf-8")  # whatever encoding the file claims
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    try:
        parser.Parse(text.encode("utf-8", "surrogateescape"), True)
    except expat.ExpatError as error:
        raise CollectError(Why.UNPARSABLE, "Syncthing's config.xml") from error
    if reading.root != "configuration":
        raise CollectError(Why.UNPARSABLE, "Syncthing's config.xml is of another kind")
    return Setup(roots=tuple(expand(one["path"], home) for one in reading.folders if _sends(one)))


class _Reading:
    """What has been read so far: folders as path, type, paused and the number of devices that share them."""

    def __init__(self) -> None:
        self.folders: list[dict[str, str]] = []
        self.root = ""
        self._path: list[str] = []
        self._text = ""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._text = ""
        self.root = self.root or name
        if len(self._path) > DEEPEST:
            raise CollectError(Why.UNPARSABLE, "Syncthing's config.xml is too deep")
        if self._path == FOLDER:
            if not attributes.get("path"):
                raise CollectError(Why.UNPARSABLE, "a sync folder without its place")
            self.folders.append({"devices": "", **attributes})
        elif self._path == [*FOLDER, "device"]:
            self.folders[-1]["devices"] += "x"

    def end(self, _name: str) -> None:
        if self._path == [*FOLDER, "paused"]:
            self.folders[-1]["paused"] = self._text.strip()
        self._path.pop()

    def text(self, text: str) -> None:
        self._text += text[:100] if len(self._text) < 1000 else ""


def _sends(folder: dict[str, str]) -> bool:
    one_way = folder.get("type", folder.get("ro", "")) in {"receiveonly", "receiveencrypted"}
    # This device itself is among the devices of each folder.
    return not one_way and folder.get("paused") != "true" and len(folder["devices"]) > 1


def _refuse(*_: Any) -> None:
    raise CollectError(Why.UNPARSABLE, "a settings file that declares entities")


def _setup(look: Look, path: str) -> Setup | None:
    text = text_if_there(look.host, path)
    return parse(text, look.host.home) if text is not None else None


def _named(look: Look) -> Iterator[str]:
    """Files that a call names with --home or --config."""
    for call, _ in own_calls(look, Product.SYNCTHING):
        for flag, place in flags(call.argv):
            if flag.lstrip("-") in {"home", "config"} and place.startswith("/"):
                yield f"{place.rstrip('/')}/config.xml"
