"""What devices may send, field by field: every text and list is bounded, and nothing has room for a path or a name."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from checks.model import Kind, Level, Overall, Ownership, Platform, Severity, Status, Word
from reports.console.model import Refusal
from reports.deliver.bodies import FOLDED_SCHEMA, UNCHANGED_SCHEMA
from reports.envelope import SCHEMA
from reports.web.bounded import shape_fault

T = TypeVar("T")

PLAIN = r"\A[^\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]*\Z"
"""No control characters, nor those that turn the direction of a line or hide in it."""
Id = Annotated[str, Meta(pattern=r"\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z", max_length=36)]
Key = Annotated[str, Meta(pattern=r"\A[A-Za-z0-9+/]{43}=\Z", max_length=44)]
CheckId = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,59}\Z", max_length=60)]
Label = Annotated[str, Meta(pattern=r"\A[a-z][a-z0-9_]{0,39}\Z", max_length=40)]
Code = Annotated[str, Meta(pattern=r"\A(?:[A-Za-z0-9][A-Za-z0-9_. -]{0,59})?\Z", max_length=60)]
"""A value of a closed set or a band. No slash and no @: it cannot be a path or an address."""
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]
Moment = Annotated[datetime, Meta(tz=True)]
Line40 = Annotated[str, Meta(max_length=40, pattern=PLAIN)]
Line60 = Annotated[str, Meta(max_length=60, pattern=PLAIN)]
Line120 = Annotated[str, Meta(max_length=120, pattern=PLAIN)]
Line200 = Annotated[str, Meta(max_length=200, pattern=PLAIN)]
Sentence = Annotated[str, Meta(max_length=2000, pattern=PLAIN)]
Measure = Count | bool | Code | Annotated[list[Code], Meta(max_length=64)]


class Shape(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whatever a device sends."""


class DeviceShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The device that a report is about."""

    id: Id
    kind: Kind
    platform: Platform
    model: Annotated[str, Meta(max_length=100, pattern=PLAIN)]
    os_version: Line60
    ownership: Ownership


class PolicyShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The policy that it was judged by."""

    id: Line120
    version: Line120


class ProofShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether the audit saw what it planted."""

    state: Annotated[str, Meta(pattern=r"\A(?:un)?proven\Z", max_length=8)]
    planted: Count
    found: Count


class WaiverShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """That a finding is waived, and until when."""

    uid: Id
    until: Moment


class AttestationShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The person's own word."""

    saw: Word
    at: Moment
    until: Moment
    counts: bool


class FindingShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One check's answer."""

    uid: Id
    check_id: CheckId
    title: Line200
    severity: Severity
    level: Level
    status: Status
    because: Sentence
    measures: Annotated[dict[Label, Measure], Meta(max_length=40)]
    profile: Line40
    source: Annotated[str, Meta(max_length=20, pattern=PLAIN)]
    observed_at: Moment
    waiver: WaiverShape | None
    attestation: AttestationShape | None = None


class ReportShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag=SCHEMA):
    """A full report."""

    id: Id
    agent_version: Line40
    device: DeviceShape
    overall: Overall
    policy: PolicyShape
    proof: ProofShape
    generated_at: Moment
    findings: Annotated[list[FindingShape], Meta(max_length=300)]


class SeenShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A status that a finding had in a report that was never sent."""

    uid: Id
    status: Status
    observed_at: Moment


class FoldedShape(Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag=FOLDED_SCHEMA):
    """A full report with the history that it stands for."""

    id: Id
    device_id: Id
    history: Annotated[list[SeenShape], Meta(max_length=4000)]
    report: ReportShape


class UnchangedShape(
    Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag=UNCHANGED_SCHEMA
):
    """Word that a device is as it was in a report."""

    id: Id
    device_id: Id
    since: Id
    generated_at: Moment


class TrialShape(
    Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag="scrubin/trial/1"
):
    """What a device would be under a draft."""

    draft: Id
    revision: Annotated[int, Meta(ge=1, le=1_000_000)]
    device_id: Id
    overall: Overall
    failing: Annotated[list[CheckId], Meta(max_length=300)]
    tried_at: Moment


class LeaveShape(
    Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag="scrubin/leave/1"
):
    """A laptop leaves the practice."""

    at: Moment


class PreviewShape(
    Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag="scrubin/enrol/1"
):
    """Whom a code is from."""

    code: Annotated[str, Meta(max_length=60)]


class EnrolShape(
    Shape, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="schema", tag="scrubin/enrol/1"
):
    """A laptop enrols."""

    code: Annotated[str, Meta(max_length=60)]
    laptop_id: Id
    public_key: Key
    platform: Platform
    model: Annotated[str, Meta(max_length=100, pattern=PLAIN)]
    os_version: Line60
    agent_version: Line40


Letter = ReportShape | FoldedShape | UnchangedShape

_letter: msgspec.json.Decoder[Letter] = msgspec.json.Decoder(Letter)
_trial = msgspec.json.Decoder(TrialShape)
_leave = msgspec.json.Decoder(LeaveShape)
_preview = msgspec.json.Decoder(PreviewShape)
_enrol = msgspec.json.Decoder(EnrolShape)


def read_letter(body: bytes) -> Letter:
    """A letter of reports. Raises Refusal."""
    letter = _read(_letter.decode, body)
    if isinstance(letter, FoldedShape) and (letter.id, letter.device_id) != (letter.report.id, letter.report.device.id):
        raise _unfit("the report inside is another one than the letter says")
    report = full_of(letter)
    if report is not None and len({one.uid for one in report.findings}) != len(report.findings):
        raise _unfit("two findings have the same uid")
    return letter


def full_of(letter: Letter) -> ReportShape | None:
    """The full report that a letter carries, if it carries one."""
    if isinstance(letter, FoldedShape):
        return letter.report
    return letter if isinstance(letter, ReportShape) else None


def device_of(letter: Letter) -> str:
    """The id of the device that a letter speaks of."""
    return letter.device.id if isinstance(letter, ReportShape) else letter.device_id


def generated_at(letter: Letter) -> int:
    """When the letter's audit was made. Unix seconds."""
    return seconds(letter.report.generated_at if isinstance(letter, FoldedShape) else letter.generated_at)


def read_trial(body: bytes) -> TrialShape:
    """Raises Refusal."""
    return _read(_trial.decode, body)


def read_leave(body: bytes) -> LeaveShape:
    """Raises Refusal."""
    return _read(_leave.decode, body)


def read_preview(body: bytes) -> PreviewShape:
    """Raises Refusal."""
    return _read(_preview.decode, body)


def read_enrol(body: bytes) -> EnrolShape:
    """Raises Refusal."""
    return _read(_enrol.decode, body)


def seconds(moment: datetime) -> int:
    """Unix seconds."""
    return int(moment.timestamp())


def _read(decode: Callable[[bytes], T], body: bytes) -> T:
    try:
        return decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, OverflowError) as error:
        raise _unfit(shape_fault(error)) from error


def _unfit(what: str) -> Refusal:
    return Refusal(status=422, code="shape", sentence=f"The body does not fit: {what}.")


def as_stored(value: Any) -> str:
    """A struct or plain values as JSON text for a column."""
    return msgspec.json.encode(value, order="deterministic").decode()
