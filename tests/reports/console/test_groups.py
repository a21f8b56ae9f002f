"""Groups, leave and rosters: when silence counts, and for whom."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from stock import acts_of, agent, count, device, put

from reports.console import groups, groups_leave
from reports.console.console import Console
from reports.console.groups import Terms
from reports.console.model import Ask, Refusal, Role
from reports.console.pages import groups as pages
from reports.console.store import tables

Made = Callable[..., Any]
Asked = Callable[..., Ask]
HOUR = 3600
TERMS = Terms(name="Ward", period_hours=12, grace_hours=24, days="1111111")
TODAY = date(2026, 11, 22)
FORM = [("name", "Ward"), ("period_hours", "12"), ("grace_hours", ""), ("day", "0"), ("day", "1")]


@pytest.fixture
def asked(console: Console, ask: Made, as_role: Made) -> Asked:
    """A request; a manager's, unless said otherwise."""

    def make(role: Role = Role.MANAGER, practice: str = "Example Practice", **given: Any) -> Ask:
        made: Ask = ask(console, as_role(console, role, practice), **given)
        return made

    return make


def made(ask: Ask, terms: Terms = TERMS) -> str:
    with ask.console.store.write() as db:
        return groups.make(db, ask, terms)


def due_of(console: Console, device_id: str) -> int:
    with console.store.read() as db:
        return int(db.scalar(sa.select(tables.devices.c.due_at).where(tables.devices.c.id == device_id)) or 0)


def test_moving_a_laptop_gives_its_devices_the_groups_hours(both: Console, ask: Made, as_role: Made) -> None:
    asking = ask(both, as_role(both, Role.MANAGER))
    laptop = agent(both, asking.practice_id)
    phone, group = device(both, asking.practice_id, laptop), made(asking)
    with both.store.write() as db:
        moved = groups.move(db, asking, [laptop], group)
    groups.renew(both, moved)
    assert due_of(both, phone) == both.now() + 36 * HOUR
    assert acts_of(both, asking.practice_id) == ["group.made", "group.moved"]


def test_changing_a_group_renews_all_of_it(console: Console, asked: Asked) -> None:
    group = made(asked())
    phone = device(console, asked().practice_id, agent(console, asked().practice_id, group_id=group))
    form = [("name", "Ward"), ("period_hours", "1"), ("grace_hours", "1"), *(("day", str(n)) for n in range(7))]
    assert pages.change(asked(path={"group_id": group}, form=form)).status == 303
    assert due_of(console, phone) == console.now() + 2 * HOUR


def test_a_name_is_taken_once_in_a_practice_and_free_in_another(console: Console, asked: Asked) -> None:
    made(asked())
    reply = pages.make(asked(form=[("name", "WARD"), ("day", "0")]))
    assert reply.status == 422
    assert 'href="#name"' in reply.content.decode()
    with pytest.raises(Refusal):
        made(asked(), Terms(name="ward", period_hours=None, grace_hours=None, days="1111111"))
    made(asked(practice="Other Practice"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ([("name", ""), ("day", "0")], "name"),
        ([("name", "x"), ("period_hours", "0"), ("day", "0")], "period_hours"),
        ([("name", "x"), ("grace_hours", "99999"), ("day", "0")], "grace_hours"),
        ([("name", "x")], "day-0"),
        ([("name", "x"), ("day", "9")], "day-0"),
    ],
)
def test_a_wrong_form_comes_back_whole(console: Console, asked: Asked, wrong: Any, field: str) -> None:
    reply = pages.make(asked(form=wrong))
    assert reply.status == 422
    assert f'href="#{field}"' in reply.content.decode()
    assert count(console, tables.groups) == 0


def test_a_group_is_made_shown_and_deleted_when_empty(console: Console, asked: Asked) -> None:
    reply = pages.make(asked(form=FORM))
    group = reply.headers["location"].rpartition("/")[2]
    shown = pages.one(asked(path={"group_id": group})).content.decode()
    assert 'value="12"' in shown
    assert shown.count(" checked") == 2
    laptop = agent(console, asked().practice_id, group_id=group)
    with pytest.raises(Refusal) as refused:
        pages.delete(asked(path={"group_id": group}, form={}))
    assert refused.value.code == "not_empty"
    with console.store.write() as db:
        db.execute(tables.agents.update().where(tables.agents.c.id == laptop).values(ended_at=console.now()))
    assert pages.delete(asked(path={"group_id": group}, form={})).status == 303
    assert count(console, tables.groups) == 0


