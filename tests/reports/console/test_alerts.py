"""Alerts: told on change, once, by rule and severity, outside quiet hours, and never across practices."""

import json
from dataclasses import replace

import pytest
import sqlalchemy as sa
from alerts_parts import DAY, agent, change, channel, device, failing, finding, practice, put, rows, setting, told

from checks.model import Severity
from reports.console.alerts import evaluate, intake_watch
from reports.console.alerts.rules import Names, Rule, Rules, When, to_plain
from reports.console.store import tables

NOON = 1_795_309_200
"""Sunday 22 November 2026, noon in Melbourne."""
MORE = Rules(quiet_from="00:00", quiet_until="00:00")
"""As the defaults, without quiet hours."""


@pytest.fixture
def here(console, practice_of):
    console.clock.at = NOON
    return practice_of(console)


@pytest.fixture
def hearing(console, here):
    """A practice that somebody can be told of."""
    channel(console, here)
    return here


def rule(console, practice_id, **changes):
    setting(console, practice_id, "alerts", to_plain(replace(MORE, **changes)))


def said(console):
    return [[(one["kind"], one["name"], one["says"]) for one in news["items"]] for news in told(console)]


def kinds(console):
    return [[one["kind"] for one in news["items"]] for news in told(console)]


def run(console, seconds=0):
    console.clock.forward(seconds)
    evaluate.run(console)


def test_a_device_that_turns_not_compliant_is_told_once(console, hearing):
    made = failing(console, hearing, "critical")
    for _ in range(3):
        run(console, 60)
    assert said(console) == [[("fails", f"SCR-{made[:8].upper()}", "not compliant: Screen locks with a credential")]]
    assert told(console)[0]["severity"] == "critical"


def test_a_compliant_device_is_no_news(console, hearing):
    device(console, hearing)
    run(console)
    assert told(console) == []


def test_the_worst_finding_that_counts_decides(console, hearing):
    made = failing(console, hearing, "medium")
    finding(console, hearing, made, severity="critical", level="recommended")
    finding(console, hearing, made, severity="critical", waived_until=console.now() + DAY)
    finding(console, hearing, made, severity="high", check_id="encryption")
    finding(console, hearing, made, severity="critical", status="unknown")
    run(console)
    assert [(one["severity"], one["says"]) for one in told(console)[0]["items"]] == [
        ("high", "not compliant: What holds the home folder is encrypted")
    ]


def test_what_happens_together_is_told_together_worst_first(console, hearing):
    failing(console, hearing, "medium")
    failing(console, hearing, "critical")
    device(console, hearing, due_at=console.now() - 1)
    run(console)
    assert [one["severity"] for one in told(console)[0]["items"]] == ["critical", "medium", "medium"]


def test_worse_news_of_the_same_device_are_told(console, hearing):
    made = failing(console, hearing, "medium")
    run(console)
    finding(console, hearing, made, severity="critical", check_id="encryption")
    run(console, 60)
    lock, disk = "Screen locks with a credential", "What holds the home folder is encrypted"
    assert [one[0][2] for one in said(console)] == [f"not compliant: {lock}", f"not compliant: {disk}"]


def test_better_news_of_the_same_device_are_not(console, hearing):
    made = failing(console, hearing, "critical")
    run(console)
    change_finding(console, made, severity="medium")
    run(console, 60)
    assert len(told(console)) == 1


def change_finding(console, device_id, **values):
    with console.store.write() as db:
        db.execute(tables.findings.update().where(tables.findings.c.device_id == device_id).values(**values))


def test_what_was_mended_is_cleared_and_told_again_when_it_returns_later(console, hearing):
    made = failing(console, hearing)
    run(console)
    for overall, later in (("compliant", 60), ("not_compliant", 7 * 3600)):
        change(console, tables.devices, made, overall=overall)
        run(console, later)
    assert len(told(console)) == 2


def test_what_comes_and_goes_is_not_told_each_time(console, hearing):
    made = failing(console, hearing)
    for overall in ("compliant", "not_compliant") * 4:
        run(console, 60)
        change(console, tables.devices, made, overall=overall)
    run(console, 60)
    assert len(told(console)) == 1
    run(console, 6 * 3600)
    assert len(told(console)) == 2


