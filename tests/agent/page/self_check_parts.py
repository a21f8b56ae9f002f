"""What the tests of the first page share: policies, phones on a real adb server, reports that others left, a watch."""

import os
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from virtual_phone.rig import until
from visit_parts import Visit, plain

import agent.demo
from agent.desk import open_desk
from agent.outbox_model import Queue
from agent.page.checking_model import Snapshot
from agent.places import places
from agent.status_file import write_status
from checks.catalog import CATALOG
from checks.evaluate import uid
from checks.model import Device, Finding, Kind, Level, Status
from checks.rollup import rollup
from reports.envelope import Proof, Report, to_bytes

PHONES = Path(agent.demo.__file__).parent / "phones"
GOOD, BAD = PHONES / "good", PHONES / "bad"
SERIAL = "R5CT30VIRTUAL"
EMPTY = Queue(
    waiting=0, parked=0, oldest_waiting_at=None, last_delivered_at=None, size_bytes=0, problem=None, sentence="",
    set_aside=(),
)  # fmt: skip
HEAD = """\
schema = "scrubin/policy/1"
layer = "practice"
id = "{name}"
version = "7"
name = "Example Practice"
"""


def policy(
    required: tuple[str, ...] = (),
    *,
    phone: tuple[str, ...] = (),
    more: str = "",
    name: str = "example",
    **changes: str,
) -> None:
    """The practice's policy: these checks count and no other; `phone`: on phones only. `changes`: lines by check."""
    lines = [HEAD.format(name=name), more]
    for check in CATALOG:
        level = "required" if check.id in required else "recommended"
        lines += [f'[checks.{check.id}]\nlevel = "{level}"\nreason = "for a test"', changes.get(check.id, "")]
    for check_id in phone:
        lines.append(f'[profiles.personal.checks.{check_id}]\nlevel = "required"\nreason = "for a test"')
    etc = Path(os.environ["SCRUBIN_SYSTEM_CONFIG"])
    folder = etc / "policy.d"
    folder.mkdir(parents=True, exist_ok=True)
    if phone:
        (etc / "agent.toml").write_text('ownership = "practice_owned"\nphone_ownership = "personal"\n')
    (folder / "practice.toml").write_text("\n".join(lines) + "\n")


def rested(visit: Visit) -> Snapshot:
    """What is known once nothing runs and nothing is asked for."""
    checking = visit.page.checking
    until(lambda: not checking._working and not visit.page.busy)
    return checking.snapshot


def checked(visit: Visit) -> str:
    """Ask for a check as the person does, wait for its end, and read the page."""
    assert visit.post("/check").status == 303
    until(lambda: visit.page.checking.snapshot.ended_at is not None)
    rested(visit)
    return visit.get("/").text


def head(html: str) -> str:
    """The big answer."""
    found = re.search(r'<h1 id="answer">(.*?)</h1>', html)
    assert found is not None, plain(html)[:300]
    return plain(found[1]).replace("&#39;", "'")


def row(html: str, check_id: str, device_id: str = "") -> str:
    """The words of one line; "" where the page has none."""
    found = re.search(
        rf'<li class="check[^"]*" id="{check_id}-{device_id}.*?(?=<li class="check|</article>)', html, re.DOTALL
    )
    return "" if found is None else plain(found[0]).replace("&#39;", "'").replace("&#34;", '"')


def looks(html: str) -> str:
    """How the big answer is drawn."""
    found = re.search(r'class="answer answer-(\w+)"', html)
    assert found is not None
    return found[1]


def finding(check_id: str, status: Status, **changes: Any) -> Finding:
    """What a report says of one check; its device is put in by `report`."""
    check = next(one for one in CATALOG if one.id == check_id)
    values: dict[str, Any] = {
        "check_id": check_id, "title": check.title, "severity": check.severity, "level": Level.REQUIRED,
        "device_id": "", "profile": "owner", "status": status, "because": "a sentence for practice IT",
        "measures": {"reasons": ()}, "source": "device", "observed_at": datetime.now(UTC), "uid": "",
    }  # fmt: skip
    return Finding(**{**values, **changes})


def report(device: Device, *findings: Finding, proven: bool = True) -> Report:
    """What a check of this device said, just now."""
    own = tuple(replace(one, device_id=device.id, uid=uid(device.id, "owner", one.check_id)) for one in findings)
    return Report(
        id=str(uuid.uuid4()),
        agent_version="1",
        device=device,
        overall=rollup(own, proven=proven),
        policy_id="example",
        policy_version="practice-7",
        proof=Proof(planted=1, found=int(proven)),
        generated_at=datetime.now(UTC),
        findings=own,
    )


def beside(device: Device, *check_ids: str) -> tuple[Finding, ...]:
    """Findings that say nothing against the device."""
    return report(device, *(finding(one, Status.NOT_APPLICABLE) for one in check_ids)).findings


def left(report: Report, *, ago: timedelta = timedelta(0), status: bool = True, **changes: Any) -> Report:
    """Put a report where the daemon, or a check in a terminal, puts its last one; `status`: connectors' file, too.

    It is whole, and made under the policy in force, as theirs are: what it does not speak of does not apply.
    """
    at, rules = datetime.now(UTC) - ago, open_desk().in_force.policy
    spoken = {one.check_id for one in report.findings}
    rest = [one.id for one in CATALOG if one.id not in spoken]
    whole = (*report.findings, *beside(report.device, *rest))
    findings = tuple(replace(one, observed_at=at) for one in whole)
    values: dict[str, Any] = {"policy_id": rules.id, "policy_version": rules.version, "findings": findings, **changes}
    aged = replace(report, generated_at=at, **values)
    where = places().kept(aged.device.id if aged.device.kind is Kind.PHONE else None)
    where.folder.mkdir(parents=True, exist_ok=True)
    where.last_report.write_bytes(to_bytes(aged))
    if status:
        write_status(where.status, where.status_table, aged, EMPTY)
    return aged
