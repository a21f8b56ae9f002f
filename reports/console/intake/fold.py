"""Takes one report into what is known: its device's row, the findings, and each change with its own time."""

import zlib
from collections.abc import Iterable
from typing import Any, cast

from msgspec import structs

from checks.model import Finding, Kind, Level, Overall, Status, settled
from checks.rollup import rollup
from reports.console.intake import chain
from reports.console.intake.arrivals import Arrival, Mark, Taken
from reports.console.intake.batch import Batch, Row
from reports.console.intake.sentences import refusal
from reports.console.intake.shapes import (
    AttestationShape,
    FindingShape,
    FoldedShape,
    ReportShape,
    SeenShape,
    UnchangedShape,
    as_stored,
    device_of,
    full_of,
    generated_at,
    seconds,
)
from reports.console.intake.signatures import SKEW_S

OLDEST_S = 180 * 86400
"""An audit from before then says nothing of a device's state now; a month offline, or three, still does."""
WORD_S = 30 * 86400
"""So long a person's own word may hold; a policy can only shorten it."""
MOST_DEVICES = 100
"""Of one laptop, its phones included."""
OPEN = frozenset({Status.FAIL, Status.UNKNOWN, Status.ERROR})
WORSE = (Overall.COMPLIANT, Overall.CANNOT_TELL, Overall.NOT_COMPLIANT)


def take(batch: Batch, arrival: Arrival) -> Taken:
    """Raises Refusal, and has changed nothing then."""
    agent = _agent(batch, arrival)
    device = batch.devices.get(device_of(arrival.letter))
    _must_be_its_own(batch, agent, device, arrival)
    known = batch.ids.get(arrival.letter.id)
    if known is not None:
        if (known["digest"], known["device_id"]) != (arrival.digest, device_of(arrival.letter)):
            raise refusal("conflict")
        return Taken(id=arrival.letter.id, known=True, agent_id=agent.id, serial=agent.serial)
    mark = _mark(batch, device, arrival)
    if isinstance(arrival.letter, UnchangedShape):
        _must_be_known(batch, device, arrival.letter, mark)
    device = device or _new_device(batch, agent, arrival, mark)
    chain.follow(batch, device, arrival, enrolled_at=agent.enrolled_at)
    _keep(batch, device, arrival, mark)
    batch.touched.add(device["id"])
    if mark is None:
        _apply(batch, device, arrival)
    elif mark is not Mark.LATE and batch.allowed(device["id"], mark):
        batch.line(device, "report.implausible", f"{mark}: kept, and the device's state left as it was")
    return Taken(id=arrival.letter.id, known=False, agent_id=agent.id, serial=agent.serial)


def _agent(batch: Batch, arrival: Arrival) -> Any:
    """Whose report it is, as it stands in this very transaction."""
    agent = batch.agents.get(arrival.agent_id)
    if agent is None:
        raise refusal("unknown_key")
    if agent.ended_at is not None:
        raise refusal("revoked")
    if agent.public_key != arrival.public_key:
        raise refusal("signature", "This enrolment has another key now.")
    return agent


def _must_be_its_own(batch: Batch, agent: Any, device: Row | None, arrival: Arrival) -> None:
    """An agent speaks for its laptop and for phones that no other agent speaks for."""
    report = full_of(arrival.letter)
    if device is not None and device["agent_id"] != agent.id:
        raise refusal("wrong_device")
    if report is None:
        return
    if (report.device.kind is Kind.LAPTOP) != (report.device.id == agent.laptop_id):
        raise refusal("wrong_device", "This laptop is not the one that was enrolled.")
    if device is None and batch.devices_of(agent.id) >= MOST_DEVICES:
        raise refusal("wrong_device", f"One laptop speaks for at most {MOST_DEVICES} devices.")


def _mark(batch: Batch, device: Row | None, arrival: Arrival) -> Mark | None:
    at = generated_at(arrival.letter)
    if at > batch.now + SKEW_S:
        return Mark.FUTURE
    if at < batch.now - OLDEST_S:
        return Mark.OLD
    if device is None or at > device["observed_at"]:
        return None
    if at == device["observed_at"] and arrival.link.seq > device["seq"]:
        return None
    return Mark.LATE


def _must_be_known(batch: Batch, device: Row | None, letter: UnchangedShape, mark: Mark | None) -> None:
    """No change since what? Without the report that it means, it says nothing."""
    basis = batch.ids.get(letter.since)
    if device is None or basis is None or basis["device_id"] != device["id"]:
        raise refusal("since_unknown")
    if mark is None and letter.since != device["report_id"]:
        raise refusal("since_unknown")
    if mark is None and batch.waiver_ended(device["id"], since=basis["received_at"], until=generated_at(letter)):
        # That report was judged while the waiver ran: "nothing changed" would carry it past its end.
        raise refusal("since_unknown")


