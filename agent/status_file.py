"""The small status file that every connector reads, and its SQLite twin for osquery: verdicts, nothing personal."""

import json
import os
import sqlite3
import stat
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from agent.atomic import PRIVATE, write_atomic
from agent.outbox_model import Queue
from checks.model import Attestation, Level, Overall, Severity, Status
from reports.deliver.bodies import utc_text
from reports.envelope import EnvelopeError, Report, attestation_mapping, encode, from_bytes, read_attestation

Where = str | os.PathLike[str]
SCHEMA = "scrubin/status/1"
FILE_BYTES = 256 << 10
"""A real one has a few thousand bytes."""
FINDINGS = 1000
AHEAD = timedelta(minutes=5)
"""A file from further in the future than this was written under another clock, and its age means nothing."""


class Problem(StrEnum):
    """Why there is no status to go by."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    GARBLED = "garbled"
    OTHER_SCHEMA = "other_schema"
    OLD = "old"
    FROM_THE_FUTURE = "from_the_future"


SAYS = {
    Problem.MISSING: "No audit has been made yet: there is no status file.",
    Problem.UNREADABLE: "The status file cannot be read by this account.",
    Problem.GARBLED: "The status file is damaged or is not one; the next audit replaces it.",
    Problem.OTHER_SCHEMA: "The status file was written by another version of this program.",
    Problem.OLD: "The last audit is too long ago to go by.",
    Problem.FROM_THE_FUTURE: "The status file is dated in the future: the clock has been changed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusProblem:
    """There is no status to go by; whoever must answer yes or no answers no."""

    problem: Problem
    sentence: str
    """For a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckStatus:
    """One check, as connectors see it."""

    check_id: str
    status: Status
    severity: Severity
    level: Level
    observed_at: datetime
    """Aware, UTC."""
    reasons: tuple[str, ...]
    """The check's own codes."""
    attestation: Attestation | None = None
    """The person's own word where the device cannot say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How sending stands."""

    waiting: int
    oldest_waiting_at: datetime | None
    last_delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusFile:
    """A device's last audit and how its delivery stands."""

    device_id: str
    overall: Overall
    policy_id: str
    policy_version: str
    generated_at: datetime
    """When the audit was made. Aware, UTC."""
    proven: bool
    """The audit found the known-bad settings that it planted."""
    findings: tuple[CheckStatus, ...]
    delivery: Delivery


def status_of(report: Report, delivery: Delivery) -> StatusFile:
    """What of a report belongs into the status file."""
    return StatusFile(
        device_id=report.device.id,
        overall=report.overall,
        policy_id=report.policy_id,
        policy_version=report.policy_version,
        generated_at=report.generated_at,
        proven=report.proof.proven,
        findings=tuple(
            CheckStatus(
                check_id=one.check_id,
                status=one.status,
                severity=one.severity,
                level=one.level,
                observed_at=one.observed_at,
                reasons=_codes(one.measures.get("reasons", ())),
                attestation=one.attestation,
            )
            for one in report.findings
        ),
        delivery=delivery,
    )


def write_status(path: Where, table: Where, report: Report, queue: Queue, *, mode: int = PRIVATE) -> None:
    """Replace the file and its twin, each as one. Raises OSError; what was not replaced stands as it was."""
    delivery = Delivery(
        waiting=queue.waiting, oldest_waiting_at=queue.oldest_waiting_at, last_delivered_at=queue.last_delivered_at
    )
    write_atomic(os.fspath(path), encode(_mapping(status_of(report, delivery))) + b"\n", mode=mode)
    write_atomic(os.fspath(table), table_image(report), mode=mode)


