"""`scrubin shift`: what the agent has done for it in a short-lived process: read the roster, and tell the person."""

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent import desk as desks
from agent.exits import Answer, Exit
from agent.places import Places
from agent.shift.bounds import RosterTrouble, bounded
from agent.shift.words import words

if TYPE_CHECKING:
    from reports.deliver.https_door import Door  # TLS is for feeds only

NEXT = "scrubin/shifts/1"
TOLD = "scrubin/shift-told/1"
FOLDER = "shift"
FEED_S = 20.0
INCOMPLETE = "The roster can't be read: this installation lacks the extra `page`."


def run(arguments: argparse.Namespace) -> Answer:
    """Answer in JSON, which nobody but the agent reads. Raises CannotRun."""
    return _tell() if arguments.act == "tell" else _next()


def _next() -> Answer:
    """When the coming shifts begin; of the roster nothing else leaves this process."""
    desk = desks.open_desk()
    body: dict[str, object] = {"schema": NEXT, "starts": [], "odd": 0, "trouble": ""}
    try:
        with bounded():
            body |= _read(desk)
    except RosterTrouble as trouble:
        body["trouble"] = str(trouble)
    code = Exit.CANNOT_TELL if body["trouble"] else Exit.COMPLIANT
    return Answer(code=code, out=json.dumps(body) + "\n")


def _read(desk: desks.Desk) -> dict[str, object]:
    """Raises RosterTrouble."""
    from agent.shift import source

    try:
        from agent.shift.roster import coming
    except ImportError as error:
        raise RosterTrouble(INCOMPLETE) from error
    roster, now = desk.config.roster, desks.now()
    if roster is None:
        return {}
    if roster.file:
        had = source.from_file(roster.file, now=now)
    else:
        had = source.from_feed(roster.feed, folder(desk.places), _door(roster.feed), now=now)
    found = coming(had.text, now=now)
    starts = [one.strftime("%Y-%m-%dT%H:%M:%SZ") for one in found.starts]
    trouble = had.trouble
    if had.at < now:
        trouble += f" The copy of {had.at.astimezone():%-d %b %Y} is used."
    return {"starts": starts, "odd": found.odd, "trouble": trouble}


def folder(where: Places) -> Path:
    """What is kept of shifts."""
    return where.state / FOLDER


def _door(url: str) -> "Door":
    """By the system's proxy and the system's list of authorities."""
    import ssl

    import truststore

    from agent.collect.host import LocalHost
    from agent.enrolment_proxy import system_proxies
    from reports.deliver.https_door import Door, Limits

    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc}"
    limits = Limits(connect_s=FEED_S / 2, read_s=FEED_S / 2, total_s=FEED_S)
    return Door(
        origin, tls=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT), proxies=system_proxies(url, LocalHost()),
        limits=limits,
    )  # fmt: skip


def _tell() -> Answer:
    """Show one notification. What it says is made here, of what was kept: nobody hands it a text."""
    from agent.brief import last

    try:
        from agent.shift.bell import Rung, bus_address, ring
    except ImportError:
        return _rung("not_installed", Exit.CANNOT_TELL)
    rung = ring(words(last(desks.open_desk(), desks.now())), address=bus_address(os.environ))
    return _rung(rung, Exit.COMPLIANT if rung is Rung.SHOWN else Exit.CANNOT_TELL)


def _rung(how: str, code: Exit) -> Answer:
    return Answer(code=code, out=json.dumps({"schema": TOLD, "rung": how}) + "\n")
