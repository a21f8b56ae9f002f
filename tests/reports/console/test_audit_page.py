"""The page of the audit log: filtered, never changed, and of one practice."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import QueryParams
from stock import put

from reports.console.console import Console
from reports.console.model import Ask, Role
from reports.console.pages import audit
from reports.console.store import tables
from reports.web.entered import Entered, day_of, page_number

Made = Callable[..., Any]
Asked = Callable[..., Ask]
DAY = 86400


@pytest.fixture
def asked(console: Console, ask: Made, as_role: Made) -> Asked:
    """An auditor's request."""

    def make(practice: str = "Example Practice", **given: Any) -> Ask:
        made: Ask = ask(console, as_role(console, Role.AUDITOR, practice), **given)
        return made

    return make


@pytest.fixture
def lines(console: Console, practice_of: Made) -> None:
    """Some acts, a day apart."""
    acts = [
        ("alice@practice.example", "waiver.given"),
        ("bob@practice.example", "policy.published"),
        ("100%", "waiver.x"),
    ]
    for number, (actor, act) in enumerate(acts):
        line = {"at": console.now() + number * DAY, "actor_kind": "person", "actor": actor, "act": act}
        put(console, tables.audit, {**line, "practice_id": practice_of(console), "detail": "<script>=1"})
    other = {"at": console.now(), "actor_kind": "person", "actor": "eve@other.example", "act": "waiver.given"}
    put(console, tables.audit, {**other, "practice_id": practice_of(console, "Other Practice")})
    put(console, tables.audit, {**other, "practice_id": None, "actor": "operator"})


def actors(asked: Asked, **query: str) -> list[str]:
    rows = audit._rows(asked(query=query), Entered(QueryParams(query)), limit=50, offset=0)
    return [one.actor for one in rows]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["100%", "bob@practice.example", "alice@practice.example"]),
        ({"actor": "ALICE"}, ["alice@practice.example"]),
        ({"actor": "%"}, ["100%"]),
        ({"actor": "_"}, []),
        ({"act": "waiver"}, ["100%", "alice@practice.example"]),
        ({"act": "waiver.given"}, ["alice@practice.example"]),
        ({"act": "waiv"}, []),
        ({"from": "2026-11-23", "until": "23/11/2026"}, ["bob@practice.example"]),
        ({"until": "2026-11-22"}, ["alice@practice.example"]),
        ({"from": "not a day"}, ["100%", "bob@practice.example", "alice@practice.example"]),
    ],
)
def test_filters_find_what_they_say(lines: None, asked: Asked, query: dict[str, str], found: list[str]) -> None:
    assert actors(asked, **query) == found


def test_what_others_wrote_is_shown_as_text(lines: None, asked: Asked) -> None:
    shown = audit.show(asked()).content.decode()
    assert "&lt;script&gt;=1" in shown
    assert "<script>=1" not in shown
    assert "eve@other.example" not in shown
    assert "operator" not in shown


def test_a_date_that_is_none_is_said_at_its_field(lines: None, asked: Asked) -> None:
    shown = audit.show(asked(query={"from": "<soon>"})).content.decode()
    assert 'href="#from"' in shown
    assert "&lt;soon&gt;" in shown


def test_the_file_takes_the_same_filters(lines: None, asked: Asked) -> None:
    text = audit.table(asked(query={"act": "policy"})).content.decode("utf-8-sig")
    assert text.splitlines()[0] == "at,actor_kind,actor,act,target,detail"
    assert [line.split(",")[2] for line in text.splitlines()[1:]] == ["bob@practice.example"]


def test_pages_follow_each_other_with_their_filters(console: Console, asked: Asked, practice_of: Made) -> None:
    for number in range(60):
        line = {"at": console.now() + number, "actor_kind": "person", "actor": "a", "act": "policy.published"}
        put(console, tables.audit, {**line, "practice_id": practice_of(console)})
    first = audit.show(asked(query={"act": "policy"})).content.decode()
    assert 'href="/audit?act=policy&amp;page=2"' in first
    assert audit.show(asked(query={"page": "2"})).content.count(b"<tr><td data-label") == 10


def test_nothing_but_reading_is_offered() -> None:
    assert {one.method for one in audit.ENDPOINTS} == {"GET"}


@given(st.dictionaries(st.sampled_from(["actor", "act", "from", "until", "page"]), st.text(max_size=40)))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_query_has_a_page(lines: None, asked: Asked, query: dict[str, str]) -> None:
    assert audit.show(asked(query=query)).status == 200


def test_a_filter_that_postgresql_could_not_hold_finds_nothing(both: Console, ask: Made, as_role: Made) -> None:
    asking = ask(both, as_role(both, Role.AUDITOR), query={"actor": "a\0b", "act": "\0", "page": "2"})
    assert audit.show(asking).status == 200


@given(st.text(max_size=20))
def test_any_text_is_a_day_or_none_and_a_page_or_the_first(text: str) -> None:
    day_of(text)
    assert page_number(QueryParams({"page": text})) >= 1