def test_a_group_that_a_code_leads_to_stays(console: Console, asked: Asked) -> None:
    group = made(asked())
    code = {"id": "c", "practice_id": asked().practice_id, "code_hash": "h", "hint": "ABCD", "group_id": group}
    when = {"created_at": console.now(), "expires_at": console.now() + 9, "created_by": "a", "uses_left": 1}
    put(console, tables.codes, {**code, **when, "ownership": "personal"})
    with pytest.raises(Refusal) as refused:
        pages.delete(asked(path={"group_id": group}, form={}))
    assert refused.value.code == "has_codes"
    console.clock.forward(10)  # type: ignore[attr-defined]
    assert pages.delete(asked(path={"group_id": group}, form={})).status == 303


def test_another_practices_group_and_laptops_are_not_there(console: Console, asked: Asked) -> None:
    theirs = made(asked(practice="Other Practice"))
    mine, stranger = made(asked()), agent(console, asked(practice="Other Practice").practice_id)
    for run, form in ((pages.one, None), (pages.change, FORM), (pages.delete, {})):
        with pytest.raises(Refusal) as refused:
            run(asked(path={"group_id": theirs}, form=form))
        assert refused.value.status == 404
    for agents, to in (([stranger], mine), ([agent(console, asked().practice_id)], theirs)):
        with pytest.raises(Refusal), console.store.write() as db:
            groups.move(db, asked(), agents, to)


def test_moving_by_the_page_takes_those_that_were_ticked(console: Console, asked: Asked) -> None:
    group, laptop = made(asked()), agent(console, asked().practice_id, label="<u>x</u>")
    assert "&lt;u&gt;x" in pages.without(asked()).content.decode()
    reply = pages.move(asked(form=[("agent", laptop), ("to", group)]))
    assert reply.headers["location"] == f"/groups/{group}"
    assert "&lt;u&gt;x" in pages.one(asked(path={"group_id": group})).content.decode()
    with pytest.raises(Refusal):
        pages.move(asked(form=[("to", group)]))


LABELS = {"registrar 4": ["a", "b"], "dr o'x, jr": ["c"]}


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Registrar 4,2026-12-24,2027-01-03", [("a", "b")]),
        ("label,from,until\nREGISTRAR 4 , 24/12/2026 , 3/1/2027\n\n", [("a", "b")]),
        ("Registrar 4\t2026-12-24\t2026-12-24\r\n", [("a", "b")]),
        ('"Dr O\'X, Jr";2026-12-24;2026-12-25', [("c",)]),
        ("", []),
    ],
)
def test_a_table_is_read_as_spreadsheets_paste_it(text: str, read: list[tuple[str, ...]]) -> None:
    roster = groups_leave.read(text, labels=LABELS, today=TODAY)
    assert roster.faults == ()
    assert [one.agent_ids for one in roster.leave] == read


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("Nobody,2026-12-24,2026-12-25", "No laptop has the staff label"),
        ("Registrar 4,2026-12-24", "three cells"),
        ("Registrar 4,2026-12-24,2026-12-25,why", "three cells"),
        ("Registrar 4,24 Dec,2026-12-25", "Write days such as"),
        ("Registrar 4,2026-02-30,2026-12-25", "Write days such as"),
        ("Registrar 4,2026-12-26,2026-12-25", "before the first"),
        ("Registrar 4,2026-12-24,2028-12-25", "At most 400 days"),
        ("Registrar 4,0001-01-01,0001-01-02", "too far"),
        ("Registrar 4,9999-12-30,9999-12-31", "too far"),
        ('"open,2026-12-24,2026-12-25', "can't be read"),
        ("x" * 70_000, "At most 64 KB"),
        ("Registrar 4,1,1\n" * 2000, "At most 1000 rows"),
    ],
)
def test_a_row_that_is_none_is_named_with_its_line(row: str, said: str) -> None:
    roster = groups_leave.read(row, labels=LABELS, today=TODAY)
    assert roster.leave == ()
    assert any(said in one.sentence for one in roster.faults)