def test_silence_is_told_at_each_step_and_noted_as_a_change(console, hearing):
    rule(console, hearing, by_severity={one: Rule(when=When.NOW) for one in Severity})
    made = device(console, hearing, due_at=console.now() - 1)
    for days in (0, 1, 1, 1, 1, 3, 1):
        run(console, days * DAY)
    assert [news["severity"] for news in told(console)] == ["medium", "high", "critical"]
    assert [(one.device_id, one.after) for one in rows(console, tables.changes)] == [(made, "overdue")]


def test_a_device_that_is_not_yet_due_or_has_left_is_not_overdue(console, hearing):
    device(console, hearing, due_at=console.now())
    device(console, hearing, due_at=console.now() - DAY, ended_at=console.now())
    run(console)
    assert told(console) == []


@pytest.mark.parametrize(("chain", "severity"), [("gap", "medium"), ("broken", "high")])
def test_a_chain_that_is_not_whole_is_told(console, hearing, chain, severity):
    device(console, hearing, chain=chain)
    run(console)
    assert [(one["kind"], one["severity"]) for one in told(console)[0]["items"]] == [("chain", severity)]


def test_a_run_without_proof_is_told_from_the_second_on(console, hearing):
    made = device(console, hearing, proven=False)
    run(console)
    run(console, 600)
    assert told(console) == []
    change(console, tables.devices, made, received_at=console.now())
    run(console, 60)
    assert kinds(console) == [["unproven"]]


def test_a_proof_in_between_begins_the_count_anew(console, hearing):
    made = device(console, hearing, proven=False)
    run(console)
    for proven in (True, False):
        console.clock.forward(600)
        change(console, tables.devices, made, received_at=console.now(), proven=proven)
        run(console)
    assert told(console) == []


def test_a_check_that_cannot_run_is_told_past_its_grace(console, hearing):
    made = device(console, hearing, overall="cannot_tell", due_at=console.now() + 9 * DAY)
    finding(console, hearing, made, status="error", since=console.now() - 3 * DAY)
    run(console)
    assert told(console) == []
    run(console, 1)
    assert said(console)[0][0][2] == "could not be checked for 3 days: Screen locks with a credential"


def test_a_waiver_that_ends_is_told_in_the_digest_first_and_then_at_once(console, hearing):
    made = device(console, hearing, due_at=console.now() + 90 * DAY)
    uid = finding(console, hearing, made, waived_until=console.now() + 15 * DAY)
    waiver = {"id": "w", "practice_id": hearing, "device_id": made, "uid": uid, "check_id": "screen_lock"}
    put(
        console, tables.waivers, **waiver, owner="o", reason="a private reason",
        created_at=console.now(), created_by="x",
        until=console.now() + 15 * DAY,
    )  # fmt: skip
    for days, count in ((0, 0), (2, 0), (10, 1), (1, 1)):
        run(console, days * DAY)
        assert len(told(console)) == count
    assert said(console)[0][0][2] == "a waiver ends on 7 Dec 2026: Screen locks with a credential"
    assert "a private reason" not in json.dumps(told(console))


def test_a_policy_that_a_device_does_not_take_over_is_told_after_a_day(console, hearing):
    values = {"id": "p7", "practice_id": hearing, "number": 7, "state": "published", "toml": "", "created_at": 0}
    put(console, tables.policies, **values, created_by="x", saved_at=0, published_at=console.now() - 2 * DAY)
    change(console, tables.practices, hearing, policy_id="p7")
    for taken_over in ("practice-7+baseline-1", "hospital-7+practice-70+baseline-1"):
        device(console, hearing, policy_version=taken_over)
    device(console, hearing, policy_version="practice-6+baseline-1", observed_at=console.now() - DAY)
    late = device(console, hearing, policy_version="practice-77+baseline-7")
    run(console)
    assert [(one["kind"], one["device_id"]) for one in told(console)[0]["items"]] == [("policy", late)]


def test_a_channel_that_fails_is_told_by_another(console, hearing):
    failing_one = channel(console, hearing)
    change(console, tables.channels, failing_one, failing_since=console.now())
    run(console)
    assert said(console) == [[("path", "IT", "messages do not get through this channel")]] * 2


def test_rules_decide_what_is_told_at_once(console, hearing):
    rules = {one: Rule(when=When.NEVER) for one in Severity}
    rule(console, hearing, by_severity={**rules, Severity.LOW: Rule(when=When.NOW)})
    failing(console, hearing, "critical")
    failing(console, hearing, "low")
    run(console)
    assert [one["severity"] for one in told(console)[0]["items"]] == ["low"]


