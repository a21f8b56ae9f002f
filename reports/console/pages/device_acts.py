"""What IT may do about a device: its label, its group, leave, a new enrolment code, and retiring it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from reports.console import acts
from reports.console.console import see_other
from reports.console.fleet import code_of
from reports.console.fleet_device import away_of, beside, device_of
from reports.console.fleet_today import groups_of
from reports.console.intake.codes import make_code
from reports.console.intake.due import renew_due
from reports.console.intake.enrolment import end_agent
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role, not_found
from reports.console.store import tables
from reports.web.entered import Entered, end_of, start_of

LONGEST_LABEL = 120
LONGEST_LEAVE = timedelta(days=400)
MOST_LEAVE = 100
CODE_DAYS = 7
Page = Callable[..., Reply]


def _form(ask: Ask) -> Entered:
    assert ask.form is not None  # every POST of a page brings one
    return Entered(ask.form)


def _signer(ask: Ask) -> str:
    assert ask.caller is not None
    return ask.caller.label


def _address(ask: Ask) -> str:
    return f"/devices/{ask.path['device_id']}"


def name_it(ask: Ask, page: Page) -> Reply:
    """IT's own label for the laptop's user, and the group, of the laptop and all its phones."""
    form = _form(ask)
    label = form.line("label", "Person or place", longest=LONGEST_LABEL, needed=False)
    with ask.console.store.write() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
        group_id = form.choice("group", "Group", ("", *groups_of(db, ask.practice_id)))
        if not form.faults:
            agents = tables.agents
            mine = sa.and_(agents.c.id == device.agent_id, agents.c.practice_id == ask.practice_id)
            db.execute(agents.update().where(mine).values(label=label, group_id=group_id or None))
            if label != device.agent_label:
                acts.record_for(db, ask, "agent.labelled", target=device.agent_id)
            if (group_id or None) != device.agent_group_id:
                renew_due(db, ask.console, device.agent_id)
                acts.record_for(db, ask, "agent.moved", target=device.agent_id, detail=group_id or "no group")
    return page(ask, faults=form.faults, values=form.values, status=422) if form.faults else see_other(_address(ask))


def be_away(ask: Ask, page: Page) -> Reply:
    """Leave: days that make none of the person's devices overdue."""
    form = _form(ask)
    first, last = form.day("from", "First day away"), form.day("until", "Last day away")
    if first is not None and last is not None and not first <= last <= first + LONGEST_LEAVE:
        form.wrong("until", f"Last day away: from the first day on, and at most {LONGEST_LEAVE.days} days later.")
    zone = ZoneInfo(ask.console.practice(ask.practice_id).timezone)
    with ask.console.store.write() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
        if len(away_of(db, ask.practice_id, device.agent_id, ask.console.now())) >= MOST_LEAVE:
            form.wrong("from", f"There are {MOST_LEAVE} entries of leave already; end one first.")
        if not form.faults and first is not None and last is not None:
            spell = {"from_at": start_of(first, zone), "until_at": end_of(last, zone)}
            mine = {"practice_id": ask.practice_id, "agent_id": device.agent_id}
            db.execute(tables.away.insert().values(**mine, **spell))
            renew_due(db, ask.console, device.agent_id)
            acts.record_for(db, ask, "away.added", target=device.agent_id, detail=f"{first} to {last}")
    return page(ask, faults=form.faults, values=form.values, status=422) if form.faults else see_other(_address(ask))


def be_back(ask: Ask) -> Reply:
    """An entry of leave that does not hold: it is taken out."""
    number = ask.path["away_id"]
    if not number.isdecimal() or len(number) > 15:
        raise not_found()
    row = tables.away.c
    with ask.console.store.write() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
        mine = (row.id == int(number), row.practice_id == ask.practice_id, row.agent_id == device.agent_id)
        if not db.execute(tables.away.delete().where(*mine)).rowcount:
            raise not_found()
        renew_due(db, ask.console, device.agent_id)
        acts.record_for(db, ask, "away.ended", target=device.agent_id)
    return see_other(_address(ask))