def _new_device(batch: Batch, agent: Any, arrival: Arrival, mark: Mark | None) -> Row:
    """A device that reports for the first time. Where its times cannot be, nothing is known of it yet."""
    report = full_of(arrival.letter)
    assert report is not None  # of an unchanged one, the device is known
    unseen = batch.now - OLDEST_S
    device: Row = {
        "id": report.device.id,
        "practice_id": agent.practice_id,
        "agent_id": agent.id,
        "first_seen_at": batch.now,
        "received_at": batch.now,
        "observed_at": unseen,
        "overall": Overall.CANNOT_TELL.value,
        "overall_since": batch.now,
        "to_fix": 0,
        "due_at": batch.terms[agent.id].due(received_at=batch.now, observed_at=unseen),
        "seq": 0,
        "link": "",
        "chain": chain.WHOLE,
        "ended_at": None,
        **_described(report),
    }
    batch.devices[device["id"]] = batch.new_devices[device["id"]] = device
    batch.findings.setdefault(device["id"], {})
    if mark is None:
        device["overall"] = None
    return device


def _described(report: ReportShape) -> Row:
    """What a full report says of its device besides the findings."""
    return {
        "kind": report.device.kind.value,
        "platform": report.device.platform.value,
        "model": report.device.model,
        "os_version": report.device.os_version,
        "ownership": report.device.ownership.value,
        "proven": _proven(report),
        "policy_name": report.policy.id,
        "policy_version": report.policy.version,
        "agent_version": report.agent_version,
        "report_id": report.id,
    }


def _keep(batch: Batch, device: Row, arrival: Arrival, mark: Mark | None) -> None:
    """The body, with what proves who signed it."""
    letter = arrival.letter
    known = {"id": letter.id, "practice_id": device["practice_id"], "device_id": device["id"], "received_at": batch.now}
    batch.ids[letter.id] = {**known, "digest": arrival.digest}
    batch.new_ids.append(batch.ids[letter.id])
    proof = arrival.proof if mark is None else {**arrival.proof, "mark": mark.value}
    kept = {"agent_id": device["agent_id"], "seq": arrival.link.seq, "link": arrival.own_link}
    batch.bodies.append({**known, **kept, "body": zlib.compress(arrival.body), "proof": as_stored(proof)})


def _apply(batch: Batch, device: Row, arrival: Arrival) -> None:
    """The newest that is known of the device."""
    at = generated_at(arrival.letter)
    report = full_of(arrival.letter)
    if report is not None:
        report = _believed(batch, report)
        _apply_report(batch, device, report, at)
        history = arrival.letter.history if isinstance(arrival.letter, FoldedShape) else ()
        _apply_findings(batch, device, report, history, at)
        batch.versions[device["agent_id"]] = report.agent_version
    device["received_at"], device["observed_at"] = batch.now, at
    device["due_at"] = batch.terms[device["agent_id"]].due(received_at=batch.now, observed_at=at)
    if device["ended_at"] is not None:
        batch.change(device, "enrolled", before="ended", after=None, at=batch.now)
        device["ended_at"] = None


def _apply_report(batch: Batch, device: Row, report: ReportShape, at: int) -> None:
    overall = overall_of(report).value
    if device["overall"] != overall:
        batch.change(device, "overall", before=device["overall"], after=overall, at=at)
        device["overall"], device["overall_since"] = overall, at
    if device["policy_version"] != report.policy.version:
        batch.change(device, "policy", before=device["policy_version"], after=report.policy.version, at=at)
    device.update(_described(report))
    device["to_fix"] = sum(
        one.status is Status.FAIL and one.level is Level.REQUIRED and one.waiver is None for one in report.findings
    )


def _believed(batch: Batch, report: ReportShape) -> ReportShape:
    """Without waivers that the practice did not give or that have ended, and words that do not hold now."""
    if all(one.waiver is None and one.attestation is None for one in report.findings):
        return report
    return structs.replace(report, findings=[_believed_one(batch, report.device.id, one) for one in report.findings])


