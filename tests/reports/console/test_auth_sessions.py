"""Sessions and tokens: what ends them, what they open, and what a browser of another site can't make them do."""

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from auth_parts import PASSWORD, Browser, account, csrf_of, session_of, token_for
from clock import Clock
from consoles import practice_id
from starlette.testclient import TestClient

from reports.console.auth import callers, sessions
from reports.console.auth.callers import IDLE_S, SECURE_COOKIE, SESSION_COOKIE, person_of, token_of
from reports.console.console import Console
from reports.console.model import Role, Scope
from reports.console.store import tables

Client = Callable[[Console], TestClient]


def clock_of(console: Console) -> Clock:
    assert isinstance(console.clock, Clock)
    return console.clock


def test_a_session_ends_after_half_an_hour_without_use(both: Console) -> None:
    token = session_of(both, account(both))
    clock_of(both).forward(IDLE_S - 1)
    assert person_of(both, token)
    clock_of(both).forward(IDLE_S - 1)
    assert person_of(both, token)
    clock_of(both).forward(IDLE_S)
    assert person_of(both, token) is None


def test_a_session_ends_after_twelve_hours_however_busy(console: Console) -> None:
    token = session_of(console, account(console))
    for _ in range(12 * 6 - 1):
        clock_of(console).forward(600)
        assert person_of(console, token)
    clock_of(console).forward(600)
    assert person_of(console, token) is None


@pytest.mark.parametrize("token", ["", "x", "\udcff", "é" * 100, "x" * 5000])
def test_a_session_that_never_was_is_nobodys(console: Console, token: str) -> None:
    assert person_of(console, token) is None
    assert token_of(console, token) is None


def test_the_database_holds_no_session_or_token_that_could_be_used(console: Console) -> None:
    session, token = session_of(console, account(console)), token_for(console, Scope.READ)
    with console.store.read() as db:
        kept = f"{db.execute(sa.select(tables.sessions)).all()}{db.execute(sa.select(tables.tokens)).all()}"
    assert session not in kept
    assert token not in kept
    assert callers.hashed(session) in kept


def test_signing_out_ends_this_session_and_takes_the_cookie_back(console: Console, client: Client) -> None:
    who = account(console)
    browser, other = Browser(client(console), console), session_of(console, who)
    browser.sign_in(who)
    mine = browser.cookie
    browser.get("/me")
    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.cookie == ""
    assert person_of(console, mine) is None
    assert person_of(console, other)


def test_signing_out_everywhere_ends_all_of_mine_and_none_of_others(console: Console, client: Client) -> None:
    who, colleague = account(console), account(console, Role.AUDITOR)
    browser = Browser(client(console), console)
    browser.cookie, other, theirs = session_of(console, who), session_of(console, who), session_of(console, colleague)
    browser.get("/me")
    mine = browser.cookie
    browser.post("/me/sign-out")
    assert [person_of(console, one) is not None for one in (mine, other, theirs)] == [False, False, True]


def test_a_disabled_account_has_no_session_any_more(console: Console) -> None:
    who = account(console)
    token = session_of(console, who)
    with console.store.write() as db:
        db.execute(tables.people.update().values(disabled_at=console.now()))
    assert person_of(console, token) is None


def test_over_https_the_cookie_is_bound_to_the_host(console: Console, client: Client) -> None:
    object.__setattr__(console, "public_url", "https://console.practice.example")
    who = account(console)
    answer = client(console).post("/sign-in", data={"email": who.email, "password": PASSWORD})
    line = answer.headers["set-cookie"]
    assert line.startswith(f"{SECURE_COOKIE}=")
    assert all(part in line.lower() for part in ("httponly", "samesite=lax", "path=/", "secure"))
    assert "domain" not in line.lower()


def test_over_plain_http_the_cookie_is_another_one(console: Console, client: Client) -> None:
    answer = client(console).post("/sign-in", data={"email": account(console).email, "password": PASSWORD})
    line = answer.headers["set-cookie"]
    assert line.startswith(f"{SESSION_COOKIE}=")
    assert "httponly" in line.lower()


