"""The acts of `scrubin console` that start, keep and mend it; those that look into it are in console_looks.py."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.commands import console_looks
from agent.commands.console_open import data_of, open_here, opened
from agent.exits import Answer, Exit
from reports.console import start
from reports.console.acts import OPERATOR
from reports.console.backup import restore_backup, write_backup
from reports.console.console import Console
from reports.console.intake.codes import make_code
from reports.console.serve import Listening, listening, serve
from reports.console.store.engine import Store, parse_url, sqlite_url


def _serve(arguments: argparse.Namespace) -> Answer:
    where = listening(arguments.listen, certificate=arguments.certificate, key=arguments.key)
    console = open_here(arguments)
    try:
        start.ready(console)
        link = start.first_link(console, _first(arguments))
        serve(console, where, started=lambda: _say(arguments, console, where, link))
    finally:
        console.store.close()
    return Answer(code=Exit.COMPLIANT)


def _first(arguments: argparse.Namespace) -> start.First:
    return start.First(practice=arguments.practice, timezone=arguments.timezone, email=arguments.administrator)


def _say(arguments: argparse.Namespace, console: Console, where: Listening, link: str | None) -> None:
    """Once it listens: where, and how the first administrator gets in."""
    address = console.public_url or where.address
    first = None if link is None else f"{address}{link}"
    if arguments.json:
        text = json.dumps({"schema": "scrubin/console/1", "address": address, "first_link": first})
    elif first is None:
        text = f"The console is at {address}"
    else:
        text = (
            f"The console is at {address}\n\nThe first administrator sets a password here, once, within 24 hours:\n"
            f"  {first}\n"
        )
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _code(arguments: argparse.Namespace) -> Answer:
    with opened(arguments) as console:
        practice_id = start.only_practice(console, arguments.practice)
        group_id = console_looks.group_named(console, practice_id, arguments.group)
        with console.store.write() as db:
            code = make_code(
                db,
                console,
                practice_id=practice_id,
                uses=arguments.uses,
                days=arguments.days,
                ownership=arguments.ownership,
                group_id=group_id,
                label=arguments.label,
                by=OPERATOR,
                actor_kind="operator",
            )
    if arguments.json:
        body = {"schema": "scrubin/code/1", "code": code, "uses": arguments.uses, "days": arguments.days}
        return Answer(code=Exit.COMPLIANT, out=json.dumps(body) + "\n")
    use = "once" if arguments.uses == 1 else f"{arguments.uses} times"
    days = "today and tomorrow" if arguments.days == 1 else f"for {arguments.days} days"
    hint = f"It can be used {use}, {days}. On the laptop: scrubin enrol ADDRESS {code}\n"
    return Answer(code=Exit.COMPLIANT, out=f"{code}\n", hints=hint)


def _practice(arguments: argparse.Namespace) -> Answer:
    first = start.First(practice=arguments.name, timezone=arguments.timezone, email=arguments.administrator)
    with opened(arguments) as console:
        practice_id, link = start.add_practice(console, first)
    if arguments.json:
        body = {"schema": "scrubin/practice/1", "id": practice_id, "first_link": link}
        return Answer(code=Exit.COMPLIANT, out=json.dumps(body) + "\n")
    return Answer(code=Exit.COMPLIANT, out=f"Made. Its administrator sets a password here, once: ADDRESS{link}\n")


def _link(arguments: argparse.Namespace) -> Answer:
    with opened(arguments) as console:
        practice_id = start.only_practice(console, arguments.practice)
        link = start.administrator_link(console, practice_id, arguments.email)
    if arguments.json:
        return Answer(code=Exit.COMPLIANT, out=json.dumps({"schema": "scrubin/link/1", "first_link": link}) + "\n")
    return Answer(code=Exit.COMPLIANT, out=f"Once, within 24 hours: ADDRESS{link}\n")


def _backup(arguments: argparse.Namespace) -> Answer:
    with opened(arguments) as console:
        counts = write_backup(console, Path(arguments.file).absolute(), key=data_of(arguments) / start.KEY)
    hint = "It holds the console's key: keep it as safe as the console itself.\n"
    return _counted(arguments, "scrubin/backup/1", counts, "written", hint)


def _restore(arguments: argparse.Namespace) -> Answer:
    data = data_of(arguments)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = Store(parse_url(arguments.database) if arguments.database else sqlite_url(str(data / start.DATABASE)))
    try:
        counts = restore_backup(Path(arguments.file), store, key=data / start.KEY)
    finally:
        store.close()
    return _counted(arguments, "scrubin/restore/1", counts, "put back", "")


def _counted(arguments: argparse.Namespace, schema: str, counts: Mapping[str, int], done: str, hint: str) -> Answer:
    if arguments.json:
        return Answer(code=Exit.COMPLIANT, out=json.dumps({"schema": schema, "rows": counts}) + "\n")
    return Answer(code=Exit.COMPLIANT, out=f"{sum(counts.values())} rows {done}.\n", hints=hint)


ACTS: Mapping[str, Callable[[argparse.Namespace], Answer]] = {
    "serve": _serve,
    "code": _code,
    "practice": _practice,
    "link": _link,
    "devices": console_looks.devices,
    "findings": console_looks.findings,
    "waive": console_looks.waive,
    "lost": console_looks.lost,
    "backup": _backup,
    "restore": _restore,
}