def _believed_one(batch: Batch, device_id: str, finding: FindingShape) -> FindingShape:
    word = finding.attestation
    if finding.waiver is not None and batch.waived_until(device_id, finding.uid, finding.check_id) is None:
        finding = structs.replace(finding, waiver=None)
    if word is not None and not _holds(word, batch.now):
        finding = structs.replace(finding, attestation=structs.replace(word, counts=False))
    return finding


def _holds(word: AttestationShape, now: int) -> bool:
    at = seconds(word.at)
    return at - SKEW_S <= now < min(seconds(word.until), at + WORD_S)


def overall_of(report: ReportShape) -> Overall:
    """As the report says, or worse where its own findings say so: nothing better is taken on trust."""
    made = rollup(cast("Iterable[Finding]", report.findings), proven=_proven(report))
    return max(report.overall, made, key=WORSE.index)


def _proven(report: ReportShape) -> bool:
    return report.proof.state == "proven" and 0 < report.proof.planted == report.proof.found


def _apply_findings(batch: Batch, device: Row, report: ReportShape, history: Iterable[SeenShape], at: int) -> None:
    known = batch.findings[device["id"]]
    seen: dict[str, list[tuple[int, Status]]] = {}
    for one in history:
        seen.setdefault(one.uid, []).append((max(seconds(one.observed_at), at - OLDEST_S), one.status))
    for finding in report.findings:
        _apply_finding(batch, device, known, finding, seen.pop(finding.uid, []), at)
    for uid in known.keys() - {one.uid for one in report.findings}:
        gone = known.pop(uid)
        last = _walk(batch, device, gone["check_id"], gone, _between(seen.get(uid, []), gone, at))
        batch.change(device, "finding", before=last["status"], after=None, at=at, check=gone["check_id"])
        batch.gone_findings.add((device["id"], uid))
        batch.new_findings.pop((device["id"], uid), None)
        batch.seen_findings.pop((device["id"], uid), None)


def _apply_finding(
    batch: Batch, device: Row, known: dict[str, Row], finding: FindingShape, seen: list[tuple[int, Status]], at: int
) -> None:
    old = known.get(finding.uid)
    # A time before any that can be meant would hide a finding from lists that go by its age.
    observed = max(min(seconds(finding.observed_at), at), at - OLDEST_S)
    begun = _walk(batch, device, finding.check_id, old, [*_between(seen, old, observed), (observed, finding.status)])
    failed_since = None if settled(cast("Finding", finding)) else begun["failed_since"]
    key = (device["id"], finding.uid)
    new = {
        "device_id": key[0],
        "uid": key[1],
        "practice_id": device["practice_id"],
        "since": begun["since"],
        "failed_since": failed_since,
        "observed_at": observed,
        "waived_until": batch.waived_until(*key, finding.check_id),
        **_said(finding),
    }
    known[finding.uid] = new
    if old is not None and key not in batch.new_findings and {**old, "observed_at": observed} == new:
        if old["observed_at"] != observed:
            batch.seen_findings[key] = observed
        return
    batch.gone_findings.discard(key)
    batch.seen_findings.pop(key, None)
    batch.new_findings[key] = new


def _said(finding: FindingShape) -> Row:
    """A finding's columns that come from the report as they are."""
    word = finding.attestation
    return {
        "check_id": finding.check_id,
        "title": finding.title,
        "severity": finding.severity.value,
        "level": finding.level.value,
        "status": finding.status.value,
        "because": finding.because,
        "measures": as_stored(finding.measures),
        "profile": finding.profile,
        "source": finding.source,
        "attestation": None if word is None else as_stored(word),
        "settled": settled(cast("Finding", finding)),
    }


def _walk(batch: Batch, device: Row, check: str, old: Row | None, seen: Iterable[tuple[int, Status]]) -> Row:
    """Go through a finding's statuses in time: note each change, and say since when the last one holds."""
    status = None if old is None else old["status"]
    since = None if old is None else old["since"]
    failed = None if old is None else old["failed_since"]
    for at, new in seen:
        is_open = new in OPEN
        if status != new.value:
            if status is not None or is_open:
                batch.change(device, "finding", before=status, after=new.value, at=at, check=check)
            status, since = new.value, at
        failed = (at if failed is None else failed) if is_open else None
    return {"status": status, "since": since, "failed_since": failed}


def _between(history: list[tuple[int, Status]], old: Row | None, until: int) -> list[tuple[int, Status]]:
    """What of the history is news: after the last report that is known, and not after this one. In order."""
    after = None if old is None else old["observed_at"]
    return sorted((one for one in history if (after is None or one[0] > after) and one[0] <= until), key=_when)


def _when(one: tuple[int, Status]) -> int:
    return one[0]
