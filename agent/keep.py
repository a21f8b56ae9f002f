"""What happens to a finished audit: the status file for connectors, the outbox for the practice, the bytes for you."""

import contextlib
import os
import random
from datetime import datetime
from pathlib import Path

from agent.atomic import write_atomic
from agent.attestations import withdraw
from agent.config import Transport
from agent.desk import Desk
from agent.outbox import Outbox
from agent.outbox_model import OutboxError, Parcel, Terms, Trouble
from agent.runner import Audit
from agent.status_file import write_status
from checks.model import Kind
from checks.plurals import counted
from reports.deliver.bodies import Seen
from reports.deliver.errors import TransportError
from reports.envelope import EnvelopeError, Report, fingerprint, from_bytes, to_bytes

MOST_ASIDE = 1000
"""Reports that the outbox refused and that wait beside it."""
SENT = "Sent to your practice. See the exact bytes: scrubin report --sent"


def keep(desk: Desk, done: Audit, *, now: datetime, send: bool = True) -> tuple[str, ...]:
    """Keep and queue a report and, if wanted, try to send what waits. Answers sentences for the person.

    Never raises for a full disk or a dead network: the audit itself stands.
    """
    notes: list[str] = []
    box = outbox(desk)
    if desk.config.transport is not Transport.NONE:
        notes += _queued(desk, box, done.report, now)
    notes += _tried(desk, done, now)
    notes += _sent(desk, box, now) if send and desk.config.transport is not Transport.NONE else []
    notes += _written(desk, box, done.report)
    notes += withdraw(desk.places.state, desk.door, done.report.findings)
    return tuple(notes)


def outbox(desk: Desk) -> Outbox:
    """This laptop's queue."""
    terms = Terms(chained=desk.config.transport is Transport.CONSOLE)
    return Outbox(str(desk.places.outbox), random=random.random, terms=terms)


def parcel(report: Report) -> Parcel:
    """A report as the outbox takes it."""
    return Parcel(
        id=report.id,
        device_id=report.device.id,
        fingerprint=fingerprint(report),
        basis=f"{report.policy_id} {report.policy_version} {report.agent_version}",
        body=to_bytes(report),
        seen=tuple(Seen(uid=one.uid, status=one.status, observed_at=one.observed_at) for one in report.findings),
        created_at=report.generated_at,
    )


def _queued(desk: Desk, box: Outbox, report: Report, now: datetime) -> list[str]:
    """Put a report in, those before it that had been refused first. A refused one is put beside the queue."""
    notes: list[str] = []
    try:
        for path in _aside(desk):
            notes += _queued_again(box, path, now)
        receipt = box.enqueue(parcel(report), now=now)
    except (OutboxError, OSError) as error:
        return [*notes, f"This report is not queued for your practice. {_words(error)} {_put_aside(desk, report)}"]
    if receipt.set_aside is not None:
        notes.append("The queue of reports was damaged. It was put aside, and a new one was begun: scrubin doctor")
    return notes


def _queued_again(box: Outbox, path: Path, now: datetime) -> list[str]:
    """Put one in that had been refused. One that can never go in is renamed, so that it holds up no later report."""
    try:
        box.enqueue(parcel(from_bytes(path.read_bytes())), now=now)
    except FileNotFoundError:  # another check was quicker
        return []
    except (EnvelopeError, OutboxError) as error:
        if isinstance(error, OutboxError) and error.reason not in (Trouble.UNFIT, Trouble.CONFLICT):
            raise
        path.rename(path.with_suffix(".damaged"))
        return ["A report that waited beside the queue is damaged and can't be sent. It is kept there; tell your IT."]
    path.unlink(missing_ok=True)
    return []


def _words(error: OutboxError | OSError) -> str:
    """What went wrong, without the path that an OSError quotes: notes go to logs, too."""
    if isinstance(error, OutboxError):
        return error.sentence
    return f"The state folder can't be used ({error.strerror})."


def _aside(desk: Desk) -> list[Path]:
    """Refused reports, oldest first."""
    dated = []
    for path in (desk.places.state / "refused").glob("*.json"):
        with contextlib.suppress(FileNotFoundError):  # another check has just put it in
            dated.append((path.stat().st_mtime_ns, path))
    return [path for _, path in sorted(dated)]


def _put_aside(desk: Desk, report: Report) -> str:
    try:
        if len(_aside(desk)) >= MOST_ASIDE:
            return "There is no room to keep it beside the queue."
        write_atomic(os.fspath(desk.places.state / "refused" / f"{report.id}.json"), to_bytes(report))
    except OSError as error:
        return f"It could not be kept beside the queue either: {error.strerror}."
    return "It is kept beside the queue and goes in with the next check."


def _tried(desk: Desk, done: Audit, now: datetime) -> list[str]:
    """What drafts of the practice's policy make of it is sent by and by."""
    said = desk.told.said
    if said is None or desk.config.transport is not Transport.CONSOLE:
        return []
    from agent.trial import try_drafts  # most have no draft to try

    words = desk.waivers.granted, desk.attestations.given
    try:
        try_drafts(desk.places.state, said, done, desk.in_force.policy, waivers=words[0], statements=words[1], now=now)
    except OSError as error:
        return [_words(error)]
    return []


def _sent(desk: Desk, box: Outbox, now: datetime) -> list[str]:
    from agent.round import go  # a trial, or an audit of the daemon's, sends nothing

    try:
        done = go(desk, box, now=now)
    except TransportError as error:
        return [error.sentence]
    except (OutboxError, OSError) as error:
        return [f"Nothing was sent. {_words(error)}"]
    if done is None:
        return []
    if done.failures:
        verb = "waits" if done.waiting == 1 else "wait"
        return [f"{counted(done.waiting, 'report')} {verb} here. {done.failures[0]}", *done.told]
    if done.sent:
        return [SENT, *done.told]
    return list(done.told)


def _written(desk: Desk, box: Outbox, report: Report) -> list[str]:
    try:
        kept = desk.places.kept(report.device.id if report.device.kind is Kind.PHONE else None)
        write_atomic(os.fspath(kept.last_report), to_bytes(report))
        write_status(kept.status, kept.status_table, report, box.pending())
    except (OSError, OutboxError) as error:
        return [f"What was found could not be kept on this laptop. {_words(error)}"]
    return []
