"""What lets a laptop into the record system: out of the keyring, to the server that the policy names, to no other."""

import base64
import contextlib
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl

import pytest
import trustme
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from fhir_parts import FakeRecord, Heard, document, listening
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from stored_parts import NOW, Clerk, Watch, terms

from agent.secrets import Lack, NoStore, StoreError, StoreFault
from agent.stored.model import Stored
from agent.stored.opened import kept
from checks.policy_terms import RecordKind


def pem(key: Any) -> str:
    kind = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


KEY = ec.generate_private_key(ec.SECP384R1())
PEM = pem(KEY)


class Guard:
    """Gives out tokens, as an OAuth server does; each with the number of those before it."""

    def __init__(self, record: FakeRecord) -> None:
        self.record = record
        self.says: Callable[[Heard], Any] = lambda heard: self.token()
        record.tokens = ["none is known yet"]

    def token(self, **changes: Any) -> dict[str, Any]:
        self.record.tokens.append(f"t{len(self.record.tokens)}")
        return {"access_token": self.record.tokens[-1], "token_type": "Bearer", "expires_in": 300, **changes}

    @property
    def asked(self) -> list[Heard]:
        return [one for one in self.record.heard if one.path.endswith("/token")]


class GuardedRecord(FakeRecord):
    guard: Guard

    async def answer(self, request: Request) -> Response:
        if not request.url.path.endswith("/token"):
            return await super().answer(request)
        heard = Heard("POST", request.url.path, {}, dict(request.headers), await request.body())
        self.heard.append(heard)
        said = self.guard.says(heard)
        return said if isinstance(said, Response) else Response(json.dumps(said), media_type="application/json")


@pytest.fixture(scope="module")
def running() -> Iterator[GuardedRecord]:
    with listening(GuardedRecord()) as one:
        assert isinstance(one, GuardedRecord)
        yield one


@pytest.fixture
def guard(running: GuardedRecord) -> Guard:
    running.begin_anew()
    running.documents = [document()]
    running.guard = Guard(running)
    return running.guard


def clerk(guard: Guard, secret: Any = PEM, **more: Any) -> Clerk:
    where = {"token_url": f"{guard.record.url}/token", "client_id": "ward 7", **more}
    return Clerk(terms(guard.record.url, RecordKind.FHIR, **where), secret=secret)


def form(heard: Heard) -> dict[str, str]:
    assert heard.headers["content-type"] == "application/x-www-form-urlencoded"
    return dict(parse_qsl(heard.body.decode(), strict_parsing=True))


def test_a_key_signs_a_word_that_the_server_can_check(guard: Guard) -> None:
    assert clerk(guard).ask().stored is Stored.STORED_ONCE
    said = form(guard.asked[0])
    word = jwt.decode(said.pop("client_assertion"), ECKey.import_key(PEM), algorithms=["ES384"])
    assert said == {
        "grant_type": "client_credentials",
        "scope": "system/Patient.rs system/DocumentReference.rs system/Media.rs system/Binary.rs",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    }
    about = {"iss": "ward 7", "sub": "ward 7", "aud": f"{guard.record.url}/token"}
    assert word.claims == {**about, "jti": "0" * 32, "iat": NOW, "exp": NOW + 240}
    assert word.header == {"alg": "ES384", "typ": "JWT", "kid": ECKey.import_key(PEM).thumbprint()}


def test_a_password_of_the_practice_is_told_to_the_token_server_alone(guard: Guard) -> None:
    assert clerk(guard, "pass:word&").ask().stored is Stored.STORED_ONCE
    token, *others = guard.record.heard
    assert base64.b64decode(token.headers["authorization"].removeprefix("Basic ")) == b"ward+7:pass%3Aword%26"
    assert {one.headers["authorization"] for one in others} == {"Bearer t1"}


def test_a_token_is_used_until_it_ends(guard: Guard) -> None:
    one = clerk(guard)
    watch = one.clock
    assert isinstance(watch, Watch)
    for at, tokens in ((0.0, 1), (269.0, 1), (271.0, 2), (272.0, 2)):
        watch.at = at
        one.ask()
        assert len(guard.asked) == tokens


def test_a_token_of_unknown_life_is_used_once(guard: Guard) -> None:
    for life in (None, True, "300", -5, 0, 1.5):
        guard.says = lambda heard, life=life: guard.token(expires_in=life)
        one = clerk(guard)
        before = len(guard.asked)
        assert [one.ask().stored for _ in range(2)] == [Stored.STORED_ONCE] * 2
        assert len(guard.asked) == before + 2


def test_a_token_that_no_longer_lets_in_is_asked_for_anew(guard: Guard) -> None:
    one = clerk(guard)
    one.ask()
    guard.record.tokens[1:] = []
    assert one.ask().stored is Stored.UNREACHABLE
    assert one.ask().stored is Stored.STORED_ONCE


