"""A report: what leaves the device, and its one encoding. Nothing that holds a fact fits in here."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from checks.model import (
    Attestation,
    Device,
    Finding,
    Kind,
    Level,
    Overall,
    Ownership,
    Platform,
    Severity,
    Status,
    Waiver,
    Word,
)

SCHEMA = "scrubin/report/1"
CHECK_SCHEMA = "scrubin/check/1"


class EnvelopeError(ValueError):
    """Bytes are no report that we understand. The text names the key, never a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Whether the run saw the known-bad settings that it planted for itself."""

    planted: int
    found: int

    @property
    def proven(self) -> bool:
        """Every planted setting was found, and there was one."""
        return 0 < self.planted == self.found


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One audit of one device."""

    id: str
    """A UUID; the same report is never sent under two."""
    agent_version: str
    device: Device
    overall: Overall
    policy_id: str
    policy_version: str
    proof: Proof
    generated_at: datetime
    """Aware, UTC."""
    findings: tuple[Finding, ...]


def to_bytes(report: Report) -> bytes:
    """The exact bytes that are sent: UTF-8 JSON, keys sorted, no blanks."""
    return encode(to_mapping(report))


def encode(body: Mapping[str, Any]) -> bytes:
    """One encoding for whatever leaves the device, so that equal content is equal bytes."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def to_mapping(report: Report) -> dict[str, Any]:
    """The report as JSON values."""
    return {
        "schema": SCHEMA,
        "id": report.id,
        "agent_version": report.agent_version,
        "device": asdict(report.device),
        "overall": report.overall,
        "policy": {"id": report.policy_id, "version": report.policy_version},
        "proof": {
            "state": "proven" if report.proof.proven else "unproven",
            "planted": report.proof.planted,
            "found": report.proof.found,
        },
        "generated_at": _stamp(report.generated_at),
        "findings": [_finding(one) for one in report.findings],
    }


def _finding(one: Finding) -> dict[str, Any]:
    # Who granted it and why stay with the practice, which knows: a name or a reason may say too much of a person.
    waiver = None if one.waiver is None else {"uid": one.waiver.uid, "until": _stamp(one.waiver.until)}
    return {
        "uid": one.uid,
        "check_id": one.check_id,
        "title": one.title,
        "severity": one.severity,
        "level": one.level,
        "status": one.status,
        "because": one.because,
        "measures": {key: list(value) if isinstance(value, tuple) else value for key, value in one.measures.items()},
        "profile": one.profile,
        "source": one.source,
        "observed_at": _stamp(one.observed_at),
        "waiver": waiver,
        "attestation": None if one.attestation is None else attestation_mapping(one.attestation),
    }


def attestation_mapping(one: Attestation) -> dict[str, Any]:
    """The person's own word as JSON values."""
    return {"saw": one.saw, "at": _stamp(one.at), "until": _stamp(one.until), "counts": one.counts}


def fingerprint(report: Report) -> str:
    """A digest of what the report says, times and id left out: equal means "unchanged since"."""
    body = to_mapping(report)
    for key in ("id", "generated_at"):
        del body[key]
    for finding in body["findings"]:
        del finding["observed_at"]
    return hashlib.sha256(encode(body)).hexdigest()


def from_bytes(data: bytes) -> Report:
    """Read a report back. Raises EnvelopeError."""
    try:
        body = json.loads(data)
        if not isinstance(body, dict) or body.get("schema") != SCHEMA:
            raise EnvelopeError(f"schema: expected {SCHEMA}")
        return _report(body)
    except KeyError as error:
        raise EnvelopeError(f"{error.args[0]}: missing") from error
    except (TypeError, AttributeError, RecursionError) as error:
        raise EnvelopeError("a value has a wrong type") from error
    except EnvelopeError:
        raise
    except ValueError as error:
        raise EnvelopeError("not JSON, or a value outside its set") from error


def _report(body: Mapping[str, Any]) -> Report:
    device = _device(body["device"])
    return Report(
        id=_text(body["id"]),
        agent_version=_text(body["agent_version"]),
        device=device,
        overall=Overall(body["overall"]),
        policy_id=_text(body["policy"]["id"]),
        policy_version=_text(body["policy"]["version"]),
        proof=Proof(planted=_whole(body["proof"]["planted"]), found=_whole(body["proof"]["found"])),
        generated_at=_moment(body["generated_at"]),
        findings=tuple(_read_finding(one, device.id) for one in body["findings"]),
    )


def _device(body: Mapping[str, Any]) -> Device:
    return Device(
        id=_text(body["id"]),
        kind=Kind(body["kind"]),
        platform=Platform(body["platform"]),
        model=_text(body["model"]),
        os_version=_text(body["os_version"]),
        ownership=Ownership(body["ownership"]),
    )


def _read_finding(body: Mapping[str, Any], device_id: str) -> Finding:
    return Finding(
        uid=_text(body["uid"]),
        check_id=_text(body["check_id"]),
        title=_text(body["title"]),
        severity=Severity(body["severity"]),
        level=Level(body["level"]),
        device_id=device_id,
        profile=_text(body["profile"]),
        status=Status(body["status"]),
        because=_text(body["because"]),
        measures={_text(key): _measure(value) for key, value in body["measures"].items()},
        source=_text(body["source"]),
        observed_at=_moment(body["observed_at"]),
        waiver=_waiver(body["waiver"]),
        # Reports that were queued before there were attestations lack the key.
        attestation=read_attestation(body.get("attestation")),
    )


def _waiver(body: Mapping[str, Any] | None) -> Waiver | None:
    if body is None:
        return None
    return Waiver(uid=_text(body["uid"]), who="", why="", until=_moment(body["until"]))


def read_attestation(body: Mapping[str, Any] | None) -> Attestation | None:
    """The person's own word, read back. Raises KeyError, TypeError, ValueError."""
    if body is None:
        return None
    if not isinstance(body["counts"], bool):
        raise EnvelopeError("yes or no expected")
    return Attestation(
        saw=Word(body["saw"]), at=_moment(body["at"]), until=_moment(body["until"]), counts=body["counts"]
    )


def _measure(value: object) -> int | bool | str | tuple[str, ...]:
    if isinstance(value, list):
        return tuple(_text(one) for one in value)
    return value if isinstance(value, int) else _text(value)


def _text(value: object) -> str:
    if not isinstance(value, str) or len(value) > 2000:
        raise EnvelopeError("text expected")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise EnvelopeError("a whole number expected")
    return value


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _moment(value: object) -> datetime:
    return datetime.strptime(_text(value), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
