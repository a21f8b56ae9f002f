"""The lists of devices and findings as pages and CSV: filtered by their address, escaped, and of one practice."""

import re
from typing import Any

import pytest
import stock

from reports.console.console import Console
from reports.console.pages import devices, findings

HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def practice(console: Console, practice_of: Any) -> str:
    return str(practice_of(console))


@pytest.fixture
def text(console: Console, as_role: Any, ask: Any) -> Any:
    def of(handler: Any, practice: str = "Example Practice", **query: str) -> str:
        reply = handler(ask(console, as_role(console, practice=practice), query=query))
        assert reply.status == 200
        return str(reply.content.decode())

    return of


def device(console: Console, practice: str, label: str = "Registrar 4", **given: Any) -> str:
    return stock.device(console, practice, stock.agent(console, practice, label=label), **given)


def test_what_devices_and_people_wrote_is_never_markup(console: Console, practice: str, text: Any) -> None:
    made = device(console, practice, label=HOSTILE, model=HOSTILE)
    stock.finding(console, practice, made, because=HOSTILE)
    for handler in (devices.show, findings.show):
        assert "<img" not in text(handler)
        assert "&lt;img src=x" in text(handler)
    assert 'value="&#34;&gt;&lt;b"' in text(devices.show, q='"><b')


def test_csv_has_the_same_rows_and_no_formula(console: Console, practice: str, text: Any) -> None:
    made = device(console, practice, label="=1+1", overall="not_compliant")
    stock.finding(console, practice, made, because="@SUM(A1)")
    device(console, practice, label="good")
    lines = text(devices.as_csv, verdict="not_compliant").splitlines()
    assert len(lines) == 2
    assert ",'=1+1," in lines[1]
    assert ",'@SUM(A1)," in text(findings.as_csv)


@pytest.mark.parametrize("handler", [devices.show, devices.as_csv, findings.show, findings.as_csv])
def test_another_practice_sees_nothing(console: Console, practice: str, text: Any, handler: Any) -> None:
    stock.finding(console, practice, device(console, practice, label="Only ours"))
    assert "Only ours" in text(handler)
    assert "Only ours" not in text(handler, practice="Other Practice")


@pytest.mark.parametrize(
    "query",
    [{"verdict": "x"}, {"page": "-1"}, {"page": "9" * 40}, {"sort": "'"}, {"group": "\0"}, {"age": "x"}, {"q": "\0%"}],
)
def test_an_address_that_makes_no_sense_is_answered(
    console: Console, practice: str, text: Any, query: dict[str, str]
) -> None:
    device(console, practice)
    assert "<h1>" in text(devices.show, **query)
    assert "<h1>" in text(findings.show, **query)


def test_pages_lead_on_and_keep_the_filter(console: Console, practice: str, text: Any) -> None:
    agent = stock.agent(console, practice)
    for _ in range(51):
        stock.device(console, practice, agent)
    first = text(devices.show, kind="phone")
    assert "1 to 50 of 51 devices" in first
    (link,) = re.findall(r'rel="next" href="([^"]+)"', first)
    assert link == "/devices?kind=phone&amp;page=2"
    assert "51 to 51 of 51 devices" in text(devices.show, kind="phone", page="2")


def test_a_filter_that_leaves_nothing_says_so(console: Console, practice: str, text: Any) -> None:
    device(console, practice)
    assert "No device matches" in text(devices.show, q="nothing such")
    assert "No open finding matches" in text(findings.show)


def test_an_overdue_device_shows_no_figure_that_may_be_old(console: Console, practice: str, text: Any) -> None:
    device(console, practice, due_at=console.now() - 1, overall="not_compliant", to_fix=7)
    page = text(devices.show)
    assert "Overdue</span>" in page
    assert 'class="tn nil">–' in page