def table_image(report: Report) -> bytes:
    """The bytes of the twin: journal_mode DELETE, one table. Built in memory, so that no half of it is ever on disk."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(
            """CREATE TABLE check_status(check_id TEXT NOT NULL, status TEXT NOT NULL, severity TEXT NOT NULL,
            observed_at INTEGER NOT NULL, policy TEXT NOT NULL, detail TEXT NOT NULL)"""
        )
        policy = f"{report.policy_id} {report.policy_version}"
        db.executemany(
            "INSERT INTO check_status VALUES (?, ?, ?, ?, ?, ?)",
            (
                (one.check_id, one.status, one.severity, int(one.observed_at.timestamp()), policy, one.because)
                for one in report.findings
            ),
        )
        db.commit()
        return db.serialize()


def read_status(path: Where, *, now: datetime, max_age: timedelta | None = None) -> StatusFile | StatusProblem:
    """The status, or why there is none to go by. Never raises for what the file is or holds."""
    try:
        text = _text(path)
        status = _status(text) if isinstance(text, bytes) else text
    except FileNotFoundError:
        return _problem(Problem.MISSING)
    except OSError:
        return _problem(Problem.UNREADABLE)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError):
        return _problem(Problem.GARBLED)
    if isinstance(status, Problem):
        return _problem(status)
    if status.generated_at > now + AHEAD:
        return _problem(Problem.FROM_THE_FUTURE)
    if max_age is not None and now - status.generated_at > max_age:
        return _problem(Problem.OLD)
    return status


def read_report(path: Where) -> Report | None:
    """The last report that is kept beside the status; None where there is none to go by: the next check writes it."""
    try:
        text = _text(path)
        return from_bytes(text) if isinstance(text, bytes) else None
    except (OSError, EnvelopeError):
        return None


def _problem(problem: Problem) -> StatusProblem:
    return StatusProblem(problem=problem, sentence=SAYS[problem])


def _text(path: Where) -> bytes | Problem:
    """Bounded, and without waiting on a pipe that stands where the file should."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return Problem.GARBLED
        with os.fdopen(handle, "rb", closefd=False) as file:
            text = file.read(FILE_BYTES + 1)
    finally:
        os.close(handle)
    return text if len(text) <= FILE_BYTES else Problem.GARBLED


def _mapping(status: StatusFile) -> Mapping[str, Any]:
    return {
        "schema": SCHEMA,
        "device_id": status.device_id,
        "overall": status.overall,
        "policy": {"id": status.policy_id, "version": status.policy_version},
        "generated_at": utc_text(status.generated_at),
        "proof": "proven" if status.proven else "unproven",
        "findings": [
            {
                "check_id": one.check_id,
                "status": one.status,
                "severity": one.severity,
                "level": one.level,
                "observed_at": utc_text(one.observed_at),
                "reasons": list(one.reasons),
                "attestation": None if one.attestation is None else attestation_mapping(one.attestation),
            }
            for one in status.findings
        ],
        "delivery": {
            "waiting": status.delivery.waiting,
            "oldest_waiting_at": _maybe_text(status.delivery.oldest_waiting_at),
            "last_delivered_at": _maybe_text(status.delivery.last_delivered_at),
        },
    }


def _status(text: bytes) -> StatusFile | Problem:
    """Raises ValueError, KeyError, TypeError or AttributeError for anything that this program did not write."""
    body = json.loads(text)
    if body["schema"] != SCHEMA:
        return Problem.OTHER_SCHEMA
    findings = body["findings"]
    if len(findings) > FINDINGS:
        raise ValueError("too many findings")
    return StatusFile(
        device_id=_word(body["device_id"]),
        overall=Overall(body["overall"]),
        policy_id=_word(body["policy"]["id"]),
        policy_version=_word(body["policy"]["version"]),
        generated_at=_moment(body["generated_at"]),
        proven={"proven": True, "unproven": False}[body["proof"]],
        findings=tuple(_check(one) for one in findings),
        delivery=_delivery(body["delivery"]),
    )


def _check(body: Mapping[str, Any]) -> CheckStatus:
    return CheckStatus(
        check_id=_word(body["check_id"]),
        status=Status(body["status"]),
        severity=Severity(body["severity"]),
        level=Level(body["level"]),
        observed_at=_moment(body["observed_at"]),
        reasons=_codes(body["reasons"]),
        # A file of the version before this key is still read.
        attestation=read_attestation(body.get("attestation")),
    )


def _delivery(body: Mapping[str, Any]) -> Delivery:
    waiting = body["waiting"]
    if type(waiting) is not int or waiting < 0:
        raise ValueError("waiting is no count")
    return Delivery(
        waiting=waiting,
        oldest_waiting_at=_maybe_moment(body["oldest_waiting_at"]),
        last_delivered_at=_maybe_moment(body["last_delivered_at"]),
    )


def _word(value: object) -> str:
    if not isinstance(value, str) or len(value) > 200 or not value.isprintable():
        raise ValueError("a short text expected")
    return value


def _codes(value: object) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or len(value) > FINDINGS:
        raise ValueError("codes expected")
    return tuple(_word(one) for one in value)


def _moment(value: object) -> datetime:
    return datetime.strptime(_word(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


def _maybe_moment(value: object) -> datetime | None:
    return None if value is None else _moment(value)


def _maybe_text(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
