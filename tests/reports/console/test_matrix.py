"""Who may do what: every endpoint of the application for every kind of caller, and for another practice's.

What is expected follows from each endpoint's own declaration; what is sensitive stands in a table besides, so that a
wrong declaration shows as well. An endpoint that is added is tried at once, and must say whose its placeholders are.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
import stock
from auth_parts import PASSWORD, Account, account, csrf_of, session_of, token_for
from consoles import practice_id
from starlette.testclient import TestClient

from checks.policy_form import LayerName
from reports.console import lost, policies_text, whole
from reports.console.alerts import channels
from reports.console.auth import accounts, signing_in, tokens
from reports.console.auth.callers import SESSION_COOKIE
from reports.console.console import Console
from reports.console.model import RANK, Access, Endpoint, Role, Scope
from reports.console.store import tables

PLACEHOLDER = re.compile(r"\{(\w+)(?::\w+)?\}")
ENDPOINTS = whole.endpoints()
NAMES = [one.name for one in ENDPOINTS]
REFUSED = (401, 403)
ROLES = {"auditor": Role.AUDITOR, "manager": Role.MANAGER, "administrator": Role.ADMINISTRATOR}
PROGRAMS = {"token read": Scope.READ, "token manage": Scope.MANAGE}
CALLERS = ("nobody", *ROLES, *PROGRAMS, "administrator of another practice", "half signed in", "device")

SENSITIVE: Mapping[str, Role] = {
    "people_invite": Role.ADMINISTRATOR,
    "people_role": Role.ADMINISTRATOR,
    "people_disable": Role.ADMINISTRATOR,
    "people_enable": Role.ADMINISTRATOR,
    "people_reset": Role.ADMINISTRATOR,
    "tokens_make": Role.ADMINISTRATOR,
    "tokens_revoke": Role.ADMINISTRATOR,
    "provider": Role.ADMINISTRATOR,
    "provider_keep": Role.ADMINISTRATOR,
    "provider_drop": Role.ADMINISTRATOR,
    "api_waiver_give": Role.MANAGER,
    "api_waiver_end": Role.MANAGER,
    "api_code_make": Role.MANAGER,
}
"""The least role, written down a second time."""
OPEN = {
    "sign_in", "sign_in_take", "sign_in_code", "sign_in_code_take", "first", "first_take", "provider_back",
    "provider_begin", "api_document", "health", "healthz",
}  # fmt: skip
"""What anybody may ask for."""
NOBODYS = {"kind"}
"""Placeholders that stand for words, not for rows."""
FORM = {
    "role": "auditor", "label": "Taken over", "name": "Taken over", "from": "2026-12-01", "until": "2026-12-02",
    "uses": "1", "days": "7", "ownership": "personal", "sure": "yes", "confirm": "yes", "group": "",
}  # fmt: skip
"""What would do something to a row of one's own; the strangest caller of all sends it."""
OWN = {"sign_out", "me_practice", "me_password", "me_sign_out"}
"""What changes nothing but one's own account: every role may."""


@dataclass(frozen=True)
class Stage:
    """One console with rows of a practice, and callers of all kinds."""

    console: Console
    http: TestClient
    rows: Mapping[str, str]
    """An id of the first practice by placeholder."""
    headers: Mapping[str, Mapping[str, str]]
    csrf: Mapping[str, str]


@pytest.fixture
def stage(console: Console, client: Callable[[Console], TestClient]) -> Stage:
    """Ready to be asked."""
    people = {name: account(console, role) for name, role in ROLES.items()}
    people["administrator of another practice"] = account(console, practice="Other Practice")
    sessions = {name: _session(console, name, who) for name, who in people.items()}
    headers: dict[str, Mapping[str, str]] = {
        name: {"cookie": f"{SESSION_COOKIE}={one}"} for name, one in sessions.items()
    }
    for name, scope in PROGRAMS.items():
        headers[name] = {"authorization": f"Bearer {token_for(console, scope)}"}
    half = signing_in.with_password(console, email=people["auditor"].email, password=PASSWORD, peer="")
    headers["half signed in"] = {"cookie": f"{SESSION_COOKIE}={half}"}
    headers["device"] = {"signature-input": 'sig1=("@method");keyid="x"', "signature": "sig1=:AAAA:"}
    csrf = {name: csrf_of(console, one) for name, one in sessions.items()}
    return Stage(console, client(console), rows(console, people["auditor"]), headers, csrf)


