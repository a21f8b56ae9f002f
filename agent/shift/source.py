"""Gets a roster: a file on this laptop, or a feed over HTTPS of which a copy without names is kept for bad days."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

from agent.atomic import read_bounded, write_atomic
from agent.shift.bounds import ROSTER_BYTES, RosterTrouble
from agent.shift.entries import calendar
from agent.shift.lines import text_of
from agent.shift.written import written
from reports.deliver.errors import TransportError
from reports.deliver.https_door import Answer

FILE = "feed.json"
SCHEMA = "scrubin/roster-kept/1"
KEYS = {"schema", "feed", "etag", "at", "text"}
MOST_BYTES = 3 * ROSTER_BYTES
HOPS = 3
"""Redirections that are followed, on the same server only."""
KEPT_FOR = timedelta(days=14)
ETAG = re.compile(r'(?:W/)?"[!#-~]{0,200}"')
UNREADABLE = "The roster file can't be read ({})."
ELSEWHERE = "The roster's server sends us to another place, where we don't go. Use the address that it sends to."
REFUSED = "The roster's server answered with {}."
UNREACHED = "The roster's server can't be reached ({})."


class Asks(Protocol):
    """The way to the feed's server; see reports.deliver.https_door.Door."""

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, most_bytes: int | None = None
    ) -> Answer:
        """One exchange. Raises TransportError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A roster as it could be had."""

    text: str
    """iCalendar."""
    at: datetime
    """When it was so. Aware, UTC."""
    trouble: str = ""
    """Why it is an older copy, as a sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    etag: str
    at: datetime
    text: str


def from_file(path: str, *, now: datetime) -> Roster:
    """Raises RosterTrouble."""
    try:
        data = read_bounded(path, ROSTER_BYTES)
    except OSError as error:
        raise RosterTrouble(UNREADABLE.format(error.strerror or "not a regular file")) from error
    return Roster(text=text_of(data), at=now)


def from_feed(url: str, folder: Path, door: Asks, *, now: datetime) -> Roster:
    """Ask the server; where that fails, take the copy in `folder`. Raises RosterTrouble where there is none to use."""
    kept = _kept(folder, url, now)
    try:
        answer = _asked(url, door, kept)
        if answer.status == 304 and kept is not None:
            return _keep(folder, url, _Kept(etag=kept.etag, at=now, text=kept.text))
        if answer.status != 200:
            raise RosterTrouble(REFUSED.format(answer.status))
        # Without titles, places and people: those are not needed, so they are not kept.
        text = written(calendar(text_of(answer.body)))
    except RosterTrouble as trouble:
        if kept is None:
            raise
        return Roster(text=kept.text, at=kept.at, trouble=str(trouble))
    etag = answer.headers.get("etag", "")
    return _keep(folder, url, _Kept(etag=etag if ETAG.fullmatch(etag) else "", at=now, text=text))


def _asked(url: str, door: Asks, kept: _Kept | None) -> Answer:
    said = {"Accept": "text/calendar"}
    if kept is not None and kept.etag:
        said["If-None-Match"] = kept.etag
    here = url
    for _ in range(HOPS):
        parts = urlsplit(here)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        try:
            answer = door.ask("GET", path, headers=said, most_bytes=ROSTER_BYTES)
        except TransportError as error:
            raise RosterTrouble(UNREACHED.format(error.reason)) from error
        if answer.status not in (301, 302, 303, 307, 308):
            return answer
        here = _next(here, answer.headers.get("location", ""))
    raise RosterTrouble(ELSEWHERE)


def _next(here: str, location: str) -> str:
    """Where a redirection leads. Raises RosterTrouble where that is another server."""
    try:
        there = urlsplit(urljoin(here, location))
        same = (there.scheme, there.netloc) == (urlsplit(here).scheme, urlsplit(here).netloc)
    except ValueError as error:
        raise RosterTrouble(ELSEWHERE) from error
    if not location or not same or any(ord(char) < 33 for char in there.geturl()):
        raise RosterTrouble(ELSEWHERE)
    return there.geturl()


def _digest(url: str) -> str:
    """Names the feed; its address may hold a secret."""
    return hashlib.sha256(url.encode()).hexdigest()


def _keep(folder: Path, url: str, kept: _Kept) -> Roster:
    body = {"schema": SCHEMA, "feed": _digest(url), "etag": kept.etag, "at": kept.at.isoformat(), "text": kept.text}
    trouble = ""
    try:
        write_atomic(str(folder / FILE), json.dumps(body).encode())
    except OSError as error:
        trouble = f"The roster could not be kept for days without network ({error.strerror})."
    return Roster(text=kept.text, at=kept.at, trouble=trouble)


def _kept(folder: Path, url: str, now: datetime) -> _Kept | None:
    """The copy of this very feed; None where there is none that is fresh enough and ours."""
    try:
        raw = read_bounded(str(folder / FILE), MOST_BYTES)
        kept = _read(json.loads(raw), url) if len(raw) <= MOST_BYTES else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return kept if kept is not None and timedelta(0) <= now - kept.at <= KEPT_FOR else None


def _read(body: Any, url: str) -> _Kept | None:
    """Raises ValueError, KeyError or TypeError for anything that this program did not write."""
    if set(body) != KEYS or body["schema"] != SCHEMA or not isinstance(body["text"], str):
        raise ValueError("another form")
    at = datetime.fromisoformat(body["at"])
    if at.tzinfo is None or body["feed"] != _digest(url):
        return None
    etag = body["etag"]
    return _Kept(etag=etag if ETAG.fullmatch(etag) else "", at=at, text=body["text"])
