"""A report, and letters that carry it."""

from datetime import UTC, datetime, timedelta

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
from reports.deliver import Kind as Content
from reports.deliver import Letter
from reports.envelope import Proof, Report, to_bytes

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
REPORT_ID = "0b6b2f5e-57a1-4f6c-9f6e-0a1b2c3d4e5f"
DEVICE = Device(
    id="11111111-2222-4333-8444-555555555555", kind=Kind.LAPTOP, platform=Platform.LINUX, model="ThinkPad X1",
    os_version="debian 12", ownership=Ownership.PERSONAL,
)  # fmt: skip
WAIVER = Waiver(uid="u", who="Robin Waiver", why="a private reason", until=NOON + timedelta(days=30))
SAID = Attestation(saw=Word.OFF, at=NOON, until=NOON + timedelta(days=30), counts=True)


def finding(check_id: str, status: Status, **changes) -> Finding:
    values = {
        "uid": f"uid-of-{check_id}", "check_id": check_id, "title": f"Title of {check_id}", "severity": Severity.HIGH,
        "level": Level.REQUIRED, "device_id": DEVICE.id, "profile": "owner", "status": status,
        "because": f"because of {check_id}", "measures": {"reasons": (f"{check_id}_code",), "age": "1-7 days"},
        "source": "device", "observed_at": NOON,
    }  # fmt: skip
    return Finding(**{**values, **changes})


def report(*findings: Finding, **changes) -> Report:
    values = {
        "id": REPORT_ID, "agent_version": "0.1.0", "device": DEVICE, "overall": Overall.NOT_COMPLIANT,
        "policy_id": "practice-default", "policy_version": "3", "proof": Proof(planted=2, found=2),
        "generated_at": NOON,
        "findings": findings or (finding("screen_lock", Status.FAIL), finding("encryption", Status.PASS)),
    }  # fmt: skip
    return Report(**{**values, **changes})


def letter(content: Report | bytes | None = None, **changes) -> Letter:
    body = content if isinstance(content, bytes) else to_bytes(content or report())
    values = {"id": REPORT_ID, "device_id": DEVICE.id, "kind": Content.FULL, "body": body, "created_at": NOON}
    return Letter(**{**values, **changes})
