"""Xfce's settings: the XML files that xfconfd keeps. They need no bus, and asking xfconfd would start it."""

import re
from collections.abc import Mapping
from xml.parsers import expat

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux.desktop import config_folders, config_home
from checks.evidence import Why

DEEPEST = 16
Channel = Mapping[str, str]
"""property path -> value as text: /lock/enabled -> false."""


def channel(host: Host, name: str) -> Channel:
    """The effective values of a channel; empty when it was never written. Raises CollectError."""
    folders = (*reversed(config_folders(host)), config_home(host))
    found: dict[str, str] = {}
    for folder in folders:
        text = text_if_there(host, f"{folder}/xfce4/xfconf/xfce-perchannel-xml/{name}.xml")
        if text is not None:
            found.update(parse(text))
    return found


def parse(text: str) -> Channel:
    """Values by path. Raises UNPARSABLE, and NOT_SAID for a file that locks settings for some people only."""
    reader = _Reader()
    # The name overrides what the document declares: expat would look for codecs of any name.
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(text.encode("utf-8", "surrogateescape"), True)
    except expat.ExpatError as error:
        raise CollectError(Why.UNPARSABLE, f"xfconf: {error}") from error
    return reader.found


def flag(values: Channel, path: str, default: bool) -> bool:
    """A boolean. Raises UNPARSABLE for another value."""
    match values.get(path):
        case None:
            return default
        case "true":
            return True
        case "false":
            return False
        case other:
            raise CollectError(Why.UNPARSABLE, f"{path} = {other}"[:200])


def number(values: Channel, path: str, default: int) -> int:
    """A whole number of at most nine digits. Raises UNPARSABLE for another value."""
    value = values.get(path, str(default))
    if not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise CollectError(Why.UNPARSABLE, f"{path} = {value}"[:200])
    return int(value)


class _Reader:
    """What expat calls back: collects values under the path of the names around them."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._names: list[str] = []

    def start(self, element: str, attributes: dict[str, str]) -> None:
        if len(self._names) >= DEEPEST:
            raise CollectError(Why.UNPARSABLE, "xfconf: nested too deeply")
        if "locked" in attributes or "unlocked" in attributes:
            raise CollectError(Why.NOT_SAID, "xfconf: an administrator's lock")
        self._names.append("" if element == "channel" else attributes.get("name", "?"))
        if element == "property" and "value" in attributes:
            self.found["/".join(self._names)] = attributes["value"]

    def end(self, element: str) -> None:
        self._names.pop()

    def doctype(self, *_: object) -> None:
        raise CollectError(Why.UNPARSABLE, "xfconf: a document type, which these files never have")
