"""Signing in: password, then code; guesses wait, nothing is taken twice, and nobody learns who exists."""

from collections.abc import Callable

import pytest
from auth_parts import PASSWORD, Browser, account, acts_of
from clock import Clock
from starlette.testclient import TestClient

from reports.console.auth import attempts, passwords, second, signing_in
from reports.console.auth.attempts import ACCOUNT
from reports.console.auth.callers import person_of
from reports.console.console import Console
from reports.console.model import Refusal, Role

Client = Callable[[Console], TestClient]


def test_password_and_code_open_a_session_with_the_persons_role(both: Console, client: Client) -> None:
    who = account(both, Role.MANAGER)
    browser = Browser(client(both), both)
    answer = browser.sign_in(who)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    found = person_of(both, browser.cookie)
    assert found is not None
    assert (found.email, found.role) == (who.email, Role.MANAGER)
    assert "session.begun" in acts_of(both)


def test_the_password_alone_opens_nothing(console: Console, client: Client) -> None:
    browser = Browser(client(console), console)
    browser.post("/sign-in", email=account(console).email, password=PASSWORD)
    assert browser.cookie
    assert person_of(console, browser.cookie) is None
    assert browser.get("/me").status_code == 303


def test_the_session_is_another_one_after_the_second_step(console: Console, client: Client) -> None:
    who = account(console)
    browser = Browser(client(console), console)
    browser.post("/sign-in", email=who.email, password=PASSWORD)
    half = browser.cookie
    browser.get("/sign-in/code")
    browser.post("/sign-in/code", code=who.code(console))
    assert browser.cookie != half
    assert person_of(console, half) is None


def test_unknown_accounts_and_wrong_passwords_read_the_same(console: Console, client: Client) -> None:
    who = account(console)
    answers = [
        Browser(client(console), console).post("/sign-in", email=email, password=password)
        for email, password in ((who.email, "not the password"), ("nobody@else.example", PASSWORD))
    ]
    assert [one.status_code for one in answers] == [401, 401]
    assert answers[0].text.replace(who.email, "") == answers[1].text.replace("nobody@else.example", "")


def test_an_unknown_account_costs_a_hash_as_well() -> None:
    assert passwords.matches("anything", None) is False


def test_what_was_typed_for_an_unknown_account_is_not_written_down(console: Console, client: Client) -> None:
    Browser(client(console), console).post("/sign-in", email="my own password", password="x")
    assert "session.refused" in acts_of(console)
    with console.store.read() as db:
        assert "my own password" not in str(db.exec_driver_sql("SELECT * FROM audit").all())


def test_a_code_is_taken_once(both: Console, client: Client) -> None:
    who = account(both)
    http = client(both)
    assert Browser(http, both).sign_in(who).status_code == 303
    again = Browser(http, both).sign_in(who)
    assert again.status_code == 401
    assert signing_in.WRONG_CODE in again.text


@pytest.mark.parametrize(("ahead", "status"), [(-60, 401), (-30, 303), (0, 303), (30, 303), (60, 401)])
def test_a_clock_may_be_half_a_minute_off(console: Console, client: Client, ahead: int, status: int) -> None:
    assert Browser(client(console), console).sign_in(account(console), ahead=ahead).status_code == status


def test_an_older_code_than_the_last_is_not_taken(console: Console) -> None:
    who = account(console)
    assert second.take(console, who.id, who.code(console, ahead=30))
    assert not second.take(console, who.id, who.code(console))


def test_guessing_a_password_has_to_wait_and_then_the_right_one_waits_too(both: Console) -> None:
    who = account(both)
    for _ in range(ACCOUNT.free):
        with pytest.raises(Refusal, match="fit together"):
            signing_in.with_password(both, email=who.email, password="wrong", peer="192.0.2.1")
    with pytest.raises(Refusal, match="tried too often") as met:
        signing_in.with_password(both, email=who.email, password=PASSWORD, peer="192.0.2.2")
    assert met.value.status == 429
    assert isinstance(both.clock, Clock)
    both.clock.forward(int(met.value.headers["retry-after"]))
    assert signing_in.with_password(both, email=who.email, password=PASSWORD, peer="192.0.2.2")


def test_guessing_codes_has_to_wait(console: Console) -> None:
    who = account(console)
    half = signing_in.with_password(console, email=who.email, password=PASSWORD, peer="")
    for _ in range(ACCOUNT.free):
        with pytest.raises(Refusal, match="not right"):
            signing_in.with_code(console, half_token=half, code="000000", peer="")
    with pytest.raises(Refusal, match="tried too often"):
        signing_in.with_code(console, half_token=half, code=who.code(console), peer="")


def test_the_wait_grows_and_has_an_end() -> None:
    assert [ACCOUNT.wait(count) for count in (0, 4, 5, 6, 7, 60)] == [0, 0, 15, 30, 60, 900]


def test_many_accounts_tried_from_one_address_have_to_wait(console: Console) -> None:
    limit = attempts.Limit(free=2)
    tried = [attempts.Tried(kind="peer", what="192.0.2.1", limit=limit)]
    attempts.count(console, tried)
    attempts.count(console, tried)
    with pytest.raises(Refusal):
        attempts.count(console, tried)


def test_a_whole_practice_signing_in_from_one_address_does_not_wait(console: Console) -> None:
    assert isinstance(console.clock, Clock)
    who = account(console)
    for _ in range(attempts.PEER.free + 2):
        half = signing_in.with_password(console, email=who.email, password=PASSWORD, peer="192.0.2.1")
        assert signing_in.with_code(console, half_token=half, code=who.code(console), peer="192.0.2.1")
        console.clock.forward(30)


def test_behind_a_proxy_all_requests_come_from_this_machine_and_are_not_counted_as_one(console: Console) -> None:
    assert [one.what for one in signing_in.nearby(console, "127.0.0.1")] == ["127.0.0.1"]
    object.__setattr__(console, "public_url", "https://console.practice.example")
    assert signing_in.nearby(console, "127.0.0.1") == []
    assert [one.what for one in signing_in.nearby(console, "192.0.2.7")] == ["192.0.2.7"]


def test_the_second_step_has_to_come_within_ten_minutes(console: Console, client: Client) -> None:
    assert isinstance(console.clock, Clock)
    who = account(console)
    browser = Browser(client(console), console)
    browser.post("/sign-in", email=who.email, password=PASSWORD)
    browser.get("/sign-in/code")
    console.clock.forward(601)
    answer = browser.post("/sign-in/code", code=who.code(console))
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


@pytest.mark.parametrize(
    ("wanted", "led"),
    [
        ("/devices?page=2", "/devices?page=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nset-cookie: x=1", "/"),
        ("javascript:alert(1)", "/"),
        ("/" + "a" * 400, "/"),
    ],
)
def test_after_signing_in_only_own_pages_are_gone_to(console: Console, client: Client, wanted: str, led: str) -> None:
    who = account(console)
    browser = Browser(client(console), console)
    browser.post("/sign-in", email=who.email, password=PASSWORD)
    browser.get("/sign-in/code")
    assert browser.post("/sign-in/code", code=who.code(console), next=wanted).headers["location"] == led


def test_an_outdated_hash_is_renewed_at_sign_in(console: Console) -> None:
    import argon2
    from auth_parts import one

    from reports.console.store import tables

    who = account(console)
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    with console.store.write() as db:
        db.execute(tables.people.update().values(password_hash=weak))
    signing_in.with_password(console, email=who.email, password=PASSWORD, peer="")
    assert one(console, tables.people, tables.people.c.id == who.id).password_hash != weak
