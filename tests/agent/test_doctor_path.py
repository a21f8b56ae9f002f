"""The doctor walks the way to the practice's console step by step, and names the step that fails."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from enrolled import Laptop, enrolled_laptop
from fake_console import FakeConsole, certified, served

from agent import desk as desks
from agent.commands.doctor_path import Found, path
from checks.model import Status


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: Any) -> Iterator[FakeConsole]:
    authority, tls = certified()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with served(FakeConsole(), tls) as one:
        yield one


mine = pytest.fixture(enrolled_laptop)


def walked() -> dict[str, Found]:
    return {one.name: one for one in path(desks.open_desk(), clock=desks.now)}


def test_good_way_has_every_step(mine: Laptop) -> None:
    mine.audited()
    found = walked()
    assert list(found) == [
        "enrolment", "device key", "practice server", "clock", "signature", "directive", "delivery",
    ]  # fmt: skip
    assert {one.status for one in found.values()} == {Status.PASS}
    assert 'certificate is from "Example Authority", until' in found["practice server"].text
    assert "delivered less than a minute ago; 0 to be sent" in found["delivery"].text


def test_certificate_of_somebody_else_is_named_and_reports_wait(mine: Laptop, monkeypatch: Any) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    mine.audited()
    found = walked()
    assert found["practice server"].status is Status.ERROR
    assert '"Example Authority"' in found["practice server"].text
    assert "sign-in page" in found["practice server"].text
    assert (found["delivery"].status, "1 to be sent" in found["delivery"].text) == (Status.FAIL, True)
    assert "signature" not in found


def test_page_in_its_place_is_a_sign_in_page(mine: Laptop, fake: FakeConsole) -> None:
    fake.meddle = lambda request: (200, {"content-type": "text/html"}, b"<html>Welcome</html>")
    assert "A page answers in place of" in walked()["practice server"].text


def test_clock_that_is_off_is_the_clocks_fault(mine: Laptop, fake: FakeConsole) -> None:
    fake.now = lambda: datetime.now(UTC) + timedelta(hours=2)
    found = walked()
    assert found["clock"].status is Status.FAIL
    assert "120 minutes behind" in found["clock"].text


def test_ended_enrolment_is_said(mine: Laptop, fake: FakeConsole) -> None:
    fake.ended.add(mine.enrolment["agent_id"])
    assert "has ended this enrolment" in walked()["practice server"].text


def test_key_that_is_gone_is_said(mine: Laptop) -> None:
    (mine.state / "secrets.json").unlink()
    assert walked()["device key"].status is Status.FAIL


def test_name_that_nobody_knows_is_offline(mine: Laptop) -> None:
    kept = json.loads((mine.state / "enrolment.json").read_text())
    (mine.state / "enrolment.json").write_text(json.dumps({**kept, "url": "https://console.invalid"}))
    found = walked()["practice server"]
    assert (found.status, "offline" in found.text) == (Status.ERROR, True)


def test_damaged_enrolment_is_said(mine: Laptop) -> None:
    (mine.state / "enrolment.json").write_text("{")
    (found,) = walked().values()
    assert (found.status, "damaged" in found.text) == (Status.FAIL, True)


def test_doctor_prints_the_way_among_its_rows(mine: Laptop) -> None:
    said = mine.scrubin("doctor", "--json").json
    assert {"enrolment", "practice server", "clock", "signature", "directive"} <= {one["name"] for one in said["rows"]}
