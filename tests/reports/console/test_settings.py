"""The settings of a practice."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from stock import acts_of, agent, device, serial_of

from reports.console.console import Console
from reports.console.model import Ask, Role
from reports.console.pages import settings
from reports.console.policies import LAYER_SETTING
from reports.console.store import tables

Made = Callable[..., Any]
Asked = Callable[..., Ask]
FORM = {
    "name": "Example Practice",
    "timezone": "Australia/Melbourne",
    "contact_label": "",
    "contact_phone": "",
    "contact_email": "",
    "period_hours": "24",
    "grace_hours": "72",
    "raw_days": "90",
    "layer": "practice",
}


@pytest.fixture
def asked(both: Console, ask: Made, as_role: Made) -> Asked:
    """A request; an administrator's, unless said otherwise."""

    def make(role: Role = Role.ADMINISTRATOR, **given: Any) -> Ask:
        made: Ask = ask(both, as_role(both, role), **given)
        return made

    return make


def test_what_is_changed_is_kept_logged_by_name_and_told_to_devices(both: Console, asked: Asked) -> None:
    practice = asked().practice_id
    phone, before = device(both, practice, agent(both, practice)), serial_of(both, practice)
    form = {**FORM, "contact_phone": "03 9000 0000", "period_hours": "12", "grace_hours": "0", "layer": "hospital"}
    assert settings.save(asked(form=form)).status == 303
    row, device_row = both.practice(practice), tables.devices.c
    assert (row.contact_phone, row.period_hours, row.grace_hours) == ("03 9000 0000", 12, 0)
    assert both.setting(practice, LAYER_SETTING) == "hospital"
    assert serial_of(both, practice) > before
    with both.store.read() as db:
        assert db.scalar(sa.select(device_row.due_at).where(device_row.id == phone)) == both.now() + 12 * 3600
        assert "9000" not in str(db.scalar(sa.select(tables.audit.c.detail)))
    assert acts_of(both, practice) == ["settings.changed"]
    settings.save(asked(form={**form, "layer": "practice"}))
    assert both.setting(practice, LAYER_SETTING) == "practice"


def test_nothing_changed_is_no_act(both: Console, asked: Asked) -> None:
    settings.save(asked(form=FORM))
    assert acts_of(both, asked().practice_id) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"contact_email": "not one"}, "contact_email"),
        ({"contact_email": "a@b.example\r\nBcc: c@d.example"}, "contact_email"),
        ({"period_hours": "0"}, "period_hours"),
        ({"grace_hours": "-1"}, "grace_hours"),
        ({"raw_days": "6"}, "raw_days"),
        ({"raw_days": "1e9"}, "raw_days"),
        ({"layer": "baseline"}, "layer"),
    ],
)
def test_a_wrong_value_changes_nothing(console: Console, ask: Made, as_role: Made, wrong: Any, field: str) -> None:
    asking = ask(console, as_role(console), form={**FORM, "contact_label": "Desk <1>", **wrong})
    reply = settings.save(asking)
    assert reply.status == 422
    assert f'href="#{field}"' in reply.content.decode()
    assert "Desk &lt;1&gt;" in reply.content.decode()
    assert console.practice(asking.practice_id).contact_label == ""


def test_only_an_administrator_may_save_and_others_may_read(console: Console, ask: Made, as_role: Made) -> None:
    roles = {one.name: one.role for one in settings.ENDPOINTS}
    assert roles == {"settings": Role.AUDITOR, "settings_save": Role.ADMINISTRATOR}
    shown = settings.show(ask(console, as_role(console, Role.AUDITOR))).content.decode()
    assert "Only an administrator changes these" in shown
    assert '<button class="btn btn-main">Save' not in shown


def test_the_time_zones_are_those_that_the_system_knows() -> None:
    names = [name for name, _ in settings.zones()]
    assert {"UTC", "Australia/Melbourne", "Pacific/Auckland"} <= set(names)
    assert len(names) == len(set(names))
