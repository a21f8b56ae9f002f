"""What the practice tells its laptops: believed by its signature only, taken over, tried, and answered."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from enrolled import Laptop, a_console, enrolled_laptop
from fake_console import FakeConsole, problem

from agent.directive import FILE

POLICY = """\
schema = "scrubin/policy/1"
layer = "practice"
id = "example"
version = "{version}"
name = "Example Practice"
[checks.screen_lock]
level = "{level}"
reason = "for a test"
"""


def policy(version: str = "7", level: str = "off") -> dict[str, str]:
    return {"version": version, "toml": POLICY.format(version=version, level=level)}


fake = pytest.fixture(a_console)
mine = pytest.fixture(enrolled_laptop)


def in_force(mine: Laptop) -> str:
    return mine.scrubin("policy", "show", "--json").json["version"]


def problems(mine: Laptop) -> str:
    return " ".join(mine.scrubin("status", "--json").json["enrolment"]["problems"])


def test_policy_is_taken_over_and_reports_say_so(mine: Laptop, fake: FakeConsole) -> None:
    fake.policy, fake.serial = policy(), 2
    assert mine.scrubin("report", "send", "--json").json["news"] is True
    report = mine.audited()
    assert report["policy"]["version"].startswith("practice-7")
    (body,) = (raw for _, raw in fake.reports)
    assert json.loads(body)["policy"] == report["policy"]
    assert mine.scrubin("report", "send", "--json").json["news"] is False


def test_second_question_costs_no_answer(mine: Laptop, fake: FakeConsole) -> None:
    asked = [one for one in fake.seen if one.path == "/v1/directive"]
    mine.scrubin("report", "send")
    again = [one for one in fake.seen if one.path == "/v1/directive"][-1]
    assert "if-none-match" not in asked[0].headers
    assert again.headers["if-none-match"].startswith('"')


def test_practices_word_stands_before_files_and_the_persons_own_folder(mine: Laptop, fake: FakeConsole) -> None:
    for place, version in (("etc", "1"), ("config/scrubin", "2")):
        (mine.folder / place / "policy.d").mkdir(parents=True)
        text = POLICY.format(version=version, level="required")
        (mine.folder / place / "policy.d" / "a.toml").write_text(text)
    fake.policy, fake.serial = policy(), 2
    mine.scrubin("report", "send")
    said = mine.scrubin("policy", "show", "--json").json
    assert said["version"].startswith("practice-7")
    assert any("is ignored" in one["sentence"] for one in said["problems"])
    assert "~/.config/scrubin/policy.d is ignored" in problems(mine)


def test_hospital_layer_comes_the_same_way(mine: Laptop, fake: FakeConsole) -> None:
    toml = POLICY.format(version="3", level="off").replace('layer = "practice"', 'layer = "hospital"')
    fake.policy, fake.serial = {"version": "3", "toml": toml}, 2
    mine.scrubin("report", "send")
    assert in_force(mine).startswith("hospital-3")


def test_refused_policy_leaves_the_last_good_one_in_force_and_says_so(mine: Laptop, fake: FakeConsole) -> None:
    fake.policy, fake.serial = policy("7"), 2
    mine.scrubin("report", "send")
    in_force(mine)
    fake.policy, fake.serial = {"version": "8", "toml": POLICY.format(version="8", level="never")}, 3
    mine.scrubin("report", "send")
    said = mine.scrubin("policy", "show", "--json").json
    assert said["version"].startswith("practice-7")
    assert "was refused" in said["problems"][0]["sentence"]
    assert "The policy from your practice" in mine.scrubin("doctor").out


def resigned(fake: FakeConsole, other: FakeConsole) -> Any:
    def meddle(request: Any) -> Any:
        if request.path != "/v1/directive":
            return None
        other.agents, other.url, other.policy = fake.agents, fake.url, policy("9")
        other.serial = 9
        return other._directive(request)

    return meddle


def changed(**terms: Any) -> Any:
    return lambda body: body.update(terms)


HOSTILE = [
    (changed(practice_id="7a000000-0000-4000-8000-00000000000f"), "another laptop"),
    (changed(agent_id="7a000000-0000-4000-8000-00000000000f"), "another laptop"),
    (changed(serial=1), "older than"), (changed(serial="9"), "form"), (changed(serial=True), "form"),
    (changed(schema="scrubin/directive/2"), "does not know"), (changed(policy={"toml": 7}), "form"),
    (changed(policy={"version": "9", "toml": "x" * 300_000}), "form"), (changed(waivers={}), "form"),
    (changed(waivers=[{}] * 1001), "form"), (changed(period_hours=0), "form"), (changed(issued_at="now"), "form"),
    (changed(drafts=None), "form"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "why"), HOSTILE)
def test_word_that_is_not_for_us_or_not_in_order_changes_nothing(
    mine: Laptop, fake: FakeConsole, change: Any, why: str
) -> None:
    fake.policy, fake.serial = policy("7"), 2
    mine.scrubin("report", "send")
    before = (mine.state / FILE).read_bytes()
    fake.policy, fake.serial, fake.change = policy("8"), 3, change
    said = mine.scrubin("report", "send")
    assert (said.code, why in said.out) == (2, True), said.out + said.err
    assert (mine.state / FILE).read_bytes() == before
    assert in_force(mine).startswith("practice-7")
    assert why in problems(mine)


def test_other_keys_signature_is_refused_until_a_good_one_comes(mine: Laptop, fake: FakeConsole) -> None:
    fake.meddle = resigned(fake, FakeConsole())
    assert "signature does not match" in mine.scrubin("report", "send").out
    assert not in_force(mine).startswith("practice-9")
    fake.meddle = lambda request: None
    mine.scrubin("report", "send")
    assert problems(mine) == ""


@pytest.mark.parametrize("signature", ["", ":AAAA:", "\u00e4", "x" * 9000])
def test_unsigned_word_is_refused(mine: Laptop, fake: FakeConsole, signature: str) -> None:
    body = fake.directive(mine.enrolment["agent_id"])
    fields = {"content-type": "application/json", "scrubin-signature": signature}
    fake.meddle = lambda request: (200, fields, body) if request.path == "/v1/directive" else None
    assert "it is not signed" in mine.scrubin("report", "send").out


def test_huge_word_is_not_read(mine: Laptop, fake: FakeConsole) -> None:
    fake.change = changed(drafts=[{"id": "x" * 3_000_000}])
    fake.serial = 2
    assert "more than 2048 kB" in mine.scrubin("report", "send").out


@pytest.mark.parametrize("spoil", ["{", "", '{"schema": 1}', None])
def test_word_that_somebody_changed_on_the_disk_is_not_believed_and_loosens_nothing(
    mine: Laptop, fake: FakeConsole, spoil: str | None
) -> None:
    fake.policy, fake.serial = policy("7"), 2
    mine.scrubin("report", "send")
    in_force(mine)
    path = mine.state / FILE
    kept = json.loads(path.read_text())
    tampered = {**kept, "body": kept["body"].replace('level = \\"off\\"', 'level = \\"recommended\\"')}
    assert tampered != kept
    path.write_text(json.dumps(tampered) if spoil is None else spoil)
    assert in_force(mine).startswith("practice-7"), "the last good copy"
    assert "can't be used" in problems(mine)
    mine.scrubin("report", "send")
    assert problems(mine) == ""


def test_waiver_of_the_console_is_on_the_finding_until_it_ends(mine: Laptop, fake: FakeConsole) -> None:
    first = mine.audited()
    broken = next(one for one in first["findings"] if one["status"] in ("fail", "unknown", "error"))
    until = (datetime.now(UTC) + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M:%SZ")
    good = {"uid": broken["uid"], "who": "IT lead", "why": "a new laptop is ordered", "until": until}
    fake.waivers = [good, {**good, "uid": "x"}, {**good, "until": "2999"}, {"uid": 7}]
    fake.serial = 2
    mine.scrubin("report", "send")
    (waived,) = (one for one in mine.audited()["findings"] if one["uid"] == broken["uid"])
    assert waived["waiver"] == {"uid": broken["uid"], "until": until}
    assert "is not understood" in problems(mine)
    fake.waivers, fake.serial = [], 3
    mine.scrubin("report", "send")
    assert all(one["waiver"] is None for one in mine.audited()["findings"])


DRAFT = "7a000000-0000-4000-8000-0000000000d1"


def test_draft_is_tried_on_what_was_seen_and_only_the_verdict_is_told(mine: Laptop, fake: FakeConsole) -> None:
    everything_off = "".join(
        f'[checks.{one["check_id"]}]\nlevel = "off"\nreason = "a draft"\n'
        for one in mine.audited()["findings"]
        if one["check_id"] != "screen_lock"
    )
    toml = POLICY.format(version="8", level="required") + everything_off
    fake.drafts, fake.serial = [{"id": DRAFT, "revision": 3, "toml": toml}], 2
    mine.scrubin("report", "send")
    before = in_force(mine)
    report = mine.audited()
    (trial,) = fake.trials
    assert set(trial) == {"schema", "draft", "revision", "device_id", "overall", "failing", "tried_at"}
    assert (trial["draft"], trial["revision"], trial["device_id"]) == (DRAFT, 3, report["device"]["id"])
    locked = next(one["status"] for one in report["findings"] if one["check_id"] == "screen_lock")
    assert trial["failing"] == (["screen_lock"] if locked == "fail" else [])
    assert in_force(mine) == before
    assert report["policy"]["version"] == before


def test_trial_waits_until_the_console_takes_it_and_goes_once(mine: Laptop, fake: FakeConsole) -> None:
    fake.drafts = [{"id": DRAFT, "revision": 1, "toml": POLICY.format(version="8", level="off")}]
    fake.serial = 2
    mine.scrubin("report", "send")
    fake.meddle = lambda request: problem(503, "full") if request.path == "/v1/trials" else None
    mine.audited()
    fake.meddle = lambda request: None
    for _ in range(2):
        mine.scrubin("report", "send")
    assert [one["draft"] for one in fake.trials] == [DRAFT]


@pytest.mark.parametrize("toml", ["", "[", POLICY.format(version="8", level="never"), 'layer = "baseline"'])
def test_draft_that_would_be_refused_is_not_tried(mine: Laptop, fake: FakeConsole, toml: str) -> None:
    fake.drafts, fake.serial = [{"id": DRAFT, "revision": 1, "toml": toml}], 2
    mine.scrubin("report", "send")
    mine.audited()
    assert fake.trials == []