def _session(console: Console, name: str, who: Account) -> str:
    return session_of(console, who, "Other Practice" if "another" in name else "Example Practice")


def rows(console: Console, who: Account) -> Mapping[str, str]:
    """One row of the first practice for each placeholder that an address may have."""
    mine, now = practice_id(console), console.now()
    agent = stock.agent(console, mine)
    device = stock.device(console, mine, agent, overall="not_compliant")
    uid = stock.finding(console, mine, device)
    same = {"practice_id": mine, "created_at": now, "created_by": "it@practice.example"}
    ids = {name: f"{name}-1" for name in ("waiver", "group", "code", "policy")}
    stock.put(console, tables.groups, {"id": ids["group"], "practice_id": mine, "name": "Wards"})
    waiver = {"id": ids["waiver"], "device_id": device, "uid": uid, "check_id": "screen_lock", "until": now + 86400}
    stock.put(console, tables.waivers, {**same, **waiver, "owner": "Manager", "reason": "New phone is ordered"})
    code = {"id": ids["code"], "code_hash": "0" * 64, "hint": "ABCD", "ownership": "personal", "uses_left": 1}
    stock.put(console, tables.codes, {**same, **code, "expires_at": now + 86400})
    policy = {"id": ids["policy"], "number": 1, "state": "published", "toml": _policy(console), "saved_at": now}
    stock.put(console, tables.policies, {**same, **policy, "published_at": now, "published_by": "it@practice.example"})
    stock.put(console, tables.away, {"practice_id": mine, "agent_id": agent, "from_at": now, "until_at": now + 86400})
    with console.store.write() as db:
        scopes = frozenset({Scope.READ})
        token, _ = tokens.make(db, console, practice_id=mine, name="P", scopes=scopes, days=1, by=who.id)
        link = accounts.make_link(db, console, who.id)
        sheet = lost.make_sheet(db, console, practice_id=mine, device_id=device, by="it@practice.example")
        mail = {"sender": "it@practice.example", "recipients": ["it@practice.example"], "sign_in": "none"}
        details = {**mail, "host": "127.0.0.1", "port": 9, "security": "starttls"}  # where nobody listens
        channel = channels.make(db, console, practice_id=mine, kind=channels.Kind.EMAIL, name="Desk", details=details)
    found = {"device_id": device, "agent_id": agent, "uid": uid, "person_id": who.id, "token_id": token}
    more = {f"{name}_id": value for name, value in ids.items()} | {"channel_id": channel, "sheet_id": sheet}
    return {**found, **more, "number": "1", "token": link, "practice_id": mine, "kind": "email", "away_id": "1"}


def _policy(console: Console) -> str:
    with console.store.read() as db:
        practice = db.execute(sa.select(tables.practices).limit(1)).one()
    return policies_text.starting(practice, number=1, layer=LayerName.PRACTICE)


def asked(stage: Stage, endpoint: Endpoint, caller: str) -> Any:
    """The answer to one caller; a form or body that is right as far as who asks is concerned, and empty otherwise."""
    names = PLACEHOLDER.findall(endpoint.path)
    missing = [one for one in names if one not in stage.rows]
    assert not missing, f"{endpoint.name}: say in rows() what {missing} stands for"
    path = PLACEHOLDER.sub(lambda found: stage.rows[found[1]], endpoint.path)
    headers = dict(stage.headers.get(caller, {}))
    if endpoint.method == "GET":
        return stage.http.get(path, headers=headers)
    csrf = stage.csrf.get(caller, "")
    if endpoint.access is Access.TOKEN:
        return stage.http.request(endpoint.method, path, headers={**headers, "x-csrf-token": csrf}, json={})
    form = FORM if "another" in caller else {}
    return stage.http.request(endpoint.method, path, headers=headers, data={**form, "csrf": csrf or "none"})


