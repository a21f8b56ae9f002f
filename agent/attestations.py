"""What the person said of settings that devices do not show: taken from the command line, kept in the state folder."""

import fcntl
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.atomic import private_folder, write_atomic
from agent.collect.host import CollectError, Host
from agent.escape import printable
from agent.exits import WrongUse
from agent.runner import Audit
from checks.attest import LONGEST, MOST_UNCLEAR, Statement, attest, standing, stated
from checks.evidence import Why
from checks.guidance import guidance
from checks.model import Finding, Status, Word
from checks.rollup import rollup
from checks.spec import Check
from reports.deliver.bodies import utc_text

FILE = "attestations.json"
SCHEMA = "scrubin/attestations/1"
MOST = 200
AHEAD = timedelta(hours=1)
"""Another check may have begun later than this one and be quicker; what lies further ahead is from another clock."""
KEYS = {"uid", "saw", "at", "until", "covers"}
UID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
COVERED = re.compile(r"[0-9a-f]{32}")
REFUSED = "The file of what you said by hand was refused, so none of it counts: {}. Say it again: scrubin check --saw"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestations:
    """What the file holds."""

    given: tuple[Statement, ...] = ()
    problem: str = ""
    """What is wrong with the file: then nothing is attested. "" when all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """`--saw cloud_backup=off`, read and found right."""

    check_id: str
    saw: Word


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The audits with what the person said, and sentences for the person."""

    audits: tuple[Audit, ...]
    notes: tuple[str, ...] = ()


def sayings(
    values: Sequence[str], checks: Iterable[Check[Any, Any]], *, recording: bool, trial: bool
) -> tuple[Saying, ...]:
    """Read what came with `--saw`. Raises WrongUse. `trial`: under a policy that was named on the command line."""
    if values and recording:
        raise WrongUse(
            "a recording shows a moment that is gone: --saw goes with a device that is here, not with --from"
        )
    if values and trial:
        raise WrongUse("what you saw is kept for your practice's own policy: leave --policy away")
    known = {one.id: one for one in checks}
    said = tuple(_saying(value, known) for value in values)
    if len({one.check_id for one in said}) < len(said):
        raise WrongUse("--saw was given twice for the same check")
    return said


def _saying(value: str, known: Mapping[str, Check[Any, Any]]) -> Saying:
    name, _, word = value.partition("=")
    check = known.get(name.strip().replace("-", "_"))
    saw = check.saw if check is not None else None
    if check is None or saw is None:
        allowed = ", ".join(f"{one.id}={one.saw.good}|{one.saw.bad}" for one in known.values() if one.saw is not None)
        raise WrongUse(f'--saw "{printable(name, 40)}": nothing to look up by hand. There are: {allowed or "none"}')
    word = word.strip().lower()
    if word not in (saw.good, saw.bad):
        raise WrongUse(f'--saw {check.id}: expected {saw.good} or {saw.bad}, not "{printable(word, 40)}"')
    return Saying(check_id=check.id, saw=Word(word))


def heard(audits: Sequence[Audit], said: Sequence[Saying], state: Path, door: Host) -> Heard:
    """Keep what was said of these audits' open findings, and judge them anew. Raises WrongUse.

    What cannot be kept, because the device answers by itself or the disk is full, is told in a note and counts nothing.
    """
    fresh: list[Statement] = []
    notes: list[str] = []
    for one in said:
        answer = _statement(audits, one)
        if isinstance(answer, Statement):
            fresh.append(answer)
        else:
            notes.append(answer)
    if not fresh:
        return Heard(audits=tuple(audits), notes=tuple(notes))
    try:
        kept = give(state, door, fresh, now=max(one.report.generated_at for one in audits))
    except OSError as error:
        notes.append(f"What you saw could not be kept on this laptop, so it doesn't count: {error.strerror}.")
        return Heard(audits=tuple(audits), notes=tuple(notes))
    return Heard(audits=tuple(_with(one, kept) for one in audits), notes=tuple(notes))


def _statement(audits: Sequence[Audit], said: Saying) -> Statement | str:
    """What to keep, or the sentence that says why there is nothing to keep."""
    name = guidance(said.check_id).name
    found = [
        (audit, examined) for audit in audits for examined in audit.examined
        if examined.finding.check_id == said.check_id
    ]  # fmt: skip
    unsure = [(audit, examined) for audit, examined in found if examined.finding.status is Status.UNKNOWN]
    if len(unsure) > 1:
        raise WrongUse(f"{name} can't be told on {len(unsure)} devices: name the one you looked at with --device")
    for audit, examined in unsure:
        terms = audit.terms[said.check_id]
        statement = stated(examined, terms, said.saw, at=audit.report.generated_at)
        return statement or f"What you saw of {name} isn't kept: {NOT_KEPT[Status.UNKNOWN]}."
    seen = {examined.finding.status for _, examined in found} or {Status.NOT_APPLICABLE}
    return f"What you saw of {name} isn't kept: {next(NOT_KEPT[one] for one in NOT_KEPT if one in seen)}."


