"""What the API takes and gives. Each field is bounded; a field that nobody knows is refused."""

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from reports.console.fleet import Sort, Verdict
from reports.console.fleet_findings import Age, Borne
from reports.console.waiving import State

Line = Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]*$")]
Owner = Annotated[str, Meta(min_length=1, max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Label = Annotated[str, Meta(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]
Id = Annotated[str, Meta(min_length=1, max_length=36, pattern=r"^[0-9A-Za-z._-]*$")]
Word = Annotated[str, Meta(max_length=60, pattern=r"^[0-9A-Za-z._-]*$")]
Page = Annotated[int, Meta(ge=1, le=10000)]
Moment = Annotated[str, Meta(description="UTC, such as 2026-11-22T07:00:00Z")]
Ownership = Literal["personal", "practice_owned", "dedicated_camera"]


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Of what is sent to us."""


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """Of what we answer."""


class Paged(Shape, frozen=True):
    """Fifty rows at a time."""

    page: Page = 1


class DeviceQuery(Paged, frozen=True):
    """Which devices."""

    search: Label = ""
    verdict: Verdict | UnsetType = UNSET
    group: Word = ""
    kind: Word = ""
    platform: Word = ""
    ownership: Ownership | UnsetType = UNSET
    failing: Word = ""
    sort: Sort = Sort.WORST


class FindingQuery(Paged, frozen=True):
    """Which open findings."""

    check: Word = ""
    status: Literal["fail", "unknown", "error"] | UnsetType = UNSET
    level: Literal["required", "recommended", "all"] = "required"
    severity: Word = ""
    age: Age | UnsetType = UNSET
    waived: Borne | UnsetType = UNSET


class WaiverQuery(Paged, frozen=True):
    """Which waivers."""

    state: State | UnsetType = UNSET
    device: Word = ""


class AuditQuery(Paged, frozen=True):
    """Which lines of the audit log."""

    act: Word = ""


class NewWaiver(Shape, frozen=True):
    """A waiver to give."""

    device_id: Id
    uid: Id
    owner: Owner
    reason: Line
    until: Annotated[datetime, Meta(tz=True)]


class NewCode(Shape, frozen=True):
    """An enrolment code to make."""

    uses: Annotated[int, Meta(ge=1, le=500)] = 1
    days: Annotated[int, Meta(ge=1, le=30)] = 7
    ownership: Ownership = "personal"
    group_id: Id | None = None
    label: Label = ""


class Counts(Given, frozen=True):
    """How many devices stand how; each is counted once."""

    compliant: int
    not_compliant: int
    cannot_tell: int
    overdue: int
    total: int


class Device(Given, frozen=True):
    """One device. Its verdict counts; `overall` is what it last said itself."""

    id: str
    code: str
    label: str
    group: str
    kind: str
    platform: str
    model: str
    os_version: str
    ownership: str
    verdict: str
    overall: str
    to_fix: int
    waived: int
    oldest_open_since: Moment | None
    received_at: Moment
    due_at: Moment
    chain: str
    proven: bool
    agent_version: str
    policy_version: str


class Devices(Given, frozen=True):
    """One page of them."""

    page: int
    more: bool
    devices: list[Device]


class DeviceFinding(Given, frozen=True):
    """What was last found by one check."""

    uid: str
    check_id: str
    title: str
    status: str
    level: str
    severity: str
    because: str
    source: str
    observed_at: Moment
    since: Moment
    failed_since: Moment | None
    waived_until: Moment | None


class WholeDevice(Given, frozen=True):
    """One device with all its findings."""

    device: Device
    findings: list[DeviceFinding]


class OpenFinding(Given, frozen=True):
    """One open finding of one device."""

    device_id: str
    uid: str
    model: str
    label: str
    check_id: str
    title: str
    status: str
    level: str
    severity: str
    because: str
    open_since: Moment
    observed_at: Moment
    waived_until: Moment | None


class Findings(Given, frozen=True):
    """One page of them, the oldest first."""

    page: int
    more: bool
    findings: list[OpenFinding]


class Waiver(Given, frozen=True):
    """One waiver."""

    id: str
    state: str
    device_id: str
    uid: str
    check_id: str
    owner: str
    reason: str
    created_at: Moment
    created_by: str
    until: Moment
    ended_at: Moment | None
    ended_by: str | None


class Waivers(Given, frozen=True):
    """One page of them."""

    page: int
    more: bool
    waivers: list[Waiver]


class Code(Given, frozen=True):
    """An enrolment code. It is shown this one time."""

    code: str


class PolicyVersion(Given, frozen=True):
    """One version of the practice's policy."""

    number: int
    state: str
    note: str
    created_at: Moment
    created_by: str
    published_at: Moment | None
    published_by: str | None


class PolicyVersions(Given, frozen=True):
    """One page of them, the newest first."""

    page: int
    more: bool
    versions: list[PolicyVersion]


class Policy(Given, frozen=True):
    """What devices go by: null where the baseline alone holds."""

    version: PolicyVersion | None
    toml: str | None


class AuditLine(Given, frozen=True):
    """One act."""

    at: Moment
    actor_kind: str
    actor: str
    act: str
    target: str
    detail: str


class Audit(Given, frozen=True):
    """One page of the audit log, the newest first."""

    page: int
    more: bool
    lines: list[AuditLine]


class Problem(Given, frozen=True):
    """Why a request was not met (RFC 9457). `code` is a word for programs."""

    type: str
    title: str
    status: int
    detail: str
    code: str
