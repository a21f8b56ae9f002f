"""Reports of a device that wants to look better than it is, or to break what others see."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from auth_parts import account, session_of
from consoles import practice_id
from sender import Sender, at_the_door, enrolled, finding, moment, rows

from checks.model import Attestation, Overall, Platform, Status, Waiver, Word
from reports.console import waiving
from reports.console.auth.callers import SESSION_COOKIE
from reports.console.console import Console
from reports.console.fleet_findings import FindingFilter, open_findings
from reports.console.intake.batch import MOST_KEPT, load
from reports.console.store import tables

DAY = 86400
PHONE = "33333333-3333-4333-8333-333333333333"


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop of the practice."""
    with at_the_door(both) as client:
        yield enrolled(client, both, practice_id(both))


def the_device(console: Console) -> Any:
    return rows(console, tables.devices)[0]


def claims(sender: Sender, console: Console, **changes: Any) -> Any:
    """A report whose failing finding says that it is waived, and that all is well."""
    failing = replace(finding(sender.laptop_id, "encryption", "fail", console.now()), **changes)
    waiver = Waiver(uid=failing.uid, who="", why="", until=moment(console.now() + 30 * DAY))
    passing = finding(sender.laptop_id, "updates", "pass", console.now())
    return sender.report(findings=(replace(failing, waiver=waiver), passing), overall=Overall.COMPLIANT)


def given(sender: Sender, console: Console, check: str = "encryption", *, days: int = 30) -> str:
    """A waiver of a finding that is there."""
    uid = finding(sender.laptop_id, check, "fail", console.now()).uid
    words = {"owner": "Alice", "reason": "Replaced next month", "by": "alice@practice.example"}
    about = {"practice_id": practice_id(console), "device_id": sender.laptop_id, "uid": uid}
    with console.store.write() as db:
        return waiving.give(db, console, **about, **words, until=console.now() + days * DAY)


def test_a_waiver_that_only_the_device_knows_of_does_not_count(both: Console, sender: Sender) -> None:
    assert claims(sender, both).status_code == 202
    (found,) = rows(both, tables.findings, check_id="encryption")
    assert (the_device(both).overall, the_device(both).to_fix, found.waived_until) == ("not_compliant", 1, None)


def test_a_waiver_that_the_practice_gave_counts_until_the_practice_s_own_end(both: Console, sender: Sender) -> None:
    sender.report("ffp")
    given(sender, both, days=3)
    ends = both.now() + 3 * DAY
    both.clock.forward(60)
    claims(sender, both)
    (found,) = rows(both, tables.findings, check_id="encryption")
    assert (the_device(both).overall, the_device(both).to_fix, found.waived_until) == ("compliant", 0, ends)
    both.clock.forward(3 * DAY)
    claims(sender, both)
    assert the_device(both).overall == "not_compliant"


def test_a_waiver_covers_no_other_check_under_the_same_uid(both: Console, sender: Sender) -> None:
    sender.report("pfp")
    given(sender, both)
    both.clock.forward(60)
    claims(sender, both, check_id="screen_lock")
    assert the_device(both).overall == "not_compliant"


def test_a_report_that_came_before_the_device_knew_takes_no_waiver_off(both: Console, sender: Sender) -> None:
    sender.report("pfp")
    given(sender, both)
    both.clock.forward(60)
    sender.report("pfp")
    (found,) = rows(both, tables.findings, check_id="encryption")
    assert found.waived_until == both.now() - 60 + 30 * DAY


@pytest.mark.parametrize("how", ["ended", "ran out"])
def test_nothing_changed_does_not_carry_a_report_past_the_end_of_its_waiver(
    both: Console, sender: Sender, how: str
) -> None:
    sender.report("pfp")
    waiver = given(sender, both, days=1)
    both.clock.forward(60)
    claims(sender, both)
    sender.last_full[sender.laptop_id] = the_device(both).report_id
    both.clock.forward(60)
    assert sender.send(sender.note()).status_code == 202
    if how == "ended":
        with both.store.write() as db:
            waiving.end(db, both, waiver_id=waiver, practice_id=practice_id(both), by="alice")
    both.clock.forward(2 * DAY)
    answer = sender.send(sender.note())
    assert (answer.status_code, answer.json()["code"]) == (422, "since_unknown")
    claims(sender, both)
    assert the_device(both).overall == "not_compliant"


