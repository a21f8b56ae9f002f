"""Waivers: who may bear what for how long, and that nobody bears what is another practice's."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from stock import acts_of, agent, count, device, finding, put, serial_of

from reports.console import waiving
from reports.console.console import Console
from reports.console.intake.directive import directive_of
from reports.console.model import Ask, Person, Refusal, Role
from reports.console.pages import waivers as pages
from reports.console.store import tables
from reports.console.waiving import State

DAY = 86400
Made = Callable[..., Any]


@pytest.fixture
def opened(console: Console, practice_of: Made) -> dict[str, str]:
    """A device with an open finding."""
    practice = practice_of(console)
    laptop = agent(console, practice)
    phone = device(console, practice, laptop)
    return {"practice_id": practice, "device_id": phone, "uid": finding(console, practice, phone), "agent": laptop}


def give(console: Console, opened: dict[str, str], **other: Any) -> str:
    about = {name: opened[name] for name in ("practice_id", "device_id", "uid")}
    words = {"owner": "Practice manager", "reason": "New phone is on order", "by": "alice@practice.example"}
    with console.store.write() as db:
        return waiving.give(db, console, **{**about, **words, "until": console.now() + 30 * DAY, **other})


def test_a_waiver_is_told_to_the_device_and_stands_in_the_log(console: Console, opened: dict[str, str]) -> None:
    before = serial_of(console, opened["practice_id"])
    give(console, opened)
    with console.store.read() as db:
        told = directive_of(db, console, opened["agent"])
    assert b"New phone is on order" in told
    assert serial_of(console, opened["practice_id"]) > before
    assert acts_of(console, opened["practice_id"]) == ["waiver.given"]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"owner": " "}, "owner"),
        ({"owner": "x" * 121}, "owner"),
        ({"reason": ""}, "reason"),
        ({"reason": "x" * 301}, "reason"),
        ({"reason": "two\nlines"}, "reason"),
        ({"reason": "turned \u202e round"}, "reason"),
    ],
)
def test_who_and_why_must_be_said_in_one_line(console: Console, practice_of: Made, wrong: Any, code: str) -> None:
    practice = practice_of(console)
    phone = device(console, practice, agent(console, practice))
    about = {"practice_id": practice, "device_id": phone, "uid": finding(console, practice, phone)}
    with pytest.raises(Refusal) as refused:
        give(console, about, **wrong)
    assert (refused.value.status, refused.value.code) == (422, code)
    assert count(console, tables.waivers) == 0


@pytest.mark.parametrize("away", [0, -1, 90 * DAY + 1, 400 * DAY])
def test_no_waiver_lasts_longer_than_ninety_days_or_ends_before_it_begins(
    console: Console, opened: dict[str, str], away: int
) -> None:
    with pytest.raises(Refusal) as refused:
        give(console, opened, until=console.now() + away)
    assert refused.value.code == "until"


def test_ninety_days_are_allowed(console: Console, opened: dict[str, str]) -> None:
    assert give(console, opened, until=console.now() + 90 * DAY)


def test_a_finding_of_another_practice_is_not_there(
    console: Console, opened: dict[str, str], practice_of: Made
) -> None:
    with pytest.raises(Refusal) as refused:
        give(console, opened, practice_id=practice_of(console, "Other Practice"))
    assert refused.value.status == 404
    assert count(console, tables.waivers) == 0


@pytest.mark.parametrize("status", ["pass", "not_applicable"])
def test_what_is_not_open_is_not_waived(console: Console, opened: dict[str, str], status: str) -> None:
    with console.store.write() as db:
        db.execute(tables.findings.update().values(status=status))
    with pytest.raises(Refusal) as refused:
        give(console, opened)
    assert refused.value.code == "not_open"


def test_a_device_that_left_is_not_waived(console: Console, opened: dict[str, str]) -> None:
    with console.store.write() as db:
        db.execute(tables.devices.update().values(ended_at=console.now()))
    with pytest.raises(Refusal) as refused:
        give(console, opened)
    assert refused.value.code == "not_open"


def test_two_waivers_do_not_run_beside_each_other(console: Console, opened: dict[str, str]) -> None:
    first = give(console, opened)
    with pytest.raises(Refusal) as refused:
        give(console, opened)
    assert refused.value.code == "waived"
    with console.store.write() as db:
        waiving.end(db, console, waiver_id=first, practice_id=opened["practice_id"], by="bob@practice.example")
    assert give(console, opened) != first


def test_a_waiver_ends_by_itself(console: Console, opened: dict[str, str]) -> None:
    give(console, opened)
    console.clock.forward(30 * DAY)  # type: ignore[attr-defined]
    with console.store.read() as db:
        assert not waiving.in_force(db, device_id=opened["device_id"], uid=opened["uid"], now=console.now())
        counts = waiving.counts(db, practice_id=opened["practice_id"], now=console.now())
    assert counts == {State.IN_FORCE: 0, State.ENDING: 0, State.ENDED: 1}


def test_ended_early_it_is_told_no_more_and_can_not_end_twice(console: Console, opened: dict[str, str]) -> None:
    made = give(console, opened)
    with console.store.write() as db:
        waiving.end(db, console, waiver_id=made, practice_id=opened["practice_id"], by="bob@practice.example")
    with console.store.read() as db:
        assert b"New phone" not in directive_of(db, console, opened["agent"])
    with pytest.raises(Refusal) as refused, console.store.write() as db:
        waiving.end(db, console, waiver_id=made, practice_id=opened["practice_id"], by="bob@practice.example")
    assert refused.value.code == "ended"
    assert acts_of(console, opened["practice_id"]) == ["waiver.given", "waiver.ended"]


def test_a_waiver_is_given_listed_and_ended_on_either_engine(both: Console, practice_of: Made) -> None:
    practice = practice_of(both)
    phone = device(both, practice, agent(both, practice))
    about = {"practice_id": practice, "device_id": phone, "uid": finding(both, practice, phone)}
    made = give(both, about)
    with both.store.read() as db:
        (listed,) = waiving.listed(db, practice_id=practice, now=both.now(), state=State.IN_FORCE, limit=50)
    assert (listed.id, listed.title, listed.label) == (made, "The screen locks by itself", "Registrar 4")
    with both.store.write() as db:
        waiving.end(db, both, waiver_id=made, practice_id=practice, by="bob@practice.example")
    with both.store.read() as db:
        counts = waiving.counts(db, practice_id=practice, now=both.now())
    assert counts == {State.IN_FORCE: 0, State.ENDING: 0, State.ENDED: 1}


def test_the_finding_is_marked_while_it_is_borne_and_no_longer(console: Console, opened: dict[str, str]) -> None:
    made = give(console, opened)
    waived = sa.select(tables.findings.c.waived_until)
    with console.store.read() as db:
        assert db.scalar(waived) == console.now() + 30 * DAY
    with console.store.write() as db:
        waiving.end(db, console, waiver_id=made, practice_id=opened["practice_id"], by="bob@practice.example")
    with console.store.read() as db:
        assert db.scalar(waived) is None


def test_another_practice_can_not_end_it(console: Console, opened: dict[str, str], practice_of: Made) -> None:
    made, other = give(console, opened), practice_of(console, "Other Practice")
    with pytest.raises(Refusal) as refused, console.store.write() as db:
        waiving.end(db, console, waiver_id=made, practice_id=other, by="eve@other.example")
    assert refused.value.status == 404
    assert acts_of(console, other) == []


@given(st.text(max_size=400), st.text(max_size=200), st.integers(-(10**12), 10**12))
@settings(max_examples=200)
def test_whatever_is_asked_it_fits_or_is_refused_by_name(reason: str, owner: str, until: int) -> None:
    try:
        waiving._fit(owner=owner, reason=reason, until=until, now=1_000_000)
    except Refusal as refused:
        code = refused.code
    else:
        code = ""
    assert code in ("", "owner", "reason", "until")
    if not code:
        assert 0 < until - 1_000_000 <= 90 * DAY
        assert reason.strip()
        assert len(reason) <= 300
        assert "\n" not in reason


FORM = {"owner": "Practice manager", "reason": "New phone on order", "until": "2026-12-24", "csrf": "x"}


@pytest.fixture
def asked(console: Console, ask: Made, as_role: Made) -> Callable[..., Ask]:
    """A request of a manager."""

    def make(**given: Any) -> Ask:
        made: Ask = ask(console, given.pop("caller", as_role(console, Role.MANAGER)), **given)
        return made

    return make


def test_the_form_gives_a_waiver_until_the_end_of_its_day(
    console: Console, opened: dict[str, str], asked: Callable[..., Ask]
) -> None:
    reply = pages.give(asked(form={**FORM, "device": opened["device_id"], "uid": opened["uid"]}))
    assert reply.status == 303
    with console.store.read() as db:
        until = db.scalar(sa.select(tables.waivers.c.until))
    assert until == 1_798_117_200  # midnight in Melbourne after 24 December 2026
    shown = pages.one(asked(path={"waiver_id": reply.headers["location"].rpartition("/")[2]}))
    assert b"New phone on order" in shown.content
    assert b"waiver.given" in shown.content


def test_a_wrong_form_comes_back_with_all_that_was_typed(
    opened: dict[str, str], console: Console, asked: Callable[..., Ask]
) -> None:
    wrong = {**FORM, "until": "soon", "reason": "", "owner": "<b>Me</b>"}
    reply = pages.give(asked(form={**wrong, "device": opened["device_id"], "uid": opened["uid"]}))
    text = reply.content.decode()
    assert reply.status == 422
    assert 'href="#until"' in text
    assert 'id="until-fault"' in text
    assert 'value="soon"' in text
    assert "&lt;b&gt;Me" in text
    assert "<b>Me" not in text
    assert count(console, tables.waivers) == 0


def test_lists_and_the_file_keep_to_their_practice(
    console: Console, opened: dict[str, str], asked: Callable[..., Ask], as_role: Callable[..., Person]
) -> None:
    give(console, opened, reason="=HYPERLINK(1)")
    stranger = as_role(console, Role.ADMINISTRATOR, "Other Practice")
    assert b"HYPERLINK" in pages.show(asked()).content
    assert b"HYPERLINK" not in pages.show(asked(caller=stranger)).content
    assert b",'=HYPERLINK(1)," in pages.table(asked(query={"state": "all"})).content
    assert b"HYPERLINK" not in pages.table(asked(caller=stranger, query={"state": "all"})).content


@pytest.mark.parametrize("state", ["in_force", "ending", "ended", "all", "nonsense"])
def test_every_state_has_a_page(
    opened: dict[str, str], console: Console, asked: Callable[..., Ask], state: str
) -> None:
    give(console, opened, until=console.now() + 3 * DAY)
    assert pages.show(asked(query={"state": state, "page": "99999999"})).status == 200


def test_a_waiver_of_a_finding_that_went_is_still_shown(
    opened: dict[str, str], console: Console, asked: Callable[..., Ask]
) -> None:
    made = give(console, opened)
    with console.store.write() as db:
        db.execute(tables.findings.delete())
    assert b"screen_lock" in pages.one(asked(path={"waiver_id": made})).content


def test_an_auditor_sees_no_button(
    opened: dict[str, str], console: Console, asked: Callable[..., Ask], as_role: Callable[..., Person]
) -> None:
    made = give(console, opened)
    shown = pages.one(asked(caller=as_role(console, Role.AUDITOR), path={"waiver_id": made}))
    assert b"End this waiver" not in shown.content


def test_the_trail_holds_no_line_of_another_practice(
    opened: dict[str, str], console: Console, asked: Callable[..., Ask], practice_of: Made
) -> None:
    made = give(console, opened)
    line = {"at": console.now(), "actor_kind": "person", "actor": "eve@other.example", "act": "waiver.ended"}
    put(console, tables.audit, {**line, "practice_id": practice_of(console, "Other Practice"), "target": made})
    assert b"eve@other.example" not in pages.one(asked(path={"waiver_id": made})).content


def test_without_a_finding_the_form_says_the_way_to_one(asked: Callable[..., Ask]) -> None:
    shown = pages.begin(asked()).content.decode()
    assert 'href="/findings"' in shown
    assert "Give the waiver</button>" not in shown
