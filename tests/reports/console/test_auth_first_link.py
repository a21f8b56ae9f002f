"""One-time links: they set a password and a second factor once, within a day, for whom they were made."""

import html
import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from auth_parts import PASSWORD, Browser, acts_of
from clock import Clock
from consoles import practice_id
from starlette.testclient import TestClient

from reports.console.auth import accounts
from reports.console.auth.callers import person_of
from reports.console.console import Console
from reports.console.model import Role
from reports.console.store import tables

Client = Callable[[Console], TestClient]


def link(console: Console, email: str = "it@practice.example") -> str:
    with console.store.write() as db:
        return accounts.first_administrator(
            db, console, practice_id=practice_id(console), email=email, name="Administrator"
        )


def filled(console: Console, page: Any, **other: str) -> dict[str, str]:
    """The form as somebody fills it who reads the key on the page."""
    key = re.search(r"Key: <code>([A-Z2-7 ]+)</code>", page.text)
    assert key is not None
    code = pyotp.TOTP(key[1].replace(" ", "")).at(console.now())
    return {"name": "Alice Example", "password": PASSWORD, "again": PASSWORD, "code": code, **other}


def test_the_first_administrator_sets_up_and_is_signed_in(both: Console, client: Client) -> None:
    browser = Browser(client(both), both)
    path = f"/first/{link(both)}"
    answer = browser.post(path, **filled(both, browser.get(path)))
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    found = person_of(both, browser.cookie)
    assert found is not None
    assert (found.role, found.name, found.practice_id) == (Role.ADMINISTRATOR, "Alice Example", practice_id(both))
    assert acts_of(both)[-2:] == ["person.link", "person.ready"]


def test_a_link_works_once(console: Console, client: Client) -> None:
    http, path = client(console), f"/first/{link(console)}"
    browser = Browser(http, console)
    form = filled(console, browser.get(path))
    assert browser.post(path, **form).status_code == 303
    assert Browser(http, console).get(path).status_code == 404
    assert browser.post(path, **form).status_code in (403, 404)


def test_a_link_ends_after_a_day(console: Console, client: Client) -> None:
    assert isinstance(console.clock, Clock)
    browser, path = Browser(client(console), console), f"/first/{link(console)}"
    browser.get(path)
    console.clock.forward(accounts.LINK_S)
    assert browser.get(path).status_code == 404


def test_a_newer_link_ends_the_one_before(console: Console, client: Client) -> None:
    before, after = link(console), link(console)
    browser = Browser(client(console), console)
    assert [browser.get(f"/first/{one}").status_code for one in (before, after)] == [404, 200]


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 500, "%00", "..%2f..", "'; DROP TABLE links; --"])
def test_a_link_that_never_was_opens_nothing(console: Console, client: Client, token: str) -> None:
    assert Browser(client(console), console).get(f"/first/{token}").status_code in (400, 404)


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("password", "short", "at least 12 characters"),
        ("password", "Password1234!", "first that anybody would try"),
        ("password", "it@practice.example", "your e-mail address"),
        ("again", "another umbrella", "The two passwords differ"),
        ("code", "000000", "not the code that the app shows"),
        ("name", "", "write something here"),
        ("name", "x" * 121, "at most 120 characters"),
    ],
)
def test_what_does_not_fit_is_said_and_the_key_stays(
    console: Console, client: Client, field: str, typed: str, said: str
) -> None:
    browser, path = Browser(client(console), console), f"/first/{link(console)}"
    before = browser.get(path)
    after = browser.post(path, **filled(console, before, **{field: typed}))
    assert after.status_code == 422
    assert said.casefold() in html.unescape(after.text).casefold()
    keys = [re.findall(r"<code>([A-Z2-7 ]+)</code>", one.text) for one in (before, after)]
    assert keys[0] == keys[1]
    assert browser.post(path, **filled(console, after)).status_code == 303


def test_a_key_of_another_link_or_of_the_browsers_own_is_refused(console: Console, client: Client) -> None:
    browser = Browser(client(console), console)
    path = f"/first/{link(console)}"
    form = filled(console, browser.get(path))
    for sealed in ("", "AAAA", "!!!", "A" * 4000):
        assert browser.post(path, **{**form, "sealed": sealed}).status_code == 400


def test_the_second_factor_lies_sealed(console: Console, client: Client) -> None:
    browser, path = Browser(client(console), console), f"/first/{link(console)}"
    page = browser.get(path)
    browser.post(path, **filled(console, page))
    key = re.findall(r"<code>([A-Z2-7 ]+)</code>", page.text)[0].replace(" ", "")
    with console.store.read() as db:
        row = db.execute(sa.select(tables.people)).one()
    assert key.encode() not in row.totp_sealed
    assert PASSWORD not in row.password_hash
    assert row.password_hash.startswith("$argon2id$")


def test_the_page_carries_its_drawing_without_inline_style_or_script(console: Console, client: Client) -> None:
    page = Browser(client(console), console).get(f"/first/{link(console)}").text
    assert "<svg" in page
    assert 'class="qrline"' in page
    assert not re.search(r"\sstyle=|<style|<script>|javascript:|data:", page)
