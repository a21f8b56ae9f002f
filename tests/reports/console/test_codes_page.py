"""The page of enrolment codes: shown whole once, and never again."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from stock import acts_of, count

from reports.console import groups
from reports.console.console import Console
from reports.console.groups import Terms
from reports.console.model import Ask, Refusal, Role
from reports.console.pages import codes
from reports.console.store import tables

Made = Callable[..., Any]
Asked = Callable[..., Ask]
FORM = {"uses": "1", "days": "7", "ownership": "personal", "label": "Registrar 4", "group": ""}
CODE = re.compile(r"[2-9A-Z]{4}(-[2-9A-Z]{4}){4}")


@pytest.fixture
def asked(console: Console, ask: Made, as_role: Made) -> Asked:
    """A request; a manager's, unless said otherwise."""

    def make(role: Role = Role.MANAGER, practice: str = "Example Practice", **given: Any) -> Ask:
        made: Ask = ask(console, as_role(console, role, practice), **given)
        return made

    return make


def test_the_code_is_shown_once_and_the_list_has_its_beginning_alone(asked: Asked) -> None:
    shown = codes.make(asked(form=FORM, headers={"host": "console.example"})).content.decode()
    code = CODE.search(shown)
    assert code is not None
    assert f"scrubin enrol https://console.example {code[0]}" in shown
    listed = codes.show(asked()).content.decode()
    assert code[0][:4] in listed
    assert code[0] not in listed
    assert code[0].encode() not in codes.table(asked()).content


def test_the_letter_says_what_to_type_and_whom_to_ask(console: Console, asked: Asked) -> None:
    with console.store.write() as db:
        db.execute(tables.practices.update().values(contact_label="IT <desk>", contact_phone="03 9000 0000"))
    shown = codes.make(asked(form=FORM)).content.decode()
    assert "scrubin check" in shown
    assert "scrubin leave" in shown
    assert "IT &lt;desk&gt;, 03 9000 0000" in shown


def test_the_qr_is_svg_that_the_content_policy_lets_through(asked: Asked) -> None:
    shown = codes.make(asked(form=FORM)).content.decode()
    drawing = shown[shown.index('<svg class="qr"') : shown.index("</article>")]
    assert 'aria-label="QR code' in drawing
    assert "style=" not in drawing


def test_the_qr_reads_as_address_and_code() -> None:
    side, path = codes.modules_of("scrubin-enrol:https://console.example#ABCD")
    squares = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}
    finder = {(4 + x, 4 + y) for x in range(7) for y in range(7) if x in (0, 6) or y in (0, 6)}
    assert finder <= squares
    assert all(4 <= x < side - 4 and 4 <= y < side - 4 for x, y in squares)


@pytest.mark.parametrize(
    ("host", "public", "address"),
    [
        ("127.0.0.1:8443", "", "http://127.0.0.1:8443"),
        ("[::1]:8443", "", "http://[::1]:8443"),
        ("console.example:8443", "", "https://console.example:8443"),
        ("evil.example/<script>", "", "https://this-console.example"),
        ("evil.example", "https://console.example", "https://console.example"),
    ],
)
def test_devices_are_led_to_an_address_that_is_one(
    console: Console, asked: Asked, host: str, public: str, address: str
) -> None:
    made = asked(headers={"host": host})
    assert codes.address_of(replace(made, console=replace(console, public_url=public))) == address


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"uses": "0"}, "uses"),
        ({"uses": "many"}, "uses"),
        ({"days": "31"}, "days"),
        ({"ownership": "stolen"}, "ownership"),
        ({"label": "x" * 121}, "label"),
        ({"uses": "2"}, "label"),
    ],
)
def test_a_wrong_form_makes_nothing_and_loses_nothing(
    console: Console, asked: Asked, wrong: dict[str, str], field: str
) -> None:
    reply = codes.make(asked(form={**FORM, **wrong}))
    assert reply.status == 422
    assert f'href="#{field}"' in reply.content.decode()
    assert "Registrar 4" in reply.content.decode() or "label" in wrong
    assert count(console, tables.codes) == 0


def test_a_group_of_another_practice_is_not_there(console: Console, asked: Asked) -> None:
    theirs = asked(practice="Other Practice")
    with console.store.write() as db:
        group = groups.make(db, theirs, Terms(name="Theirs", period_hours=None, grace_hours=None, days="1111100"))
    assert "Theirs" not in codes.begin(asked()).content.decode()
    with pytest.raises(Refusal):
        codes.make(asked(form={**FORM, "group": group}))
    assert count(console, tables.codes) == 0


def test_a_code_is_taken_back_by_its_own_practice_alone(console: Console, asked: Asked) -> None:
    codes.make(asked(form=FORM))
    with console.store.read() as db:
        made = str(db.scalar(sa.select(tables.codes.c.id)))
    with pytest.raises(Refusal) as refused:
        codes.revoke(asked(practice="Other Practice", path={"code_id": made}, form={}))
    assert refused.value.status == 404
    assert codes.revoke(asked(path={"code_id": made}, form={})).status == 303
    assert "Taken back" in codes.show(asked()).content.decode()
    assert acts_of(console, asked().practice_id) == ["code.made", "code.revoked"]
    with pytest.raises(Refusal):
        codes.revoke(asked(path={"code_id": made}, form={}))


def test_states_follow_use_and_time(console: Console, asked: Asked) -> None:
    codes.make(asked(form=FORM))
    assert "Can be used" in codes.show(asked()).content.decode()
    console.clock.forward(8 * 86400)  # type: ignore[attr-defined]
    assert "Expired" in codes.show(asked()).content.decode()
    with console.store.write() as db:
        db.execute(tables.codes.update().values(uses_left=0))
    assert "Used up" in codes.show(asked()).content.decode()


def test_an_auditor_and_another_practice_see_no_more_than_is_theirs(asked: Asked) -> None:
    codes.make(asked(form=FORM))
    assert "Make a code" not in codes.show(asked(Role.AUDITOR)).content.decode()
    assert "Registrar 4" not in codes.show(asked(practice="Other Practice")).content.decode()
