"""Each answer forbids what no page of ours needs: foreign scripts, frames, guessing of types, caching."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from reports.console.app import HEADERS
from reports.console.console import Console
from reports.console.whole import whole

ADDRESSES = ("/", "/sign-in", "/nothing", "/healthz", "/api/v1/devices", "/api/v1/nothing", "/first/none")


@pytest.mark.parametrize("address", ADDRESSES)
def test_each_answer_has_all_of_them(console: Console, client: Callable[[Console], TestClient], address: str) -> None:
    answer = client(console).get(address)
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
    assert "strict-transport-security" not in answer.headers


def test_no_script_style_or_frame_of_others_is_let_in() -> None:
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["content-security-policy"].split(";"))
    assert policy.pop("default-src") == policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert set(policy.values()) == {"'self'"}


def test_who_came_by_https_comes_by_nothing_else(console: Console) -> None:
    with TestClient(whole(console), base_url="https://console.example", follow_redirects=False) as browser:
        assert browser.get("/sign-in").headers["strict-transport-security"] == "max-age=31536000"
