"""Sign-in through an OpenID provider: a real one, and hostile ones that answer what they like."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from auth_parts import Account, Browser, account, acts_of, one, session_of
from clock import Clock
from consoles import practice_id
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from starlette.testclient import TestClient

from reports.console.auth import oidc, oidc_wire, providers, sessions
from reports.console.auth.callers import person_of
from reports.console.console import Console
from reports.console.model import Role
from reports.console.store import tables

Client = Callable[[Console], TestClient]
CLIENT = "console-of-the-practice"
EMAIL = "alice@practice.example"
# What the package of the real provider calls for is deprecated by the library that it is built on.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*authlib.jose.*"),
    pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:authlib.*"),
    pytest.mark.filterwarnings("ignore::DeprecationWarning:oidc_provider_mock.*"),
]


@pytest.fixture
def real() -> Iterator[str]:
    """The issuer of a real provider, whose user has proven the address."""
    import oidc_provider_mock

    claims = {"email": EMAIL, "email_verified": True}
    user = oidc_provider_mock.User(sub="subject-1", claims=claims)
    unproven = oidc_provider_mock.User(sub="subject-2", claims={**claims, "email_verified": False})
    with oidc_provider_mock.run_server_in_thread(require_nonce=True, user_claims=(user, unproven)) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
def now(console: Console) -> Console:
    """The real provider goes by the real clock, and so does the console here."""
    import time

    assert isinstance(console.clock, Clock)
    console.clock.at = int(time.time())
    return console


def configured(console: Console, issuer: str, practice: str = "Example Practice") -> str:
    mine = practice_id(console, practice)
    with console.store.write() as db:
        given = oidc.Provider(practice_id=mine, issuer=issuer, client_id=CLIENT, secret="a secret")
        providers.keep(db, console, given, secret_too=True)
    return mine


class Traveller(Browser):
    """A browser that follows to the provider and back."""

    flow = ""

    def set_out(self, mine: str) -> str:
        """Where the console sends it."""
        answer = self.http.get(f"/sign-in/provider/{mine}?next=/devices", headers=self._headers())
        self.flow = answer.headers["set-cookie"].partition(";")[0]
        self.http.cookies.clear()
        return str(answer.headers["location"])

    def come_back(self, address: str) -> Any:
        """With what the provider gave."""
        parts = urlsplit(address)
        answer = self.http.get(f"{parts.path}?{parts.query}", headers={"cookie": self.flow})
        return self._took(answer)


def agreed(address: str, sub: str = "subject-1", **form: str) -> str:
    """The person signs in at the real provider; the address that it sends the browser to."""
    answer = requests.post(address, data={"sub": sub, **form}, allow_redirects=False, timeout=20)
    return answer.headers["location"]


def test_whoever_was_invited_signs_in_through_a_real_provider(now: Console, client: Client, real: str) -> None:
    who = account(now, Role.MANAGER, email=EMAIL)
    browser = Traveller(client(now), now)
    answer = browser.come_back(agreed(browser.set_out(configured(now, real))))
    assert (answer.status_code, answer.headers["location"]) == (303, "/devices")
    found = person_of(now, browser.cookie)
    assert found is not None
    assert (found.id, found.role) == (who.id, Role.MANAGER)
    assert browser.cookie.startswith(sessions.BOUND)
    row = one(now, tables.people, tables.people.c.id == who.id)
    assert (row.oidc_issuer, row.oidc_subject) == (real, "subject-1")
    assert acts_of(now)[-1] == "session.begun"


def test_nobody_is_made_an_account(now: Console, client: Client, real: str) -> None:
    account(now, email="somebody@else.example")
    browser = Traveller(client(now), now)
    assert browser.come_back(agreed(browser.set_out(configured(now, real)))).status_code == 403
    assert browser.cookie == ""


def test_an_address_that_the_provider_does_not_vouch_for_opens_nothing(now: Console, client: Client, real: str) -> None:
    account(now, email=EMAIL)
    browser = Traveller(client(now), now)
    assert browser.come_back(agreed(browser.set_out(configured(now, real)), "subject-2")).status_code == 403


def test_whoever_declines_at_the_provider_is_told(now: Console, client: Client, real: str) -> None:
    account(now, email=EMAIL)
    browser = Traveller(client(now), now)
    address = browser.set_out(configured(now, real))
    state = parse_qs(urlsplit(address).query)["state"][0]
    back = agreed(address, action="deny")
    assert "error=access_denied" in back
    assert browser.come_back(back).status_code == 400  # this provider leaves the state out
    assert browser.come_back(f"{back}&state={state}").status_code == 401


def test_a_code_is_good_once_and_in_the_browser_that_set_out(now: Console, client: Client, real: str) -> None:
    account(now, email=EMAIL)
    http = client(now)
    browser, other = Traveller(http, now), Traveller(http, now)
    mine = configured(now, real)
    back = agreed(browser.set_out(mine))
    other.set_out(mine)
    assert other.come_back(back).status_code == 400
    assert browser.come_back(back).status_code == 303
    assert browser.come_back(back).status_code == 502


def test_what_waits_in_the_browser_is_sealed_and_ends(now: Console, client: Client, real: str) -> None:
    account(now, email=EMAIL)
    browser = Traveller(client(now), now)
    address = browser.set_out(configured(now, real))
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert state not in browser.flow
    back = agreed(address)
    whole, browser.flow = browser.flow, browser.flow[:-4]
    assert browser.come_back(back).status_code == 400
    browser.flow = whole
    assert isinstance(now.clock, Clock)
    now.clock.forward(601)
    assert browser.come_back(back).status_code == 400


def test_a_practice_without_a_provider_has_no_such_address(console: Console, client: Client) -> None:
    assert client(console).get(f"/sign-in/provider/{practice_id(console)}").status_code == 404
    assert client(console).get("/sign-in/provider/nowhere").status_code == 404


def test_the_page_of_an_administrator_sets_up_a_provider_that_answers(now: Console, client: Client, real: str) -> None:
    browser = Browser(client(now), now)
    browser.cookie = session_of(now, account(now))
    browser.get("/settings/sign-in")
    answer = browser.post("/settings/sign-in", issuer=real, client_id=CLIENT, secret="hush-hush")
    assert answer.status_code == 303
    found = providers.provider_of(now, practice_id(now))
    assert found is not None
    assert (found.issuer, found.secret) == (real, "hush-hush")
    assert "hush-hush" not in browser.get("/settings/sign-in").text
    assert browser.post("/settings/sign-in/remove").status_code == 303
    assert providers.provider_of(now, practice_id(now)) is None


def test_a_secret_stays_with_the_provider_that_it_was_made_for(
    console: Console, client: Client, hostile: Hostile
) -> None:
    mine = configured(console, "https://provider.example")
    browser = Browser(client(console), console)
    browser.cookie = session_of(console, account(console))
    browser.get("/settings/sign-in")
    assert browser.post("/settings/sign-in", issuer=hostile.issuer, client_id=CLIENT).status_code == 303
    found = providers.provider_of(console, mine)
    assert found is not None
    assert (found.issuer, found.secret) == (hostile.issuer, "")


@pytest.mark.parametrize(
    "issuer", ["", "http://provider.example", "javascript:alert(1)", "https://user@x.example", "http://127.0.0.1:9"]
)
def test_a_provider_that_can_not_be_one_is_refused(console: Console, client: Client, issuer: str) -> None:
    browser = Browser(client(console), console)
    browser.cookie = session_of(console, account(console))
    browser.get("/settings/sign-in")
    assert browser.post("/settings/sign-in", issuer=issuer, client_id=CLIENT).status_code == 422
    assert providers.provider_of(console, practice_id(console)) is None


KEY, STRANGE = ECKey.generate_key("P-256", {"kid": "k1"}), ECKey.generate_key("P-256", {"kid": "k1"})


class Hostile:
    """A provider whose every answer can be set."""

    def __init__(self) -> None:
        self.issuer = ""
        self.said: dict[str, Any] = {}
        self.keys: Any = {"keys": [KEY.as_dict(private=False)]}
        self.token: Any = {}
        self.large: str = ""
        """The path that answers rightly, and far too long."""
        self.moved: str = ""
        """The path that sends elsewhere."""
        self.asked: list[str] = []

    def answer(self, path: str) -> bytes:
        """What stands at a path."""
        self.asked.append(path)
        found = {"/.well-known/openid-configuration": self.said, "/keys": self.keys, "/token": self.token}
        padding = {"padding": "a" * oidc_wire.ANSWER_BYTES} if path == self.large else {}
        said = found.get(path, {})
        return json.dumps({**said, **padding} if padding else said).encode()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    """Listens on this machine."""
    state = Hostile()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = state.answer(self.path)
            self.send_response(302 if self.path == state.moved else 200)
            self.send_header("location", "/elsewhere")
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Quietly."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.issuer = f"http://127.0.0.1:{server.server_port}"
    ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
    state.said = {"issuer": state.issuer, **{name: state.issuer + path for name, path in ends.items()}}
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


def claims_of(hostile: Hostile, console: Console, nonce: str, /, **other: Any) -> dict[str, Any]:
    good = {"iss": hostile.issuer, "aud": CLIENT, "sub": "subject-9", "email": EMAIL, "email_verified": True}
    times = {"iat": console.now(), "exp": console.now() + 300}
    return {name: value for name, value in {**good, **times, "nonce": nonce, **other}.items() if value is not ...}


def signed(claims: Mapping[str, Any], key: Any = KEY, alg: str = "ES256") -> str:
    return jwt.encode({"alg": alg, "kid": "k1"}, dict(claims), key, algorithms=[alg])


def arrived(console: Console, http: TestClient, hostile: Hostile, make: Callable[[str], Any]) -> tuple[int, Account]:
    """Somebody that the practice invited comes back with the token that `make` makes of the nonce."""
    who = account(console, email=EMAIL)
    browser = Traveller(http, console)
    asked = parse_qs(urlsplit(browser.set_out(configured(console, hostile.issuer))).query)
    hostile.token = {"access_token": "x", "token_type": "Bearer", "id_token": make(asked["nonce"][0])}
    return browser.come_back(f"http://x/sign-in/provider?code=c&state={asked['state'][0]}").status_code, who


def test_a_provider_that_does_it_right_opens_the_session(console: Console, client: Client, hostile: Hostile) -> None:
    status, _ = arrived(console, client(console), hostile, lambda nonce: signed(claims_of(hostile, console, nonce)))
    assert status == 303


FORGED: Mapping[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": ...},
    "another audience": {"aud": "somebody-else"},
    "several audiences and no party": {"aud": [CLIENT, "somebody-else"]},
    "no audience": {"aud": ...},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": ...},
    "over long ago": {"exp": 1_000_000_000},
    "without an end": {"exp": ...},
    "of the future": {"iat": 4_000_000_000, "nbf": 4_000_000_000},
    "no subject": {"sub": ...},
    "an empty subject": {"sub": ""},
    "a subject that is a number": {"sub": 7},
    "a subject without end": {"sub": "x" * 5000},
    "another access token": {"at_hash": "AAAA"},
    "times that are words": {"exp": "tomorrow"},
}


@pytest.mark.parametrize("other", FORGED.values(), ids=FORGED.keys())
def test_a_token_that_is_not_for_this_very_sign_in_opens_nothing(
    console: Console, client: Client, hostile: Hostile, other: dict[str, Any]
) -> None:
    status, who = arrived(
        console, client(console), hostile, lambda nonce: signed(claims_of(hostile, console, nonce, **other))
    )
    assert status == 502
    assert one(console, tables.people, tables.people.c.id == who.id).oidc_subject is None


UNSIGNED: Mapping[str, Callable[[dict[str, Any]], Any]] = {
    "by another key": lambda claims: signed(claims, STRANGE),
    "by a secret": lambda claims: signed(claims, OctKey.import_key("a secret that is long enough, truly"), "HS256"),
    "by nobody": lambda claims: "eyJhbGciOiJub25lIn0." + signed(claims).split(".")[1] + ".",
    "cut off": lambda claims: signed(claims)[:-8],
    "words": lambda claims: "words",
    "a number": lambda claims: 7,
    "nothing": lambda claims: None,
    "a list": lambda claims: ["x"],
}


@pytest.mark.parametrize("make", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_a_token_that_the_provider_did_not_sign_opens_nothing(
    console: Console, client: Client, hostile: Hostile, make: Callable[[dict[str, Any]], Any]
) -> None:
    status, _ = arrived(console, client(console), hostile, lambda nonce: make(claims_of(hostile, console, nonce)))
    assert status == 502


@pytest.mark.parametrize(
    "said",
    [
        [], "words", {}, {"issuer": "https://evil.example"}, {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "file:///etc/passwd"}, {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": 7},
        {"token_endpoint_auth_methods_supported": 7},
    ],
)  # fmt: skip
def test_a_provider_that_says_anything_of_itself_is_refused(console: Console, hostile: Hostile, said: Any) -> None:
    hostile.said = {**hostile.said, **said} if isinstance(said, dict) and said else said
    given = oidc.Provider(practice_id="p", issuer=hostile.issuer, client_id=CLIENT, secret="s")
    with pytest.raises(oidc.Refusal):
        oidc.begin(given, redirect_uri="http://x/back", onward="/", now=console.now())


@pytest.mark.parametrize("where", ["/.well-known/openid-configuration", "/keys"])
def test_an_answer_too_long_or_one_that_sends_us_elsewhere_is_refused(
    console: Console, hostile: Hostile, where: str
) -> None:
    given = oidc.Provider(practice_id="p", issuer=hostile.issuer, client_id=CLIENT, secret="s")
    for trouble in ("large", "moved"):
        setattr(hostile, trouble, where)
        with pytest.raises(oidc.Refusal):
            oidc.begin(given, redirect_uri="http://x/back", onward="/", now=console.now())
        setattr(hostile, trouble, "")
    assert "/elsewhere" not in hostile.asked


def test_an_address_given_to_somebody_else_at_the_provider_since_opens_nothing(
    console: Console, client: Client, hostile: Hostile
) -> None:
    http = client(console)
    assert arrived(console, http, hostile, lambda nonce: signed(claims_of(hostile, console, nonce)))[0] == 303
    vouched = oidc.Vouched(issuer=hostile.issuer, subject="subject-10", email=EMAIL)
    with pytest.raises(oidc.Refusal, match="has not invited you"):
        providers.let_in(console, practice_id(console), vouched)


def test_a_provider_has_no_say_in_another_practice(console: Console) -> None:
    account(console, practice="Other Practice", email=EMAIL)
    vouched = oidc.Vouched(issuer="https://provider.example", subject="s", email=EMAIL)
    with pytest.raises(oidc.Refusal):
        providers.let_in(console, practice_id(console), vouched)


def test_the_sign_in_page_offers_the_provider_where_there_is_one_only(console: Console, client: Client) -> None:
    http, mine = client(console), configured(console, "https://one.example")
    assert f"/sign-in/provider/{mine}" in http.get("/sign-in").text
    configured(console, "https://two.example", "Other Practice")
    assert "/sign-in/provider/" not in http.get("/sign-in").text