def test_open_trouble_is_told_again_after_the_days_of_its_rule(console, hearing):
    rule(console, hearing, by_severity={one: Rule(when=When.NOW, repeat_days=2) for one in Severity})
    failing(console, hearing, "low", due_at=console.now() + 9 * DAY)
    counts = []
    for _ in range(5):
        run(console, DAY)
        counts.append(len(told(console)))
    assert counts == [1, 1, 2, 2, 3]


def test_quiet_hours_hold_back_until_they_end_and_only_what_still_stands(console, hearing):
    console.clock.at = NOON + 10 * 3600
    mended, _ = failing(console, hearing), failing(console, hearing)
    run(console)
    change(console, tables.devices, mended, overall="compliant")
    run(console, 8 * 3600)
    assert told(console) == []
    run(console, 1800)
    assert [len(news["items"]) for news in told(console)] == [1]


def test_critical_news_pass_quiet_hours_if_the_practice_wants(console, hearing):
    console.clock.at = NOON + 10 * 3600
    failing(console, hearing, "critical")
    failing(console, hearing, "high")
    run(console)
    assert [len(news["items"]) for news in told(console)] == [1]


def test_critical_news_wait_too_if_the_practice_wants(console, hearing):
    setting(console, hearing, "alerts", to_plain(Rules(critical_passes=False)))
    console.clock.at = NOON + 10 * 3600
    failing(console, hearing, "critical")
    run(console)
    assert told(console) == []


def test_what_nobody_could_be_told_of_is_told_to_the_first_channel(console, here):
    failing(console, here)
    run(console)
    assert rows(console, tables.alerts)[0].told_at is None
    channel(console, here)
    run(console, DAY)
    assert len(told(console)) == 1


def test_the_label_is_used_only_where_the_practice_says_so(console, hearing):
    owner = agent(console, hearing, label="Dr A. Example")
    made = failing(console, hearing, agent_id=owner)
    run(console)
    assert "Example" not in json.dumps(told(console)[0]["items"])
    rule(console, hearing, names=Names.LABEL)
    finding(console, hearing, made, severity="critical")
    run(console, 60)
    assert told(console)[1]["items"][0]["name"] == "Dr A. Example, laptop"


def test_practices_never_hear_of_one_another(console, hearing, practice_of):
    other = practice_of(console, "Other Practice")
    failing(console, other)
    run(console)
    assert told(console) == []
    assert evaluate.current(console, practice(console, hearing)) == ()
    assert len(evaluate.current(console, practice(console, other))) == 1


def test_two_consoles_that_evaluate_at_once_queue_the_news_once(console, hearing):
    failing(console, hearing)
    found = evaluate.compare(console, practice(console, hearing))
    for _ in range(2):
        with console.store.write() as db:
            evaluate.telling.tell(db, console, practice(console, hearing), found.amiss)
    assert len(told(console)) == 1


def test_when_no_device_is_heard_the_console_suspects_itself(console, hearing):
    for _ in range(3):
        device(console, hearing, due_at=console.now() + 72 * 3600 - 1)
    intake_watch.run(console)
    assert [one.key for one in rows(console, tables.alerts)] == ["intake"]
    run(console, 4 * DAY)
    assert kinds(console) == [["intake"]]


def test_one_device_that_is_heard_clears_the_suspicion(console, hearing):
    made = [device(console, hearing, due_at=console.now() + 72 * 3600 - 1) for _ in range(3)]
    intake_watch.run(console)
    change(console, tables.devices, made[0], due_at=console.now() + 4 * DAY)
    intake_watch.run(console)
    assert rows(console, tables.alerts)[0].cleared_at == console.now()


@pytest.mark.parametrize("count", [0, 2])
def test_a_few_silent_devices_say_nothing_of_the_console(console, hearing, count):
    for _ in range(count):
        device(console, hearing, due_at=console.now() + 60)
    intake_watch.run(console)
    assert rows(console, tables.alerts) == []


def test_a_long_list_is_cut_and_says_so(console, hearing):
    owner = agent(console, hearing)
    for _ in range(45):
        failing(console, hearing, agent_id=owner)
    run(console)
    assert (len(told(console)[0]["items"]), told(console)[0]["more"]) == (40, True)
    with console.store.read() as db:
        untold = db.scalar(sa.select(sa.func.count()).where(tables.alerts.c.told_at.is_(None)))
    assert untold == 0