def new_code(ask: Ask) -> Reply:
    """A code with which this laptop alone may enrol anew and keep its history; shown once."""
    with ask.console.store.write() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
        if device.agent_ended_at is not None:
            raise Refusal(status=409, code="ended", sentence="This laptop has left. Give it an ordinary code instead.")
        text = make_code(
            db,
            ask.console,
            practice_id=ask.practice_id,
            uses=1,
            days=CODE_DAYS,
            ownership=device.agent_ownership,
            group_id=device.agent_group_id,
            agent_id=device.agent_id,
            by=_signer(ask),
        )
    return ask.console.page(
        "device_code.html", ask, device=device, code=code_of(device.id), text=text, days=CODE_DAYS,
        address=ask.console.public_url,
    )  # fmt: skip


def ask_to_retire(ask: Ask) -> Reply:
    """What retiring would do."""
    with ask.console.store.read() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
        others = beside(db, ask.practice_id, device.agent_id, device.id)
    return ask.console.page("device_retire.html", ask, device=device, code=code_of(device.id), others=others)


def retire(ask: Ask) -> Reply:
    """A phone alone, or the laptop with all that it speaks for: its key opens nothing any more."""
    what = _form(ask).raw("what")
    with ask.console.store.write() as db:
        device = device_of(db, ask.practice_id, ask.path["device_id"])
        if what == "phone" and device.kind == "phone":
            _retire_phone(db, ask, device)
        elif what == "laptop":
            ended = {"practice_id": ask.practice_id, "agent_id": device.agent_id, "how": "retired"}
            end_agent(db, ask.console, **ended, actor_kind="person", actor=_signer(ask))
            _revoke_codes(db, ask, device.agent_id)
        else:
            raise Refusal(status=422, code="what", sentence="Choose what is to be retired, then try again.")
    return see_other(_address(ask))


def _retire_phone(db: sa.Connection, ask: Ask, device: Any) -> None:
    if device.ended_at is not None:
        raise not_found()
    now, row = ask.console.now(), tables.devices.c
    mine = (row.id == device.id, row.practice_id == ask.practice_id)
    db.execute(tables.devices.update().where(*mine).values(ended_at=now))
    about = {"practice_id": ask.practice_id, "device_id": device.id, "agent_id": device.agent_id}
    db.execute(tables.changes.insert().values(**about, what="ended", after="retired", at=now, received_at=now))
    acts.record_for(db, ask, "device.retired", target=device.id)


def _revoke_codes(db: sa.Connection, ask: Ask, agent_id: str) -> None:
    """A code that was made for this laptop would let it back in."""
    row = tables.codes.c
    mine = (row.agent_id == agent_id, row.practice_id == ask.practice_id, row.revoked_at.is_(None))
    db.execute(tables.codes.update().where(*mine).values(revoked_at=ask.console.now()))


def endpoints(page: Page) -> tuple[Endpoint, ...]:
    """`page` shows the device again with what is wrong in a form."""
    here = "/devices/{device_id}"
    posts: tuple[tuple[str, str, Callable[[Ask], Reply]], ...] = (
        ("/about", "device_about", lambda ask: name_it(ask, page)),
        ("/away", "device_away", lambda ask: be_away(ask, page)),
        ("/away/{away_id}/end", "device_back", be_back),
        ("/code", "device_code", new_code),
        ("/retire", "device_retired", retire),
    )
    asked = Endpoint(
        method="GET", path=f"{here}/retire", name="device_retire", access=Access.PERSON, run=ask_to_retire,
        role=Role.MANAGER,
    )  # fmt: skip
    return (
        asked,
        *(
            Endpoint(method="POST", path=f"{here}{path}", name=name, access=Access.PERSON, run=run, role=Role.MANAGER)
            for path, name, run in posts
        ),
    )