@given(st.text(max_size=300))
@settings(max_examples=300)
def test_any_paste_is_read_or_refused(text: str) -> None:
    groups_leave.read(text, labels=LABELS, today=TODAY)


def test_leave_is_shown_first_and_entered_by_the_second_button(console: Console, asked: Asked) -> None:
    laptop = agent(console, asked().practice_id)
    phone = device(console, asked().practice_id, laptop)
    before = due_of(console, phone)
    table = "Registrar 4,2026-11-22,2026-11-23"
    first = pages.enter(asked(form={"table": table}))
    assert "Enter these 1 rows" in first.content.decode()
    assert count(console, tables.away) == 0
    assert pages.enter(asked(form={"table": table, "do": "keep"})).status == 303
    assert due_of(console, phone) > before
    pages.enter(asked(form={"table": table, "do": "keep"}))
    assert count(console, tables.away) == 1
    assert acts_of(console, asked().practice_id) == ["away.added"]


def test_half_a_roster_is_not_entered(console: Console, asked: Asked) -> None:
    agent(console, asked().practice_id)
    table = "Registrar 4,2026-11-23,2026-11-24\n<b>Nobody</b>,2026-11-23,2026-11-24"
    reply = pages.enter(asked(form={"table": table, "do": "keep"}))
    shown = reply.content.decode()
    assert reply.status == 422
    assert "Line 2" in shown
    assert "&lt;b&gt;Nobody" in shown
    assert "<b>Nobody" not in shown
    assert count(console, tables.away) == 0


def test_leave_of_another_practice_is_neither_entered_nor_removed(console: Console, asked: Asked) -> None:
    theirs = asked(practice="Other Practice").practice_id
    laptop = agent(console, theirs, label="Theirs")
    put(console, tables.away, {"practice_id": theirs, "agent_id": laptop, "from_at": 0, "until_at": 2**33})
    assert pages.enter(asked(form={"table": "Theirs,2026-11-23,2026-11-24", "do": "keep"})).status == 422
    assert b"Theirs" not in pages.roster(asked()).content
    with pytest.raises(Refusal) as refused:
        pages.remove(asked(path={"away_id": "1"}, form={}))
    assert refused.value.status == 404
    assert count(console, tables.away) == 1


@pytest.mark.parametrize("away_id", ["x", "-1", "²", "9" * 30])
def test_an_entry_that_is_none_is_not_found(console: Console, asked: Asked, away_id: str) -> None:
    with pytest.raises(Refusal) as refused:
        pages.remove(asked(path={"away_id": away_id}, form={}))
    assert refused.value.status == 404


def test_an_entry_is_removed_and_counts_no_more(console: Console, asked: Asked) -> None:
    phone = device(console, asked().practice_id, agent(console, asked().practice_id))
    pages.enter(asked(form={"table": "Registrar 4,2026-11-22,2026-11-23", "do": "keep"}))
    later = due_of(console, phone)
    with console.store.read() as db:
        (entry,) = groups_leave.ahead(db, practice_id=asked().practice_id, now=console.now(), limit=9, offset=0)
    assert pages.remove(asked(path={"away_id": str(entry.id)}, form={})).status == 303
    assert due_of(console, phone) < later


def test_lists_and_files_keep_to_their_practice(console: Console, asked: Asked) -> None:
    made(asked(), Terms(name="=Mine", period_hours=None, grace_hours=None, days="1111100"))
    assert b"'=Mine" in pages.table(asked()).content
    assert b"=Mine" not in pages.table(asked(practice="Other Practice")).content
    assert b"=Mine" not in pages.show(asked(practice="Other Practice")).content
    assert "Mon Tue Wed Thu Fri" in pages.show(asked(Role.AUDITOR)).content.decode()
