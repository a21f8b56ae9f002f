"""Floods of sign-ins, and providers that reach for more than the practice that chose them."""

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import pytest
from auth_parts import HASH, PASSWORD, account, csrf_of, session_of
from consoles import practice_id
from starlette.testclient import TestClient

from reports.console.auth import oidc, oidc_wire, passwords, sessions
from reports.console.auth.callers import SESSION_COOKIE, person_of
from reports.console.console import Console
from reports.console.model import Refusal

Client = Callable[[Console], TestClient]


def bound_session(console: Console, person_id: str) -> str:
    """As a practice's own provider opens it."""
    mine = practice_id(console, "Other Practice")
    with console.store.write() as db:
        return sessions.begin(db, console, person_id=person_id, practice_id=mine, complete=True, bound=True)


def posted(http: TestClient, console: Console, session: str, path: str, **fields: str) -> Any:
    form = {"csrf": csrf_of(console, session), **fields}
    return http.post(path, data=form, headers={"cookie": f"{SESSION_COOKIE}={session}"})


def test_a_provider_s_session_ends_none_in_another_practice(console: Console, client: Client) -> None:
    who = account(console, also="Other Practice")
    elsewhere, bound = session_of(console, who), bound_session(console, who.id)
    assert posted(client(console), console, bound, "/me/sign-out").status_code == 303
    assert person_of(console, bound) is None
    assert person_of(console, elsewhere) is not None


def test_a_provider_s_session_is_no_place_to_guess_the_password(console: Console, client: Client) -> None:
    who = account(console, also="Other Practice")
    fields = {"old": PASSWORD, "password": "another long password", "again": "another long password"}
    bound = bound_session(console, who.id)
    assert posted(client(console), console, bound, "/me/password", **fields).status_code == 404


def test_a_flood_of_sign_ins_leaves_threads_for_others() -> None:
    taken = [passwords._ROOM.acquire(blocking=False) for _ in range(passwords.AT_ONCE + passwords.WAITING)]
    try:
        assert all(taken)
        with pytest.raises(Refusal) as met:
            passwords.matches(PASSWORD, HASH)
        assert (met.value.status, met.value.code) == (503, "busy")
    finally:
        for _ in taken:
            passwords._ROOM.release()
    assert passwords.matches(PASSWORD, HASH)


def test_all_who_find_room_get_their_turn() -> None:
    found: list[bool] = []
    threads = [threading.Thread(target=lambda: found.append(passwords.matches(PASSWORD, HASH))) for _ in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    assert found == [True] * 6


def said(issuer: str, **other: Any) -> dict[str, Any]:
    """What a provider says of itself, the addresses of its keys last."""
    ends = {"authorization_endpoint": f"{issuer}/a", "token_endpoint": f"{issuer}/t", "jwks_uri": f"{issuer}/k"}
    return {"issuer": issuer, **ends, **other}


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_a_provider_elsewhere_sends_us_to_nothing_on_this_machine(name: str) -> None:
    provider = oidc.Provider(practice_id="p", issuer="https://id.example", client_id="c")
    with pytest.raises(ValueError, match="no provider may have"):
        oidc._said(provider, said("https://id.example", **{name: "http://127.0.0.1:9/x"}), 1)


@pytest.mark.parametrize(("secret", "method"), [("a secret", "client_secret_basic"), ("", "none")])
def test_two_practices_of_one_provider_keep_their_own_way_of_proving_themselves(secret: str, method: str) -> None:
    known = oidc._Known(authorization="https://i/a", token="https://i/t", basic=True, keys=None, at=1)
    provider = oidc.Provider(practice_id="p", issuer="https://i", client_id="c", secret=secret)
    with oidc._session(provider, known, "https://x") as asking:
        assert asking.token_endpoint_auth_method == method


def test_a_provider_that_never_finishes_its_answer_holds_few_threads() -> None:
    with contextlib.ExitStack() as under_way:
        for _ in range(oidc_wire.AT_ONCE_EACH):
            under_way.enter_context(oidc_wire.place("evil.example"))
        with pytest.raises(oidc_wire.TooMuch):
            oidc_wire.fetch("https://evil.example/keys")
        with oidc_wire.place("id.example"):
            assert oidc_wire._ASKING.total() == oidc_wire.AT_ONCE_EACH + 1
    assert not oidc_wire._ASKING