def allowed(endpoint: Endpoint, caller: str) -> bool:
    """By the endpoint's own declaration."""
    if endpoint.access is Access.ANYBODY:
        return True
    if caller in ROLES:
        return RANK[ROLES[caller]] >= RANK[endpoint.role]
    if caller in PROGRAMS:
        return endpoint.access is Access.TOKEN and PROGRAMS[caller] is endpoint.scope
    return False


def refused(endpoint: Endpoint, answer: Any) -> bool:
    """Not let in: told so, or led to where one signs in."""
    led = answer.status_code == 303 and answer.headers["location"].startswith("/sign-in")
    return answer.status_code in REFUSED or (led and endpoint.access is not Access.ANYBODY)


def everything(console: Console) -> Mapping[str, Any]:
    """All rows of all tables, less what asking alone changes."""
    leave = {"sessions", "attempts", "audit", "tokens"}
    with console.store.read() as db:
        return {
            one.name: sorted(map(repr, db.execute(sa.select(one)).all()))
            for one in tables.METADATA.sorted_tables
            if one.name not in leave
        }


@pytest.mark.parametrize("caller", [one for one in CALLERS if "another" not in one])
def test_each_endpoint_lets_in_whom_it_declares_and_nobody_else(stage: Stage, caller: str) -> None:
    wrong = []
    for endpoint in ENDPOINTS:
        if endpoint.name in OWN or (endpoint.access is Access.ANYBODY and endpoint.method != "GET"):
            continue
        answer = asked(stage, endpoint, caller)
        if answer.status_code == 500 or refused(endpoint, answer) == allowed(endpoint, caller):
            wrong.append((endpoint.method, endpoint.path, answer.status_code))
    assert wrong == []


def test_nobody_who_is_refused_changes_anything(stage: Stage) -> None:
    before = everything(stage.console)
    for caller in ("nobody", "auditor", "token read", "device", "half signed in"):
        for endpoint in ENDPOINTS:
            if not allowed(endpoint, caller):
                asked(stage, endpoint, caller)
    assert everything(stage.console) == before


def test_rows_of_another_practice_are_not_there_and_stay_as_they_are(stage: Stage) -> None:
    before, wrong = everything(stage.console), []
    for endpoint in ENDPOINTS:
        if set(PLACEHOLDER.findall(endpoint.path)) - NOBODYS and endpoint.access is not Access.ANYBODY:
            answer = asked(stage, endpoint, "administrator of another practice")
            if answer.status_code != 404:
                wrong.append((endpoint.method, endpoint.path, answer.status_code))
    assert wrong == []
    assert everything(stage.console) == before


def test_no_page_of_another_practice_shows_a_row_of_this_one(stage: Stage) -> None:
    marks = {value for name, value in stage.rows.items() if name not in ("number", "kind", "away_id", "token")}
    shown = []
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET" and not PLACEHOLDER.search(endpoint.path):
            text = asked(stage, endpoint, "administrator of another practice").text
            shown += [(endpoint.path, mark) for mark in marks if mark in text]
    assert shown == []


def test_what_is_sensitive_is_declared_as_it_is_meant() -> None:
    declared = {one.name: one for one in ENDPOINTS}
    assert {name: declared[name].role for name in SENSITIVE} == dict(SENSITIVE)


def test_only_sign_in_and_health_are_for_anybody() -> None:
    assert {one.name for one in ENDPOINTS if one.access is Access.ANYBODY} <= OPEN


def test_whatever_changes_something_needs_a_manager_unless_it_is_ones_own_account() -> None:
    changing = [one for one in ENDPOINTS if one.method != "GET" and one.access is not Access.ANYBODY]
    assert [one.name for one in changing if one.role is Role.AUDITOR and one.name not in OWN] == []
    assert [one.name for one in changing if one.access is Access.TOKEN and one.scope is Scope.READ] == []


def test_names_and_addresses_are_unique() -> None:
    addresses = [(one.method, one.path) for one in ENDPOINTS]
    assert len(set(NAMES)) == len(NAMES)
    assert len(set(addresses)) == len(addresses)