@pytest.mark.parametrize("csrf", [None, "", "wrong", "other"])
def test_a_form_without_its_sessions_own_csrf_token_changes_nothing(
    console: Console, client: Client, csrf: str | None
) -> None:
    who = account(console)
    token, another = session_of(console, who), session_of(console, who)
    given = csrf_of(console, another) if csrf == "other" else csrf
    data = {"other": "x"} if given is None else {"csrf": given}
    answer = client(console).post("/sign-out", data=data, headers={"cookie": f"{SESSION_COOKIE}={token}"})
    assert answer.status_code == 403
    assert person_of(console, token)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8444", "https://127.0.0.1:8443"])
def test_a_form_of_another_site_is_refused_with_the_right_csrf_token_too(
    console: Console, client: Client, origin: str
) -> None:
    token = session_of(console, account(console))
    headers = {"cookie": f"{SESSION_COOKIE}={token}", "origin": origin}
    answer = client(console).post("/sign-out", data={"csrf": csrf_of(console, token)}, headers=headers)
    assert answer.status_code == 403
    assert person_of(console, token)


def test_nobody_can_be_signed_in_from_another_site(console: Console, client: Client) -> None:
    data = {"email": account(console).email, "password": PASSWORD}
    answer = client(console).post("/sign-in", data=data, headers={"origin": "https://evil.example"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_the_second_step_needs_the_csrf_token_of_the_first(console: Console, client: Client) -> None:
    who = account(console)
    browser = Browser(client(console), console)
    browser.post("/sign-in", email=who.email, password=PASSWORD)
    assert browser.post("/sign-in/code", code=who.code(console), csrf="wrong").status_code == 403


def test_switching_practices_takes_a_new_token_and_only_where_one_belongs(both: Console, client: Client) -> None:
    who = account(both, also="Other Practice")
    browser = Browser(client(both), both)
    browser.cookie = before = session_of(both, who)
    browser.get("/me")
    assert browser.post("/me/practice", practice=practice_id(both, "Other Practice")).status_code == 303
    now = person_of(both, browser.cookie)
    assert now is not None
    assert now.practice_id == practice_id(both, "Other Practice")
    assert person_of(both, before) is None


def test_nobody_switches_to_a_practice_that_is_not_theirs(console: Console, client: Client) -> None:
    browser = Browser(client(console), console)
    browser.cookie = session_of(console, account(console))
    browser.get("/me")
    assert browser.post("/me/practice", practice=practice_id(console, "Other Practice")).status_code == 404


def test_a_session_that_a_practices_own_provider_vouched_for_stays_there(console: Console, client: Client) -> None:
    who, mine = account(console, also="Other Practice"), practice_id(console)
    browser = Browser(client(console), console)
    with console.store.write() as db:
        browser.cookie = sessions.begin(db, console, person_id=who.id, practice_id=mine, complete=True, bound=True)
    assert "Other Practice" not in browser.get("/me").text
    assert browser.post("/me/practice", practice=practice_id(console, "Other Practice")).status_code == 404
    assert person_of(console, browser.cookie.removeprefix(sessions.BOUND)) is None


def test_a_new_password_needs_the_old_one_and_ends_other_sessions(console: Console, client: Client) -> None:
    who = account(console)
    browser, other = Browser(client(console), console), session_of(console, who)
    browser.cookie = session_of(console, who)
    browser.get("/me")
    fresh = "an entirely other phrase"
    assert browser.post("/me/password", old="wrong", password=fresh, again=fresh).status_code == 422
    assert browser.post("/me/password", old=PASSWORD, password=fresh, again="x").status_code == 422
    assert browser.post("/me/password", old=PASSWORD, password=fresh, again=fresh).status_code == 303
    assert person_of(console, browser.cookie)
    assert person_of(console, other) is None


def test_a_token_ends_and_is_revoked(both: Console) -> None:
    secret = token_for(both, Scope.READ)
    found = token_of(both, secret)
    assert found is not None
    assert found.scopes == {Scope.READ}
    clock_of(both).forward(30 * 86400)
    assert token_of(both, secret) is None


def test_ended_sessions_and_old_tries_are_cleared_away(console: Console) -> None:
    who = account(console)
    session_of(console, who)
    clock_of(console).forward(sessions.WHOLE_S)
    with console.store.write() as db:
        sessions.prune(db, console.now())
        assert db.scalar(sa.select(sa.func.count()).select_from(tables.sessions)) == 0
