"""`scrubin devices`: this laptop and its phones, how each is attached, and what its last check said."""

import argparse
import json
import os
import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from agent import desk as desks
from agent.collect.adb.devices import State
from agent.commands.status import age
from agent.devices import NOTHING, advice, fingerprint_end
from agent.escape import printable
from agent.exits import Answer, Exit
from agent.register import Entry, entries, introduced
from agent.standing import OLD
from agent.status_file import StatusFile
from agent.surroundings import Around, around
from agent.tell import MARKS
from checks.model import Kind, Overall, Ownership, Status

SCHEMA = "scrubin/devices/1"
WIDTH = 80
COLUMNS = (("STATE", 20), ("LAST CHECK", 13), ("VERDICT", 16))
LONGEST_NAME = 20
ALIKE_DIGITS = 4
WHOSE: Mapping[Ownership | None, str] = {
    Ownership.PERSONAL: "own",
    Ownership.PRACTICE_OWNED: "practice",
    Ownership.DEDICATED_CAMERA: "camera",
    None: "not known",
}


def run(arguments: argparse.Namespace) -> Answer:
    """List them, pair with one more, or forget one. Raises CannotRun, WrongUse."""
    if arguments.act == "pair":
        from agent.commands.devices_pair import pair

        return pair(arguments)
    if arguments.act == "forget":
        from agent.commands.devices_forget import forget

        return forget(arguments)
    desk = desks.open_desk()
    now = desks.now()
    here = around(os.environ)
    named = introduced(here.port, here.seen, ownership=desk.config.phone_ownership, now=now)
    rows = entries(desk.places, named, laptop=desk.config.ownership, now=now)
    code = Exit.CANNOT_TELL if here.trouble else Exit.COMPLIANT
    if arguments.json:
        return Answer(code=code, out=json.dumps(_mapping(rows, here, now), ensure_ascii=True) + "\n")
    lines = [*_table(rows, now), "", *_advice(rows, here, now, key_end=fingerprint_end(desk.door.home))]
    return Answer(code=code, out="\n".join(lines).rstrip() + "\n")


def _table(rows: Sequence[Entry], now: datetime) -> Iterator[str]:
    names = _names(rows)
    wide = max(12, *(len(one) for one in names)) + 2
    yield _line("DEVICE", wide, ("STATE", "LAST CHECK", "VERDICT"), "WHOSE")
    for name, row in zip(names, rows, strict=True):
        yield _line(name, wide, (_state(row), _last(row, now), _verdict(row, now)), WHOSE[row.ownership])


def _line(name: str, wide: int, cells: Sequence[str], whose: str) -> str:
    middle = "".join(f"{cell:<{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))
    return f"  {name:<{wide}}{middle}{whose}".rstrip()


def _names(rows: Sequence[Entry]) -> list[str]:
    """Names as people say them. Where two phones would look alike, the end of each one's serial is put behind."""
    names = ["This laptop" if one.kind is Kind.LAPTOP else _cut(one.model) or "(a phone)" for one in rows]
    often = Counter(names)
    return [f"{name} {_end(row)}".rstrip() if often[name] > 1 else name for name, row in zip(names, rows, strict=True)]


def _cut(model: str) -> str:
    shown = printable(model)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 3]}..."


def _end(row: Entry) -> str:
    return printable(row.serial[-ALIKE_DIGITS:])


def _state(row: Entry) -> str:
    if row.kind is Kind.LAPTOP:
        return "here"
    return NOTHING.brief if row.seen is None else advice(row.seen, key_end=None).brief


def _last(row: Entry, now: datetime) -> str:
    if row.last is None:
        return "never"
    return _ago(row.last, now) if isinstance(row.last, StatusFile) else "not readable"


def _ago(last: StatusFile, now: datetime) -> str:
    words = age(now - last.generated_at)
    return "just now" if words.startswith("less") else f"{words.replace('minute', 'min').replace('mins', 'min')} ago"


def _verdict(row: Entry, now: datetime) -> str:
    if not isinstance(row.last, StatusFile):
        return f"{MARKS[Status.ERROR][0]} not checked"
    if now - row.last.generated_at > OLD:
        return f"{MARKS[Status.UNKNOWN][0]} out of date"
    match row.last.overall:
        case Overall.COMPLIANT:
            return f"{MARKS[Status.PASS][0]} ready"
        case Overall.NOT_COMPLIANT:
            return f"{MARKS[Status.FAIL][0]} {row.to_fix or ''} to fix".replace("  ", " ")
        case Overall.CANNOT_TELL:
            return f"{MARKS[Status.UNKNOWN][0]} can't tell"


def _advice(rows: Sequence[Entry], here: Around, now: datetime, *, key_end: str | None) -> Iterator[str]:
    """What stands in the way, each thing said once however many phones have it, with what to do."""
    if here.trouble:
        yield from textwrap.wrap(here.trouble, WIDTH)
    told = {advice(row.seen, key_end=key_end): None for row in rows if row.seen is not None and _news(row)}
    if not here.seen and not here.trouble:
        told[NOTHING] = None
    for each in told:
        yield from _said(each.said, each.action)
    for name, row in zip(_names(rows), rows, strict=True):
        if row.kind is Kind.PHONE and row.seen is None and "out of date" in _verdict(row, now):
            yield from _said(
                f"Last check of {name}: {_last(row, now)}, too long to go by.",
                f'Plug it in and unlock it, or say that it is gone: scrubin devices forget "{row.model or row.id}"',
            )


def _news(row: Entry) -> bool:
    """A phone that can be checked and was needs no words."""
    return row.last is None or (row.seen is not None and row.seen.state is not State.READY)


def _said(said: str, action: str) -> Iterator[str]:
    yield from textwrap.wrap(said, WIDTH)
    yield from textwrap.wrap(action, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _mapping(rows: Sequence[Entry], here: Around, now: datetime) -> dict[str, object]:
    return {"schema": SCHEMA, "trouble": here.trouble or None, "devices": [_device(one, now) for one in rows]}


def _device(row: Entry, now: datetime) -> dict[str, object]:
    """No serial and no address: whoever reads this knows devices by their ids."""
    last = row.last if isinstance(row.last, StatusFile) else None
    return {
        "id": row.id,
        "kind": row.kind,
        "model": row.model,
        "ownership": row.ownership,
        "state": None if row.seen is None else row.seen.state,
        "wireless": None if row.seen is None else row.seen.wireless,
        "last_check_at": None if last is None else last.generated_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "overall": None if last is None else last.overall,
        "out_of_date": None if last is None else now - last.generated_at > OLD,
    }
