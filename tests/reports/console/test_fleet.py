"""Devices of a practice: counted once each, found by what IT asks for, and never another practice's."""

from typing import Any

import pytest
import stock
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.console import fleet
from reports.console.console import Console
from reports.console.fleet import Filter, Sort, Verdict

LATE = -100


@pytest.fixture
def practice(both: Console, practice_of: Any) -> str:
    return str(practice_of(both))


def device(console: Console, practice: str, label: str = "", **given: Any) -> str:
    """A device of a laptop of its own; `due_in` seconds from now."""
    due_at = console.now() + int(given.pop("due_in", 86400))
    agent = stock.agent(console, practice, label=label, group_id=given.pop("group_id", None))
    return stock.device(console, practice, agent, due_at=due_at, **given)


def ids(console: Console, practice: str, **wanted: Any) -> list[str]:
    with console.store.read() as db:
        return [one.id for one in fleet.find_devices(db, practice, console.now(), Filter(**wanted))]


def test_each_device_is_counted_once_and_an_overdue_one_as_nothing_else(both: Console, practice: str) -> None:
    for overall, due_in in (("compliant", 9), ("compliant", LATE), ("not_compliant", 9), ("cannot_tell", LATE)):
        device(both, practice, overall=overall, due_in=due_in)
    device(both, practice, ended_at=1)
    with both.store.read() as db:
        found = fleet.counts(db, practice, both.now())
    assert found == fleet.Counts(compliant=1, not_compliant=1, cannot_tell=0, overdue=2)
    assert found.total == 4


def test_nothing_of_another_practice_is_counted_or_found(both: Console, practice: str, practice_of: Any) -> None:
    other = practice_of(both, "Other Practice")
    theirs = device(both, other, label="Theirs", model="Pixel 9")
    for wanted in ({}, {"search": "theirs"}, {"search": "pixel"}, {"search": theirs[:8]}, {"sort": Sort.HEARD}):
        assert ids(both, practice, **wanted) == []
    with both.store.read() as db:
        assert fleet.counts(db, practice, both.now()).total == 0
        assert fleet.rows_of(db, practice, both.now(), [theirs]) == []


def test_the_worst_come_first_and_those_that_left_only_when_asked_for(both: Console, practice: str) -> None:
    good = device(both, practice)
    late = device(both, practice, due_in=LATE)
    later = device(both, practice, due_in=2 * LATE)
    bad = device(both, practice, overall="not_compliant")
    unclear = device(both, practice, overall="cannot_tell")
    left = device(both, practice, ended_at=1)
    assert ids(both, practice) == [bad, unclear, later, late, good]
    assert ids(both, practice, verdict=Verdict.ENDED) == [left]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"search": "pixel"}, "phone"),
        ({"search": "NURSE b"}, "laptop"),
        ({"verdict": Verdict.NOT_COMPLIANT}, "laptop"),
        ({"verdict": Verdict.COMPLIANT}, "phone"),
        ({"kind": "laptop"}, "laptop"),
        ({"platform": "android"}, "phone"),
        ({"ownership": "practice_owned"}, "laptop"),
        ({"amiss": True}, "phone"),
        ({"check_id": "updates"}, "laptop"),
        ({"search": "%"}, None),
        ({"search": "_"}, None),
        ({"search": "' OR 1=1 --"}, None),
        ({"check_id": "screen_lock"}, None),
        ({"group_id": "no-such"}, None),
    ],
)
def test_each_filter_leaves_what_fits(both: Console, practice: str, wanted: dict[str, Any], found: str | None) -> None:
    phone = device(both, practice, label="Dr A", model="Pixel 9", chain="gap")
    laptop = {"kind": "laptop", "platform": "linux", "model": "T14", "ownership": "practice_owned"}
    named = {"phone": phone, "laptop": device(both, practice, "Nurse B", overall="not_compliant", **laptop)}
    stock.finding(both, practice, named["laptop"], check_id="updates")
    assert ids(both, practice, **wanted) == ([] if found is None else [named[found]])


def test_a_device_is_found_by_its_code_and_by_its_group(both: Console, practice: str) -> None:
    stock.put(both, fleet.tables.groups, {"id": "ward", "practice_id": practice, "name": "Ward"})
    inside, _ = device(both, practice, group_id="ward"), device(both, practice)
    assert ids(both, practice, group_id="ward") == [inside]
    assert ids(both, practice, search=fleet.code_of(inside)) == [inside]


@pytest.mark.parametrize("search", ["", "staff"])
@pytest.mark.parametrize("sort", list(Sort))
def test_pages_together_show_every_device_once(console: Console, practice_of: Any, sort: Sort, search: str) -> None:
    practice = practice_of(console)
    states = ["compliant", "not_compliant", "cannot_tell"]
    made = {
        device(console, practice, f"Staff {n}", overall=states[n % 3], due_in=LATE if n % 5 == 0 else 99, to_fix=n % 4)
        for n in range(120)
    }
    seen: list[str] = []
    for number in (1, 2, 3):
        with console.store.read() as db:
            page = fleet.page_of(db, practice, console.now(), Filter(search=search, sort=sort, page=number))
        seen += [one.id for one in page.rows]
        assert (page.total, page.more) == (120, number < 3)
    assert len(seen) == 120
    assert set(seen) == made


def test_sorted_lists_are_in_their_order(both: Console, practice: str) -> None:
    now = both.now()
    a = device(both, practice, received_at=now - 9, to_fix=1, model="Zen")
    b = device(both, practice, received_at=now - 99, to_fix=3, model="Able")
    orders = {Sort.HEARD: [b, a], Sort.TO_FIX: [b, a], Sort.MODEL: [b, a]}
    assert {sort: ids(both, practice, sort=sort) for sort in orders} == orders


def test_a_row_says_since_when_something_is_open_and_what_is_waived(both: Console, practice: str) -> None:
    made, now = device(both, practice), both.now()
    stock.finding(both, practice, made, failed_since=now - 500)
    stock.finding(both, practice, made, failed_since=now - 900, waived_until=now + 9)
    stock.finding(both, practice, made, failed_since=now - 9000, level="recommended")
    with both.store.read() as db:
        (row,) = fleet.find_devices(db, practice, now, Filter())
    assert (row.oldest, row.waived) == (now - 900, 1)


def test_the_whole_list_comes_in_chunks_without_loss(both: Console, practice: str) -> None:
    made = {device(both, practice) for _ in range(7)}
    device(both, practice, ended_at=1)
    with both.store.read() as db:
        found = [one.id for one in fleet.every_device(db, practice, both.now(), Filter())]
    assert set(found) == made
    assert len(found) == 7


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(search=st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=200))
def test_any_search_is_only_a_search(console: Console, practice_of: Any, search: str) -> None:
    with console.store.read() as db:
        assert fleet.find_devices(db, practice_of(console), console.now(), Filter(search=search)) == []
