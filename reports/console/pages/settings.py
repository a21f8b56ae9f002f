"""Settings of the practice: its name and clock, whom people ask, and how long devices may be silent."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from zoneinfo import available_timezones

import sqlalchemy as sa

from checks.policy_form import LayerName
from reports.console import acts, groups
from reports.console.console import see_other
from reports.console.intake.directive import bump_serial
from reports.console.model import Access, Ask, Endpoint, Reply, Role
from reports.console.policies import LAYER_SETTING
from reports.console.store import tables
from reports.console.store.engine import insert
from reports.web.entered import Entered

COLUMNS = (
    "name", "timezone", "contact_label", "contact_phone", "contact_email", "period_hours", "grace_hours", "raw_days",
)  # fmt: skip
MOST_DAYS = 3650
LEAST_DAYS = 7
"""Shorter, and a report would be gone before anybody has looked into what it said."""
LAYERS = ((LayerName.PRACTICE.value, "The practice"), (LayerName.HOSPITAL.value, "A hospital or health service"))
DUE = ("timezone", "period_hours", "grace_hours")
"""What decides when devices are due."""


@cache
def zones() -> Sequence[tuple[str, str]]:
    """Places by their clocks, ours first."""
    named = sorted(
        one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "posix", "right"))
    )
    near = [one for one in named if one.startswith(("Australia/", "Pacific/Auckland"))]
    return [
        ("UTC", "UTC"),
        *((one, one.replace("_", " ")) for one in (*near, *(one for one in named if one not in near))),
    ]


def show(ask: Ask) -> Reply:
    """The form as it stands."""
    row = ask.console.practice(ask.practice_id)
    values = {name: str(getattr(row, name)) for name in COLUMNS}
    values["layer"] = str(ask.console.setting(ask.practice_id, LAYER_SETTING) or LayerName.PRACTICE.value)
    return _page(ask, values, {}, status=200)


def save(ask: Ask) -> Reply:
    """Take the form."""
    assert ask.form is not None
    entered = Entered(ask.form)
    values, layer = _read(entered)
    if entered.faults:
        return _page(ask, dict(entered.values), entered.faults, status=422)
    agents: Sequence[str] = ()
    with ask.console.store.write() as db:
        mine = tables.practices.c.id == ask.practice_id
        bump_serial(db, ask.practice_id)
        before = db.execute(sa.select(tables.practices).where(mine)).one()
        changed = {name: value for name, value in values.items() if getattr(before, name) != value}
        if changed:
            db.execute(tables.practices.update().where(mine).values(**changed))
        if _keep_layer(db, ask, layer):
            changed[LAYER_SETTING] = layer
        if changed:
            # Names alone: what a contact's number was is nobody's business in a log that stays.
            acts.record_for(db, ask, "settings.changed", detail=", ".join(changed))
        if changed.keys() & set(DUE):
            agents = groups.agents_of(db, ask.practice_id)
    groups.renew(ask.console, agents)
    return see_other("/settings?saved=yes")


def _read(entered: Entered) -> tuple[dict[str, Any], str]:
    values: dict[str, Any] = {
        "name": entered.line("name", "Name of the practice", longest=120),
        "timezone": entered.choice("timezone", "Time zone", [name for name, _ in zones()]),
        "contact_label": entered.line("contact_label", "Contact", longest=60, needed=False),
        "contact_phone": entered.line("contact_phone", "Phone", longest=60, needed=False),
        "contact_email": entered.email("contact_email", "E-mail", needed=False),
        "period_hours": entered.whole("period_hours", "Report at least every", low=1, high=groups.MOST_HOURS),
        "grace_hours": entered.whole("grace_hours", "Grace", low=0, high=groups.MOST_HOURS),
        "raw_days": entered.whole("raw_days", "Keep reports for", low=LEAST_DAYS, high=MOST_DAYS),
    }
    return values, entered.choice("layer", "Whose policy", [name for name, _ in LAYERS])


def _keep_layer(db: sa.Connection, ask: Ask, layer: str) -> bool:
    """Whether it was another before."""
    if (ask.console.setting(ask.practice_id, LAYER_SETTING) or LayerName.PRACTICE.value) == layer:
        return False
    row = tables.settings.c
    made = insert(ask.console.store, tables.settings).values(
        practice_id=ask.practice_id, name=LAYER_SETTING, value=f'"{layer}"'
    )
    db.execute(made.on_conflict_do_update(index_elements=[row.practice_id, row.name], set_={"value": f'"{layer}"'}))
    return True


def _page(ask: Ask, values: dict[str, str], faults: dict[str, str], *, status: int) -> Reply:
    saved = ask.query.get("saved") == "yes"
    return ask.console.page(
        "settings.html", ask, status=status, values=values, faults=faults, zones=zones(), layers=LAYERS, saved=saved
    )


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/settings", name="settings", access=Access.PERSON, run=show),
    Endpoint(
        method="POST", path="/settings", name="settings_save", access=Access.PERSON, run=save,
        role=Role.ADMINISTRATOR,
    ),
)  # fmt: skip