def test_a_person_s_word_counts_only_while_it_holds(both: Console, sender: Sender) -> None:
    for at, until, expected in ((-1, 1, "compliant"), (-9, -1, "cannot_tell"), (5, 9, "cannot_tell")):
        both.clock.forward(60)
        now = both.now()
        word = Attestation(saw=Word.OFF, at=moment(now + at * DAY), until=moment(now + until * DAY), counts=True)
        said = finding(sender.laptop_id, "encryption", "unknown", now, attestation=word)
        passing = finding(sender.laptop_id, "updates", "pass", now)
        sender.report(findings=(said, passing), overall=Overall.COMPLIANT)
        assert the_device(both).overall == expected
        assert rows(both, tables.findings, check_id="encryption")[0].settled is (expected == "compliant")


def test_a_verdict_that_its_own_findings_deny_is_the_worse_of_the_two(both: Console, sender: Sender) -> None:
    sender.report("pfp", overall=Overall.CANNOT_TELL)
    assert the_device(both).overall == "not_compliant"
    both.clock.forward(60)
    sender.report(findings=(), overall=Overall.COMPLIANT)
    assert the_device(both).overall == "cannot_tell"


@pytest.mark.parametrize("then", ["0001-01-02T00:00:00Z", "1960-01-02T00:00:00Z"])
def test_a_finding_from_long_ago_is_not_hidden_by_its_age(both: Console, sender: Sender, then: str) -> None:
    failing = finding(sender.laptop_id, "encryption", "fail", both.now())
    body = json.loads(sender.full(findings=(failing,), overall=Overall.NOT_COMPLIANT))
    body["findings"][0]["observed_at"] = then
    assert sender.send(json.dumps(body).encode()).status_code == 202
    with both.store.read() as db:
        assert len(open_findings(db, practice_id(both), both.now(), FindingFilter())) == 1


def test_one_device_with_very_many_reports_keeps_the_writer_from_nobody(both: Console, sender: Sender) -> None:
    sender.report("ppp")
    about = {"practice_id": practice_id(both), "agent_id": sender.agent_id, "device_id": sender.laptop_id}
    usual = {**about, "link": "", "body": b"", "proof": "{}", "received_at": both.now()}
    many = [{**usual, "id": f"r{number}", "seq": number} for number in range(2, MOST_KEPT + 100)]
    with both.store.write() as db:
        db.execute(tables.reports.insert(), many)
        found = load(db, [], now=both.now(), allowed=lambda who, what: True).kept_of(sender.laptop_id)
    assert [row["seq"] for row in found] == list(range(100, MOST_KEPT + 100))


def hostile(sender: Sender, console: Console) -> None:
    """Every time that a device may send, at the ends of what can be written."""
    first, last = "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"
    made = json.loads(sender.full("uf", device=sender.device(PHONE, Platform.ANDROID)))
    looked, failing = made["findings"]
    looked |= {"observed_at": first, "attestation": {"saw": "off", "at": first, "until": last, "counts": True}}
    failing |= {"observed_at": last, "waiver": {"uid": failing["uid"], "until": last}}
    seen = [
        {"uid": one["uid"], "status": "fail", "observed_at": at} for one in (looked, failing) for at in (first, last)
    ]
    whole = {"schema": "scrubin/folded/1", "id": made["id"], "device_id": PHONE, "history": seen, "report": made}
    assert sender.send(json.dumps(whole).encode()).status_code == 202


@pytest.mark.parametrize("path", ["/", "/devices", "/findings", f"/devices/{PHONE}", "/alerts", "/findings.csv"])
def test_no_time_that_a_device_sends_breaks_a_page(console: Console, client: Any, path: str) -> None:
    http = client(console)
    sender = enrolled(http, console, practice_id(console))
    hostile(sender, console)
    cookie = f"{SESSION_COOKIE}={session_of(console, account(console))}"
    assert http.get(path, headers={"cookie": cookie}).status_code == 200
    assert {row.status for row in rows(console, tables.findings)} == {Status.UNKNOWN, Status.FAIL}