ODD_TOKENS = [
    [], {}, "x", 7, None, {"access_token": 7}, {"access_token": ""}, {"access_token": "a b"},
    {"access_token": "a\r\nX: y"}, {"access_token": "x" * 9000}, {"access_token": "é"},
    {"access_token": "t", "token_type": "mac"}, {"access_token": "t", "token_type": 7},
]  # fmt: skip


@pytest.mark.parametrize("said", ODD_TOKENS)
def test_an_odd_token_is_never_sent_on(guard: Guard, said: Any) -> None:
    guard.says = lambda heard: said
    assert clerk(guard).ask().stored is Stored.UNSURE
    assert guard.record.heard == guard.asked


@pytest.mark.parametrize("status", [302, 307, 400, 401, 403, 500, 204])
def test_a_token_server_that_says_no_is_not_asked_around(guard: Guard, status: int) -> None:
    away = RedirectResponse(f"{guard.record.url}/Patient", status_code=status)
    guard.says = lambda heard: away if status in (302, 307) else Response(status_code=status)
    one = clerk(guard)
    answer = one.ask()
    assert answer.stored is Stored.UNREACHABLE
    assert ("doesn't let this laptop ask" in answer.sentence) == (status in (400, 401, 403))
    assert (len(guard.record.heard), one.opened) == (1, [f"{guard.record.url}/token"])


KEYS = {
    "of another curve": pem(ec.generate_private_key(ec.SECP256R1())),
    "of another kind": pem(rsa.generate_private_key(65537, 2048)),
    "of a third kind": pem(ed25519.Ed25519PrivateKey.generate()),
    "cut off": PEM[:100],
    "public": KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode(),
    "none at all": "-----BEGIN NONSENSE-----",
}


@pytest.mark.parametrize("name", KEYS)
def test_a_key_that_can_not_sign_is_said_to_be_none(guard: Guard, name: str) -> None:
    answer = clerk(guard, KEYS[name]).ask()
    assert (answer.stored, "is none that it can use" in answer.sentence) == (Stored.UNREACHABLE, True)
    assert guard.record.heard == []


def test_what_is_missing_is_said_before_anybody_is_asked(guard: Guard) -> None:
    answers = {
        "policy": clerk(guard, client_id="").ask(),
        "is kept on this laptop": clerk(guard, None).ask(),
        "is none that it can use": clerk(guard, PEM, token_url="", client_id="").ask(),
    }
    assert {words: (one.stored, words in one.sentence) for words, one in answers.items()} == dict.fromkeys(
        answers, (Stored.UNREACHABLE, True)
    )
    assert guard.record.heard == []


@pytest.mark.parametrize("secret", ["a b", "a\r\nX", "x" * 9000, "é"])
def test_a_token_of_the_keyring_that_is_none_is_not_sent(guard: Guard, secret: str) -> None:
    assert "is none that" in clerk(guard, secret, token_url="", client_id="").ask().sentence
    assert guard.record.heard == []


def test_a_token_of_the_keyring_lets_in(guard: Guard) -> None:
    guard.record.tokens.append("fixed")
    assert clerk(guard, "fixed", token_url="", client_id="").ask().stored is Stored.STORED_ONCE


class Locked:
    kind = "a keyring that is locked"

    def get(self, name: str) -> str | None:
        assert name == "record-system"
        raise StoreError(StoreFault.LOCKED, "locked")


@pytest.mark.parametrize("store", [Locked(), NoStore(lack=Lack.NONE_RUNS, reason="None runs.")])
def test_a_keyring_that_can_not_be_read_is_said(guard: Guard, store: Any) -> None:
    answer = clerk(guard, lambda: kept(store)).ask()
    assert (answer.stored, "keyring" in answer.sentence) == (Stored.UNREACHABLE, True)


@contextlib.contextmanager
def untrusted(heard: list[bytes]) -> Iterator[int]:
    """A server whose certificate nobody here knows, with what it is told in confidence; its port."""
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("localhost").configure_cert(tls)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=_hear, args=(listening, tls, heard), daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(10)


def _hear(listening: socket.socket, tls: ssl.SSLContext, heard: list[bytes]) -> None:
    while True:
        try:
            peer, _ = listening.accept()
        except OSError:
            return  # the test is over
        with peer, contextlib.suppress(OSError), tls.wrap_socket(peer, server_side=True) as inner:
            heard.append(inner.recv(65536))


def test_a_server_that_the_laptop_does_not_trust_is_told_nothing() -> None:
    heard: list[bytes] = []
    with untrusted(heard) as port:
        where = terms(f"https://localhost:{port}", client_id="ward")
        answer = Clerk(where, secret="never-said", clock=time.monotonic).ask()
    assert (answer.stored, "could not prove" in answer.sentence) == (Stored.UNREACHABLE, True)
    assert not any(heard)
