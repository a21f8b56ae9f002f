"""People and tokens: invited, changed, disabled and reset by administrators, never across practices, all audited."""

import html
import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from auth_parts import HASH, Account, Browser, account, acts_of, one, session_of
from consoles import practice_id
from starlette.testclient import TestClient

from reports.console.auth.callers import person_of, token_of
from reports.console.console import Console
from reports.console.model import Role, Scope
from reports.console.store import tables

Client = Callable[[Console], TestClient]


def opened(console: Console, http: TestClient, who: Account, practice: str = "Example Practice") -> Browser:
    browser = Browser(http, console)
    browser.cookie = session_of(console, who, practice)
    browser.get("/people")
    return browser


def role_of(console: Console, who: Account, practice: str = "Example Practice") -> str:
    row = tables.memberships.c
    mine = (row.person_id == who.id, row.practice_id == practice_id(console, practice))
    return str(one(console, tables.memberships, *mine).role)


def test_an_invitation_gives_a_link_that_sets_up_the_account(both: Console, client: Client) -> None:
    browser = opened(both, client(both), account(both))
    answer = browser.post("/people", email="New@Practice.example", name="New One", role="manager")
    found = re.search(r"http://127\.0\.0\.1:8443(/first/[\w-]+)", answer.text)
    assert found is not None
    assert browser.get(found[1]).status_code == 200
    assert "new@practice.example" in browser.get("/people").text
    assert acts_of(both)[-1] == "person.invited"


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("email", "nobody"),
        ("email", "a b@c.example"),
        ("name", ""),
        ("name", "a\x1bb"),
        ("role", "owner"),
        ("role", ""),
    ],
)
def test_an_invitation_that_does_not_fit_is_refused_and_nothing_is_lost(
    console: Console, client: Client, field: str, typed: str
) -> None:
    browser = opened(console, client(console), account(console))
    form = {"email": "new@practice.example", "name": "New One", "role": "manager", field: typed}
    answer = browser.post("/people", **form)
    assert answer.status_code == 422
    assert ("New One" if field != "name" else "new@practice.example") in answer.text


def test_whoever_is_here_already_is_not_invited_again(console: Console, client: Client) -> None:
    who = account(console)
    answer = opened(console, client(console), who).post("/people", email=who.email, name="X", role="auditor")
    assert answer.status_code == 409


def test_a_name_can_hold_no_markup(console: Console, client: Client) -> None:
    browser = opened(console, client(console), account(console))
    browser.post("/people", email="x@practice.example", name="<script>alert(1)</script>", role="auditor")
    page = browser.get("/people").text
    assert "<script>alert" not in page
    assert "<script>alert(1)</script>" in html.unescape(page)


def test_a_new_role_ends_the_sessions_that_had_the_old_one(both: Console, client: Client) -> None:
    who = account(both, Role.MANAGER)
    token = session_of(both, who)
    browser = opened(both, client(both), account(both))
    assert browser.post(f"/people/{who.id}/role", role="auditor").status_code == 303
    assert role_of(both, who) == Role.AUDITOR
    assert person_of(both, token) is None
    assert "person.role" in acts_of(both)


@pytest.mark.parametrize("act", ["role", "disable"])
def test_the_last_administrator_stays(both: Console, client: Client, act: str) -> None:
    who = account(both)
    browser = opened(both, client(both), who)
    answer = browser.post(f"/people/{who.id}/{act}", role="auditor")
    assert answer.status_code == 409
    assert role_of(both, who) == Role.ADMINISTRATOR


def test_an_administrator_who_has_not_set_up_an_account_does_not_count(console: Console, client: Client) -> None:
    who = account(console)
    browser = opened(console, client(console), who)
    browser.post("/people", email="second@practice.example", name="Second", role="administrator")
    browser.get("/people")
    assert browser.post(f"/people/{who.id}/disable").status_code == 409


def test_with_a_second_administrator_the_first_may_go(console: Console, client: Client) -> None:
    who = account(console)
    account(console, email="second@practice.example")
    assert opened(console, client(console), who).post(f"/people/{who.id}/disable").status_code == 303


def test_whoever_is_disabled_is_out_at_once_and_can_come_back(both: Console, client: Client) -> None:
    who, http = account(both, Role.AUDITOR), client(both)
    token, browser = session_of(both, who), opened(both, http, account(both))
    assert browser.post(f"/people/{who.id}/disable").status_code == 303
    assert person_of(both, token) is None
    assert Browser(http, both).sign_in(who).headers["location"] == "/sign-in"
    browser.get("/people")
    browser.post(f"/people/{who.id}/enable")
    assert Browser(http, both).sign_in(who).headers["location"] == "/"
    assert {"person.disabled", "person.enabled"} <= set(acts_of(both))