NOT_KEPT = {
    Status.FAIL: "the device itself shows what is to fix",
    Status.ERROR: "it couldn't be looked at this time, so check again first",
    Status.UNKNOWN: "a look does not settle all that is open there, so ask your IT lead",
    Status.PASS: "the device itself shows that all is well",
    Status.NOT_APPLICABLE: "no device that was checked is asked about it",
}
"""By what the findings say, the most important first."""


def _with(done: Audit, given: Iterable[Statement]) -> Audit:
    """The same audit with these words; nothing of it has been sent yet."""
    report = done.report
    findings = attest(report.findings, done.examined, given, done.terms, now=report.generated_at)
    overall = rollup(findings, proven=report.proof.proven)
    return replace(done, report=replace(report, findings=findings, overall=overall))


def attestations(state: Path, door: Host) -> Attestations:
    """Read the file. A wrong one attests nothing, and says so."""
    try:
        body = json.loads(door.read(str(state / FILE)))
        return Attestations(given=_statements(body))
    except CollectError as error:
        if error.why is Why.NOT_FOUND:
            return Attestations()
        return Attestations(problem=REFUSED.format(f"it can't be read ({error.why})"))
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return Attestations(problem=REFUSED.format("it is damaged, or of another version"))


def give(state: Path, door: Host, fresh: Iterable[Statement], *, now: datetime) -> tuple[Statement, ...]:
    """Keep what was just said, in place of what was said before of the same finding. Raises OSError.

    Answers all that holds now. A file that is refused is replaced: nothing in it counted.
    """

    def added(kept: tuple[Statement, ...]) -> tuple[Statement, ...]:
        by_uid = {one.uid: one for one in (*kept, *fresh)}
        running = (one for one in by_uid.values() if one.at <= now + AHEAD and now < one.until)
        return tuple(sorted(running, key=lambda one: (one.at, one.uid))[-MOST:])

    return _changed(state, door, added)


def withdraw(state: Path, door: Host, findings: Sequence[Finding]) -> tuple[str, ...]:
    """Forget each word that a device has belied, so that it does not count again later. Answers sentences."""
    before = attestations(state, door).given
    if standing(before, findings) == before:
        return ()
    try:
        after = {one.uid for one in _changed(state, door, lambda kept: standing(kept, findings))}
    except OSError as error:
        return (f"What you said by hand can't be brought up to date on this laptop: {error.strerror}.",)
    gone = {one.uid for one in before} - after
    return tuple(
        f"What you saw of {guidance(one.check_id).name} counts no more: the device itself shows what is to fix."
        for one in findings
        if one.uid in gone
    )


def _changed(
    state: Path, door: Host, change: Callable[[tuple[Statement, ...]], tuple[Statement, ...]]
) -> tuple[Statement, ...]:
    """Read, change and write under a lock: the agent and a person may both be at it."""
    private_folder(str(state))
    with open(state / f"{FILE}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = change(attestations(state, door).given)
        body = {"schema": SCHEMA, "words": [_mapping(one) for one in kept]}
        write_atomic(str(state / FILE), json.dumps(body, indent=1).encode() + b"\n")
    return kept


def _mapping(one: Statement) -> dict[str, Any]:
    return {
        "uid": one.uid,
        "saw": one.saw,
        "at": utc_text(one.at),
        "until": utc_text(one.until),
        "covers": sorted(one.covers),
    }


def _statements(body: Any) -> tuple[Statement, ...]:
    """Raises ValueError, KeyError or TypeError for anything that this program did not write."""
    if set(body) != {"schema", "words"} or body["schema"] != SCHEMA:
        raise ValueError("another schema")
    rows = body["words"]
    if not isinstance(rows, list) or len(rows) > MOST:
        raise ValueError("too many words, or no list")
    given = tuple(map(_read, rows))
    if len({one.uid for one in given}) < len(given):
        raise ValueError("two words on one finding")
    return given


def _read(row: Mapping[str, Any]) -> Statement:
    if set(row) != KEYS:
        raise ValueError("other keys")
    at, until = _moment(row["at"]), _moment(row["until"])
    if not at < until <= at + LONGEST:
        raise ValueError("no such span")
    return Statement(
        uid=_formed(UID, row["uid"]), saw=Word(row["saw"]), at=at, until=until, covers=frozenset(_covers(row["covers"]))
    )


def _covers(value: Any) -> Iterator[str]:
    if not isinstance(value, list) or not 0 < len(value) <= MOST_UNCLEAR:
        raise ValueError("a list of what is covered")
    for one in value:
        yield _formed(COVERED, one)


def _formed(form: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not form.fullmatch(value):
        raise ValueError("another form")
    return value


def _moment(value: Any) -> datetime:
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
