"""The REST API: what programs read and do, with a token or through a session, and how refusals look to them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import stock
from auth_parts import account, acts_of, csrf_of, one, session_of, token_for
from consoles import practice_id
from starlette.testclient import TestClient

from reports.console.auth.callers import SESSION_COOKIE
from reports.console.console import Console
from reports.console.model import Role, Scope
from reports.console.store import tables

Client = Callable[[Console], TestClient]


class Program:
    """Something that holds a token."""

    def __init__(self, http: TestClient, console: Console, *scopes: Scope, practice: str = "Example Practice") -> None:
        self.http = http
        self.headers = {"authorization": f"Bearer {token_for(console, *scopes, practice=practice)}"}

    def get(self, path: str) -> Any:
        """Read."""
        return self.http.get(f"/api/v1{path}", headers=self.headers)

    def post(self, path: str, body: Any) -> Any:
        """Do."""
        return self.http.post(f"/api/v1{path}", headers=self.headers, json=body)


def failing(console: Console) -> tuple[str, str]:
    """A device with an open finding: both ids."""
    mine = practice_id(console)
    device = stock.device(console, mine, stock.agent(console, mine), overall="not_compliant", to_fix=1)
    return device, stock.finding(console, mine, device)


def until(console: Console, days: int) -> str:
    return datetime.fromtimestamp(console.now() + days * 86400, UTC).isoformat()


def test_devices_and_their_findings_are_read(both: Console, client: Client) -> None:
    device, uid = failing(both)
    program = Program(client(both), both, Scope.READ)
    assert program.get("/counts").json() == {
        "compliant": 0, "not_compliant": 1, "cannot_tell": 0, "overdue": 0, "total": 1,
    }  # fmt: skip
    assert [row["id"] for row in program.get("/devices?verdict=not_compliant").json()["devices"]] == [device]
    assert program.get("/devices?verdict=compliant").json()["devices"] == []
    assert program.get(f"/devices/{device}").json()["findings"][0]["uid"] == uid
    assert [row["uid"] for row in program.get("/findings").json()["findings"]] == [uid]


def test_a_waiver_is_given_read_and_ended_with_its_lines_in_the_audit_log(both: Console, client: Client) -> None:
    device, uid = failing(both)
    program = Program(client(both), both, Scope.READ, Scope.MANAGE)
    body = {"device_id": device, "uid": uid, "owner": "Manager", "reason": "New phone", "until": until(both, 10)}
    made = program.post("/waivers", body)
    assert made.status_code == 201
    assert [row["id"] for row in program.get("/waivers").json()["waivers"]] == [made.json()["id"]]
    assert program.post(f"/waivers/{made.json()['id']}/end", None).json()["ended_by"] == "Program"
    assert acts_of(both) == ["waiver.given", "waiver.ended"]
    assert [row["actor_kind"] for row in program.get("/audit?act=waiver").json()["lines"]] == ["token", "token"]


def test_a_waiver_without_a_sensible_end_is_refused(console: Console, client: Client) -> None:
    device, uid = failing(console)
    program = Program(client(console), console, Scope.MANAGE)
    body = {"device_id": device, "uid": uid, "owner": "Manager", "reason": "New phone"}
    for end in (until(console, 91), until(console, -1), "2026-12-24", "soon", 7, None):
        assert program.post("/waivers", {**body, "until": end}).status_code == 422


def test_a_code_is_made_and_shown_once(both: Console, client: Client) -> None:
    program = Program(client(both), both, Scope.MANAGE)
    made = program.post("/codes", {"uses": 2, "days": 3, "ownership": "practice_owned", "label": "Ward 3"})
    assert made.status_code == 201
    assert len(made.json()["code"]) == 24
    assert one(both, tables.codes).uses_left == 2
    assert made.json()["code"] not in json.dumps(str(one(both, tables.codes)))
    assert acts_of(both) == ["code.made"]


@pytest.mark.parametrize(
    "body",
    [
        {"uses": 0}, {"uses": 501}, {"uses": "1"}, {"days": 31}, {"ownership": "mine"}, {"group_id": ""},
        {"label": "x" * 121}, {"label": "a\u0000b"}, {"label": "a\nb"}, {"practice_id": "another"}, [], 7,
        "words", None,
    ],
)  # fmt: skip
def test_a_body_that_does_not_fit_is_refused_without_echo(console: Console, client: Client, body: Any) -> None:
    answer = Program(client(console), console, Scope.MANAGE).post("/codes", body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert "mine" not in answer.json()["detail"]
    assert "another" not in answer.text


@pytest.mark.parametrize("raw", [b"", b"{", b"\xff\xfe", b"[" * 50_000, b'{"uses": 1e400}', b'{"label": "\\ud800"}'])
def test_a_body_that_is_no_json_is_refused(console: Console, client: Client, raw: bytes) -> None:
    program = Program(client(console), console, Scope.MANAGE)
    assert program.http.post("/api/v1/codes", headers=program.headers, content=raw).status_code == 422


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=x", "page=99999999999999999999", "verdict=fine", "nonsense=1", "kind=a%00b", "group=%27%3B--",
     "search=" + "x" * 121, "sort=password"],
)  # fmt: skip
def test_a_query_that_does_not_fit_is_refused(console: Console, client: Client, query: str) -> None:
    assert Program(client(console), console, Scope.READ).get(f"/devices?{query}").status_code in (400, 422)


def test_hostile_text_in_a_search_is_only_looked_for(both: Console, client: Client) -> None:
    failing(both)
    program = Program(client(both), both, Scope.READ)
    for text in ("' OR 1=1 --", "%", "_", "\\", "Pixel%"):
        answer = program.http.get("/api/v1/devices", params={"search": text}, headers=program.headers)
        assert (answer.status_code, answer.json()["devices"]) == (200, [])


def test_a_session_may_use_the_api_and_needs_the_csrf_token_to_change_something(
    console: Console, client: Client
) -> None:
    session = session_of(console, account(console, Role.MANAGER))
    http, cookie = client(console), {"cookie": f"{SESSION_COOKIE}={session}"}
    assert http.get("/api/v1/counts", headers=cookie).status_code == 200
    assert http.post("/api/v1/codes", headers=cookie, json={}).status_code == 403
    right = {**cookie, "x-csrf-token": csrf_of(console, session)}
    assert http.post("/api/v1/codes", headers={**right, "origin": "https://evil.example"}, json={}).status_code == 403
    assert http.post("/api/v1/codes", headers=right, json={}).status_code == 201


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Bearer scrubin_x", "Basic YTpi", "Bearer " + "x" * 9000])
def test_without_a_good_token_nothing_is_answered(console: Console, client: Client, header: str) -> None:
    answer = client(console).get("/api/v1/counts", headers={"authorization": header} if header else {})
    assert (answer.status_code, answer.json()["code"]) == (401, "sign_in")


def test_a_token_opens_no_page(console: Console, client: Client) -> None:
    program = Program(client(console), console, Scope.READ, Scope.MANAGE)
    assert program.http.get("/people", headers=program.headers).status_code == 303


def test_of_another_practice_nothing_is_read_or_ended(both: Console, client: Client) -> None:
    device, uid = failing(both)
    http = client(both)
    mine = Program(http, both, Scope.MANAGE)
    body = {"device_id": device, "uid": uid, "owner": "Manager", "reason": "New phone", "until": until(both, 10)}
    waiver = mine.post("/waivers", body).json()["id"]
    other = Program(http, both, Scope.READ, Scope.MANAGE, practice="Other Practice")
    assert other.get(f"/devices/{device}").status_code == 404
    assert other.post(f"/waivers/{waiver}/end", None).status_code == 404
    assert other.post("/waivers", body).status_code == 404
    for path in ("/devices", "/findings", "/waivers", "/audit", "/policy/versions"):
        assert device not in other.get(path).text


def test_the_wrong_method_says_which_are_right(console: Console, client: Client) -> None:
    answer = client(console).delete("/api/v1/waivers")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")


def test_the_page_to_try_calls_carries_nothing_inline(console: Console, client: Client) -> None:
    session = session_of(console, account(console, Role.AUDITOR))
    http, cookie = client(console), {"cookie": f"{SESSION_COOKIE}={session}"}
    page = http.get("/api/docs", headers=cookie)
    assert page.status_code == 200
    assert "style=" not in page.text
    assert "<script>" not in page.text
    for path in ("/static/api_docs.js", "/static/api_docs.css", "/api/openapi.json"):
        assert http.get(path).status_code == 200
    assert http.get("/api/docs").headers["location"].startswith("/sign-in")
