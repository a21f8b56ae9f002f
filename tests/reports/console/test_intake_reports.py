"""What becomes of a report that is taken in: the state of its device, each change, and the bytes themselves."""

import zlib
from collections.abc import Iterator

import pytest
from consoles import practice_id
from sender import CHECKS, Sender, at_the_door, enrolled, finding, moment, rows

from checks.model import Level, Overall, Platform, Waiver
from reports.console import waiving
from reports.console.console import Console
from reports.console.intake.signatures import verify_kept
from reports.console.store import tables
from reports.envelope import Proof
from reports.signing import public_text

DAY = 86400
PHONE = "99999999-2222-4333-8444-555555555555"


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop that has enrolled."""
    with at_the_door(both) as client:
        made = enrolled(client, both, practice_id(both))
        both.clock.forward(10)
        yield made


def the_device(console: Console):
    (row,) = rows(console, tables.devices)
    return row


def statuses(console: Console) -> dict[str, str]:
    return {row.check_id: row.status for row in rows(console, tables.findings)}


def changes(console: Console, what: str) -> list[tuple]:
    return [(row.check_id, row.before, row.after, row.at) for row in rows(console, tables.changes, what=what)]


def test_a_first_report_makes_a_device_with_its_findings(both: Console, sender: Sender) -> None:
    answer = sender.report("pfu")
    assert (answer.status_code, answer.json()["schema"]) == (202, "scrubin/accepted/1")
    device = the_device(both)
    assert (device.id, device.overall, device.to_fix, device.chain) == (sender.laptop_id, "not_compliant", 1, "whole")
    assert (device.model, device.os_version, device.proven) == ("ThinkPad X1", "debian 12", True)
    assert statuses(both) == dict(zip(CHECKS, ("pass", "fail", "unknown"), strict=True))
    now = both.now()
    assert changes(both, "finding") == [("encryption", None, "fail", now), ("updates", None, "unknown", now)]


def test_a_later_report_changes_what_it_says_and_notes_each_change(both: Console, sender: Sender) -> None:
    sender.report("pfp")
    before = both.now()
    both.clock.forward(DAY)
    sender.report("ppf")
    found = {row.check_id: row for row in rows(both, tables.findings)}
    assert (found["encryption"].status, found["encryption"].failed_since) == ("pass", None)
    assert (found["updates"].status, found["updates"].failed_since) == ("fail", both.now())
    assert (found["screen_lock"].since, found["screen_lock"].observed_at) == (before, both.now())
    assert changes(both, "finding")[1:] == [
        ("encryption", "fail", "pass", both.now()),
        ("updates", "pass", "fail", both.now()),
    ]
    assert the_device(both).overall_since == before


def test_an_open_finding_keeps_since_when_it_is_open_while_its_status_changes(both: Console, sender: Sender) -> None:
    sender.report("fpp")
    begun = both.now()
    both.clock.forward(DAY)
    sender.report("upp")
    (found,) = rows(both, tables.findings, check_id="screen_lock")
    assert (found.status, found.since, found.failed_since) == ("unknown", both.now(), begun)


def test_no_change_renews_the_times_and_nothing_else(both: Console, sender: Sender) -> None:
    sender.report("pfp")
    first = the_device(both)
    both.clock.forward(DAY)
    assert sender.send(sender.note()).status_code == 202
    device = the_device(both)
    assert (device.received_at, device.observed_at, device.due_at) == (
        both.now(),
        both.now(),
        first.due_at + DAY,
    )
    assert (device.report_id, device.overall, device.overall_since) == (
        first.report_id,
        "not_compliant",
        first.observed_at,
    )
    assert device.seq == 2


def test_no_change_since_a_report_that_never_came_asks_for_a_full_one(both: Console, sender: Sender) -> None:
    sender.full("ppp")
    unknown_device = sender.send(sender.note())
    sender.chains.clear()
    sender.report("ppp")
    sender.full("ppp")
    both.clock.forward(DAY)
    unknown_report = sender.send(sender.note())
    for answer in (unknown_device, unknown_report):
        assert (answer.status_code, answer.json()["code"]) == (422, "since_unknown")
    assert len(rows(both, tables.reports)) == 1


def test_a_folded_report_brings_each_change_with_its_own_time(both: Console, sender: Sender) -> None:
    sender.report("ppp")
    start = both.now()
    both.clock.forward(10 * DAY)
    lock = [
        ("screen_lock", "f", start + DAY),
        ("screen_lock", "p", start + 2 * DAY),
        ("screen_lock", "f", start + 3 * DAY),
    ]
    answer = sender.send(sender.fold(sender.full("fpp"), lock))
    assert answer.status_code == 202
    assert changes(both, "finding") == [
        ("screen_lock", "pass", "fail", start + DAY),
        ("screen_lock", "fail", "pass", start + 2 * DAY),
        ("screen_lock", "pass", "fail", start + 3 * DAY),
    ]
    (found,) = rows(both, tables.findings, check_id="screen_lock")
    assert found.failed_since == found.since == start + 3 * DAY


def test_history_that_is_known_already_or_lies_ahead_is_left_out(both: Console, sender: Sender) -> None:
    sender.report("ppp")
    start = both.now()
    both.clock.forward(DAY)
    history = [("screen_lock", "f", start - DAY), ("screen_lock", "f", both.now() + DAY)]
    sender.send(sender.fold(sender.full("ppp"), history))
    assert changes(both, "finding") == []


def test_a_check_that_is_no_longer_asked_leaves_with_a_change(both: Console, sender: Sender) -> None:
    sender.report("pff")
    both.clock.forward(DAY)
    sender.report("pf")
    assert statuses(both) == {"screen_lock": "pass", "encryption": "fail"}
    assert changes(both, "finding")[-1] == ("updates", "fail", None, both.now())


def test_a_late_report_is_kept_and_changes_no_newer_state(both: Console, sender: Sender) -> None:
    late = sender.full("fff", at=both.now() - 3600)
    sender.report("ppp")
    answer = sender.send(late)
    assert answer.status_code == 202
    assert set(statuses(both).values()) == {"pass"}
    assert [row.seq for row in rows(both, tables.reports)] == [1, 2] or len(rows(both, tables.reports)) == 2
    assert sum('"mark":"late"' in row.proof for row in rows(both, tables.reports)) == 1


@pytest.mark.parametrize(("days", "mark"), [(400, "future"), (-400, "old")])
def test_a_report_from_another_time_is_kept_and_says_nothing_of_now(
    both: Console, sender: Sender, days: int, mark: str
) -> None:
    answer = sender.report("ppp", at=both.now() + days * DAY)
    assert answer.status_code == 202
    device = the_device(both)
    assert (device.overall, rows(both, tables.findings)) == ("cannot_tell", [])
    assert device.due_at < both.now()
    assert [row.detail.partition(":")[0] for row in rows(both, tables.audit, act="report.implausible")] == [mark]
    sender.report("ppf")
    assert the_device(both).overall == "not_compliant"


def test_a_report_that_was_long_under_way_makes_no_device_fresh(both: Console, sender: Sender) -> None:
    observed = both.now() - 20 * DAY
    sender.report("ppp", at=observed)
    assert the_device(both).due_at == observed + (24 + 72) * 3600 < both.now()


def test_compliant_is_not_taken_on_trust(both: Console, sender: Sender) -> None:
    for said in ({"overall": Overall.COMPLIANT}, {"overall": Overall.COMPLIANT, "proof": Proof(planted=2, found=1)}):
        both.clock.forward(60)
        sender.report("pfp" if "proof" not in said else "ppp", **said)
        assert the_device(both).overall == ("cannot_tell" if "proof" in said else "not_compliant")
    both.clock.forward(60)
    sender.report("ppp")
    assert the_device(both).overall == "compliant"


def test_a_waived_finding_is_not_to_fix(both: Console, sender: Sender) -> None:
    until = moment(both.now() + 30 * DAY)
    failing = finding(sender.laptop_id, "encryption", "fail", both.now())
    waived = finding(
        sender.laptop_id, "encryption", "fail", both.now(), waiver=Waiver(uid=failing.uid, who="", why="", until=until)
    )
    passing = finding(sender.laptop_id, "updates", "pass", both.now())
    sender.report("pfp")
    with both.store.write() as db:
        about = {"practice_id": practice_id(both), "device_id": sender.laptop_id, "uid": failing.uid, "by": "alice"}
        waiving.give(db, both, **about, owner="Alice", reason="Replaced soon", until=int(until.timestamp()))
    both.clock.forward(60)
    advised = finding(sender.laptop_id, "screen_lock", "fail", both.now(), level=Level.RECOMMENDED)
    sender.report(findings=(waived, passing, advised), overall=Overall.COMPLIANT)
    device = the_device(both)
    assert (device.overall, device.to_fix) == ("compliant", 0)
    (found,) = rows(both, tables.findings, check_id="encryption")
    assert found.waived_until == until.timestamp()


def test_another_policy_shows_as_a_change(both: Console, sender: Sender) -> None:
    sender.report("ppp")
    both.clock.forward(60)
    sender.report("ppp", policy_version="4")
    assert [(one[1], one[2]) for one in changes(both, "policy")] == [("3", "4")]
    assert the_device(both).policy_version == "4"


def test_a_laptop_speaks_for_its_phones(both: Console, sender: Sender) -> None:
    sender.report("ppp")
    sender.report("pfp", device=sender.device(PHONE, Platform.ANDROID))
    found = {row.kind: row for row in rows(both, tables.devices)}
    assert (found["phone"].id, found["phone"].overall, found["phone"].seq) == (PHONE, "not_compliant", 1)
    assert found["laptop"].overall == "compliant"


def test_the_same_report_twice_is_one_and_said_to_be_known(both: Console, sender: Sender) -> None:
    body = sender.full("ppp")
    link = sender.place(sender.laptop_id, body)
    assert sender.send(body, link=link).status_code == 202
    both.clock.forward(7 * DAY)
    again = sender.send(body, link=link)
    assert (again.status_code, again.json()["id"]) == (200, sender.last_full[sender.laptop_id])
    assert len(rows(both, tables.reports)) == len(rows(both, tables.report_ids)) == 1
    assert the_device(both).chain == "whole"


def test_another_report_under_a_known_id_is_refused(both: Console, sender: Sender) -> None:
    body = sender.full("ppp")
    sender.send(body)
    answer = sender.send(body.replace(b'"ThinkPad X1"', b'"ThinkPad X2"'))
    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert the_device(both).model == "ThinkPad X1"


def test_the_bytes_are_kept_and_their_signature_can_be_verified_again(both: Console, sender: Sender) -> None:
    body = sender.full("pfp")
    sender.send(body)
    (row,) = rows(both, tables.reports)
    key = public_text(sender.key.public_key())
    assert verify_kept(row, key) == body == zlib.decompress(row.body)


def test_when_an_agent_was_last_heard_and_its_version_are_noted(both: Console, sender: Sender) -> None:
    both.clock.forward(3600)
    sender.report("ppp", agent_version="0.2.0")
    (agent,) = rows(both, tables.agents)
    assert (agent.last_seen_at, agent.agent_version) == (both.now(), "0.2.0")


def test_a_device_that_was_ended_and_reports_again_is_waited_for_again(both: Console, sender: Sender) -> None:
    sender.report("ppp")
    with both.store.write() as db:
        db.execute(tables.devices.update().values(ended_at=both.now()))
    both.clock.forward(60)
    sender.report("ppp")
    assert the_device(both).ended_at is None
    assert ("ended", None) in [(one[1], one[2]) for one in changes(both, "enrolled")]