def test_disabled_in_one_practice_means_nothing_in_another(console: Console, client: Client) -> None:
    who = account(console, Role.AUDITOR, also="Other Practice")
    elsewhere = session_of(console, who, "Other Practice")
    opened(console, client(console), account(console)).post(f"/people/{who.id}/disable")
    assert person_of(console, elsewhere)


def test_a_reset_takes_password_and_second_factor_and_gives_a_link(both: Console, client: Client) -> None:
    who = account(both, Role.MANAGER)
    token = session_of(both, who)
    answer = opened(both, client(both), account(both)).post(f"/people/{who.id}/reset")
    assert "/first/" in answer.text
    row = one(both, tables.people, tables.people.c.id == who.id)
    assert (row.password_hash, row.totp_sealed) == (None, None)
    assert person_of(both, token) is None


def test_an_account_of_another_practice_too_is_not_this_ones_to_reset(console: Console, client: Client) -> None:
    who = account(console, Role.MANAGER, also="Other Practice")
    answer = opened(console, client(console), account(console)).post(f"/people/{who.id}/reset")
    assert answer.status_code == 409
    assert one(console, tables.people, tables.people.c.id == who.id).password_hash == HASH


def test_inviting_somebody_of_another_practice_gives_no_link_to_their_account(console: Console, client: Client) -> None:
    who = account(console, Role.ADMINISTRATOR, practice="Other Practice")
    answer = opened(console, client(console), account(console)).post(
        "/people", email=who.email, name="Taken Over", role="auditor"
    )
    assert "/first/" not in answer.text
    assert one(console, tables.people, tables.people.c.id == who.id).password_hash == HASH
    assert role_of(console, who, "Other Practice") == Role.ADMINISTRATOR


def test_nobody_resets_their_own_account(console: Console, client: Client) -> None:
    who = account(console)
    assert opened(console, client(console), who).post(f"/people/{who.id}/reset").status_code == 409


@pytest.mark.parametrize("act", ["role", "disable", "enable", "reset"])
def test_people_of_another_practice_are_not_found(both: Console, client: Client, act: str) -> None:
    stranger = account(both, Role.MANAGER, practice="Other Practice")
    answer = opened(both, client(both), account(both)).post(f"/people/{stranger.id}/{act}", role="auditor")
    assert answer.status_code == 404
    assert role_of(both, stranger, "Other Practice") == Role.MANAGER


def test_the_list_shows_only_ones_own_practice(console: Console, client: Client) -> None:
    account(console, practice="Other Practice", email="far@other.example")
    browser = opened(console, client(console), account(console))
    assert "far@other.example" not in browser.last.text
    assert "far@other.example" not in browser.get("/people.csv").text


def test_a_token_is_shown_once_and_works(both: Console, client: Client) -> None:
    browser = opened(both, client(both), account(both))
    browser.get("/tokens")
    answer = browser.post("/tokens", name="Dashboard", read="yes", days="30")
    secret = re.search(r"scrubin_[\w-]{43}", answer.text)
    assert secret is not None
    found = token_of(both, secret[0])
    assert found is not None
    assert (found.name, found.scopes) == ("Dashboard", {Scope.READ})
    assert secret[0] not in browser.get("/tokens").text
    assert acts_of(both)[-1] == "token.made"


@pytest.mark.parametrize("form", [{"name": ""}, {"days": "366"}, {"days": "0"}, {"days": "x"}, {"read": ""}])
def test_a_token_that_does_not_fit_is_not_made(console: Console, client: Client, form: dict[str, str]) -> None:
    browser = opened(console, client(console), account(console))
    browser.get("/tokens")
    assert browser.post("/tokens", **{"name": "P", "read": "yes", "days": "30", **form}).status_code == 422
    with console.store.read() as db:
        assert db.execute(sa.select(tables.tokens)).all() == []


def test_a_revoked_token_opens_nothing(console: Console, client: Client) -> None:
    browser = opened(console, client(console), account(console))
    browser.get("/tokens")
    secret = re.search(r"scrubin_[\w-]{43}", browser.post("/tokens", name="P", manage="yes", days="1").text)
    assert secret is not None
    path = re.search(r"/tokens/[\w-]+/revoke", browser.get("/tokens").text)
    assert path is not None
    assert browser.post(path[0]).status_code == 303
    assert token_of(console, secret[0]) is None
    assert acts_of(console)[-1] == "token.revoked"
    browser.get("/tokens")
    assert browser.post(path[0]).status_code == 404
