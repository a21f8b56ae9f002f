"""The acts of `scrubin console` that look into it: devices, open findings, a waiver, the sheet of a lost device."""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from agent.atomic import write_atomic
from agent.commands.console_open import opened
from agent.escape import printable
from agent.exits import Answer, Exit, WrongUse
from reports.console import fleet, fleet_findings, start, waiving
from reports.console.acts import OPERATOR
from reports.console.console import Console
from reports.console.fleet import DeviceRow, Filter, Verdict
from reports.console.fleet_findings import FindingFilter, FindingRow
from reports.console.lost import Loss, make_sheet, sheet_of
from reports.console.lost_paper import as_pdf
from reports.console.store import tables
from reports.web import words

SECONDS_A_DAY = 86400
NOBODY = "-"


def devices(arguments: argparse.Namespace) -> Answer:
    """`console devices`: 1 where one is not compliant, 2 where one is overdue or cannot tell, else 0."""
    wanted = Filter(search=arguments.find, verdict=None if arguments.verdict is None else Verdict(arguments.verdict))
    with opened(arguments) as console, console.store.read() as db:
        practice_id = start.only_practice(console, arguments.practice)
        rows = list(fleet.every_device(db, practice_id, console.now(), wanted))
        now = console.now()
    code = _code({one.verdict for one in rows})
    if arguments.json:
        return _json(code, "scrubin/console-devices/1", devices=[_device(one) for one in rows])
    lines = [_columns(("DEVICE", "VERDICT", "TO FIX", "HEARD", "MODEL", "USER"))]
    lines += [
        _columns(
            (one.id, words.OVERALL[one.verdict], str(one.to_fix), words.ago(one.received_at, now), one.model, one.label)
        )
        for one in rows
    ]
    return Answer(code=code, out="\n".join(lines) + "\n" if rows else "No device matches.\n")


def _code(verdicts: set[Verdict]) -> Exit:
    if Verdict.NOT_COMPLIANT in verdicts:
        return Exit.NOT_COMPLIANT
    return Exit.CANNOT_TELL if verdicts & {Verdict.CANNOT_TELL, Verdict.OVERDUE} else Exit.COMPLIANT


def _device(one: DeviceRow) -> dict[str, Any]:
    times = {name: words.iso(getattr(one, name)) for name in ("received_at", "due_at")}
    return {**asdict(one), **times, "oldest": None if one.oldest is None else words.iso(one.oldest)}


def findings(arguments: argparse.Namespace) -> Answer:
    """`console findings`: those that are required, open and not waived; 1 where there is one, else 0."""
    wanted = FindingFilter(check_id=arguments.check or "")
    with opened(arguments) as console, console.store.read() as db:
        practice_id = start.only_practice(console, arguments.practice)
        now = console.now()
        rows = list(fleet_findings.every_finding(db, practice_id, now, wanted))
    code = Exit.NOT_COMPLIANT if rows else Exit.COMPLIANT
    if arguments.json:
        return _json(code, "scrubin/console-findings/1", findings=[_finding(one) for one in rows])
    lines = [_columns(("DEVICE", "STATUS", "SINCE", "CHECK", "MODEL", "USER"))]
    lines += [
        _columns((one.device_id, one.status, words.ago(one.open_since, now), one.check_id, one.model, one.label))
        for one in rows
    ]
    return Answer(code=code, out="\n".join(lines) + "\n" if rows else "Nothing is open.\n")


def _finding(one: FindingRow) -> dict[str, Any]:
    times = {name: words.iso(getattr(one, name)) for name in ("open_since", "observed_at")}
    return {**asdict(one), **times, "waived_until": None if one.waived_until is None else words.iso(one.waived_until)}


def waive(arguments: argparse.Namespace) -> Answer:
    """`console waive`. Raises WrongUse where there is no such open finding, Refusal."""
    with opened(arguments) as console:
        practice_id = start.only_practice(console, arguments.practice)
        with console.store.write() as db:
            until = console.now() + arguments.days * SECONDS_A_DAY
            made = waiving.give(
                db,
                console,
                practice_id=practice_id,
                device_id=arguments.device,
                uid=_uid(db, practice_id, arguments.device, arguments.check),
                owner=arguments.owner,
                reason=arguments.reason,
                until=until,
                by=OPERATOR,
                by_kind="operator",
            )
    if arguments.json:
        return _json(Exit.COMPLIANT, "scrubin/console-waiver/1", id=made, until=words.iso(until))
    told = "The device takes it over when it next asks."
    return Answer(code=Exit.COMPLIANT, out=f"Waived until {words.iso(until)}. {told}\n")


def _uid(db: sa.Connection, practice_id: str, device_id: str, check_id: str) -> str:
    row = tables.findings.c
    mine = (row.practice_id == practice_id, row.device_id == device_id, row.check_id == check_id)
    found = list(db.scalars(sa.select(row.uid).where(*mine, row.failed_since.is_not(None)).limit(2)))
    if len(found) != 1:
        raise WrongUse("that device has no such open finding: see scrubin console findings")
    return str(found[0])


def group_named(console: Console, practice_id: str, name: str | None) -> str | None:
    """The id of a group. Raises WrongUse."""
    if name is None:
        return None
    row = tables.groups.c
    with console.store.read() as db:
        found = db.scalar(sa.select(row.id).where(row.practice_id == practice_id, row.name == name))
    if found is None:
        raise WrongUse("there is no group of that name")
    return str(found)


def _columns(cells: Sequence[str]) -> str:
    widths = (38, 15, 8, 18, 24)
    shown = [printable(cell) or NOBODY for cell in cells]
    padded: Iterator[str] = (cell.ljust(width) for cell, width in zip(shown, widths, strict=False))
    return "".join([*padded, shown[-1]]).rstrip()


def _json(code: Exit, schema: str, **body: Any) -> Answer:
    return Answer(code=code, out=json.dumps({"schema": schema, **body}) + "\n")


def lost(arguments: argparse.Namespace) -> Answer:
    """`console lost`: a sheet is made, signed and kept, and written as PDF. Raises WrongUse, OSError, Refusal."""
    with opened(arguments) as console:
        practice_id = start.only_practice(console, arguments.practice)
        loss = Loss(aware_on=_day(arguments.aware))
        with console.store.write() as db:
            about = {"practice_id": practice_id, "device_id": arguments.device}
            made = make_sheet(db, console, **about, by=OPERATOR, by_kind="operator", loss=loss)
        with console.store.read() as db:
            sheet = sheet_of(db, practice_id, made)
    write_atomic(str(Path(arguments.pdf).absolute()), as_pdf(sheet))
    if arguments.json:
        return _json(Exit.COMPLIANT, "scrubin/console-lost/1", id=made, case=sheet.facts["case"])
    return Answer(code=Exit.COMPLIANT, out=f"Sheet {sheet.facts['case']} is written. It draws no legal conclusion.\n")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongUse("--aware: a date such as 2026-11-21 was expected") from error
