"""The page of one device: what it shows, what IT may change there, and that each change is in the log."""

import json
from typing import Any

import pytest
import sqlalchemy as sa
import stock

from reports.console.console import Console
from reports.console.model import Refusal, Role
from reports.console.pages import device as pages
from reports.console.pages import device_acts
from reports.console.store import tables

DAY = 86400


@pytest.fixture
def practice(console: Console, practice_of: Any) -> str:
    return str(practice_of(console))


@pytest.fixture
def made(console: Console, practice: str) -> str:
    return stock.device(console, practice, stock.agent(console, practice, label="Dr A"))


@pytest.fixture
def call(console: Console, as_role: Any, ask: Any, made: str) -> Any:
    """A handler's answer about the device."""

    def of(handler: Any, practice: str = "Example Practice", role: Role = Role.MANAGER, **more: Any) -> Any:
        path = {"device_id": made, **more.pop("path", {})}
        return handler(ask(console, as_role(console, role, practice), path=path, **more))

    return of


def name_it(ask: Any) -> Any:
    return device_acts.name_it(ask, pages.page)


def be_away(ask: Any) -> Any:
    return device_acts.be_away(ask, pages.page)


def agent_of(console: Console, device_id: str) -> Any:
    query = sa.select(tables.agents).join(tables.devices, tables.devices.c.agent_id == tables.agents.c.id)
    with console.store.read() as db:
        return db.execute(query.where(tables.devices.c.id == device_id)).one()


@pytest.mark.parametrize("handler", [pages.show, name_it, be_away, device_acts.new_code, device_acts.retire])
def test_another_practice_s_device_is_not_found_and_not_changed(
    console: Console, call: Any, made: str, handler: Any
) -> None:
    form = {"label": "Mine now", "group": "", "from": "2026-12-01", "until": "2026-12-02", "what": "laptop"}
    with pytest.raises(Refusal) as met:
        call(handler, practice="Other Practice", form=form)
    assert met.value.status == 404
    assert (agent_of(console, made).label, agent_of(console, made).ended_at) == ("Dr A", None)


def test_findings_show_their_age_waiver_and_own_look(console: Console, practice: str, call: Any, made: str) -> None:
    look = json.dumps({"saw": "off", "at": "2026-11-20T00:00:00Z", "until": "2026-12-20T00:00:00Z", "counts": True})
    stock.finding(console, practice, made, status="unknown", attestation=look, because="<b>not shown</b>")
    stock.finding(console, practice, made, check_id="updates", waived_until=console.now() + 5 * DAY)
    text = call(pages.show).content.decode()
    assert "Own look: off, 2026-11-20" in text
    assert "the policy takes it as enough" in text
    assert "Fail, waived" in text
    assert "&lt;b&gt;not shown" in text


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"chain": "gap"}, "never arrived"),
        ({"chain": "broken"}, "did not follow"),
        ({"proven": False}, "The last run is not proven"),
        ({"due_at": 5}, "We do not know if the device is off, away or lost"),
        ({"ended_at": 5}, "No longer waited for"),
    ],
)
def test_what_is_amiss_is_said_on_top(
    console: Console, practice: str, call: Any, made: str, given: dict[str, Any], said: str
) -> None:
    assert said not in call(pages.show).content.decode()
    with console.store.write() as db:
        db.execute(tables.devices.update().values(**given))
    assert said in call(pages.show).content.decode()


def test_an_auditor_reads_and_is_offered_no_act(call: Any) -> None:
    text = call(pages.show, role=Role.AUDITOR).content.decode()
    assert "Lost or stolen" not in text
    assert text.count("<form") == 1  # signing out
    assert all(one.role is Role.MANAGER for one in pages.ENDPOINTS if one.method == "POST")


def test_label_and_group_are_changed_and_logged(console: Console, practice: str, call: Any, made: str) -> None:
    stock.put(console, tables.groups, {"id": "ward", "practice_id": practice, "name": "Ward", "period_hours": 1})
    assert call(name_it, form={"label": "Nurse B", "group": "ward"}).status == 303
    found = agent_of(console, made)
    assert (found.label, found.group_id) == ("Nurse B", "ward")
    assert stock.acts_of(console, practice)[-2:] == ["agent.labelled", "agent.moved"]


@pytest.mark.parametrize(
    "form", [{"label": "x" * 121, "group": ""}, {"label": "a\u202eb", "group": ""}, {"label": "a", "group": "theirs"}]
)
def test_a_label_or_group_that_does_not_fit_changes_nothing(
    console: Console, practice_of: Any, call: Any, made: str, form: dict[str, str]
) -> None:
    stock.put(
        console, tables.groups, {"id": "theirs", "practice_id": practice_of(console, "Other Practice"), "name": "x"}
    )
    reply = call(name_it, form=form)
    assert reply.status == 422
    assert b'aria-invalid="true"' in reply.content
    assert (agent_of(console, made).label, agent_of(console, made).group_id) == ("Dr A", None)


def due_of(console: Console, device_id: str) -> int:
    with console.store.read() as db:
        return int(db.scalar(sa.select(tables.devices.c.due_at).where(tables.devices.c.id == device_id)) or 0)


def test_leave_puts_off_when_a_report_is_due_and_taking_it_out_brings_it_back(
    console: Console, practice: str, call: Any, made: str
) -> None:
    assert call(be_away, form={"from": "2026-11-20", "until": "2026-12-20"}).status == 303
    away = due_of(console, made)
    with console.store.read() as db:
        number = db.scalar(sa.select(tables.away.c.id))
    assert call(device_acts.be_back, path={"away_id": str(number)}, form={}).status == 303
    assert away - due_of(console, made) > 25 * DAY
    assert stock.acts_of(console, practice)[-2:] == ["away.added", "away.ended"]


@pytest.mark.parametrize(
    ("first", "last"), [("2026-12-09", "2026-12-01"), ("soon", "2026-12-01"), ("2026-12-01", "2099-01-01")]
)
def test_leave_without_sense_is_refused_and_shown_back(console: Console, call: Any, first: str, last: str) -> None:
    reply = call(be_away, form={"from": first, "until": last})
    assert reply.status == 422
    assert f'value="{first}"'.encode() in reply.content
    assert stock.count(console, tables.away) == 0


@pytest.mark.parametrize("number", ["99", "x", "9" * 20])
def test_leave_that_is_not_there_cannot_be_taken_out(call: Any, number: str) -> None:
    with pytest.raises(Refusal):
        call(device_acts.be_back, path={"away_id": number}, form={})


def test_a_phone_is_retired_alone_and_a_laptop_with_all_it_speaks_for(
    console: Console, practice: str, call: Any, made: str
) -> None:
    agent = agent_of(console, made)
    second = stock.device(console, practice, agent.id)
    assert call(device_acts.retire, form={"what": "phone"}).status == 303
    assert (agent_of(console, made).ended_at, _ended(console)) == (None, {made})
    stock.put(console, tables.codes, _code(practice, agent.id))
    assert call(device_acts.retire, form={"what": "laptop"}).status == 303
    assert agent_of(console, made).ended_how == "retired"
    assert _ended(console) == {made, second}
    assert stock.acts_of(console, practice)[-2:] == ["device.retired", "agent.retired"]
    with console.store.read() as db:
        assert db.scalar(sa.select(tables.codes.c.revoked_at)) == console.now()


def _ended(console: Console) -> set[str]:
    row = tables.devices.c
    with console.store.read() as db:
        return set(db.scalars(sa.select(row.id).where(row.ended_at.is_not(None))))


def _code(practice: str, agent_id: str) -> dict[str, Any]:
    made = {"id": "c", "practice_id": practice, "code_hash": "h", "hint": "ABCD", "ownership": "personal"}
    return {**made, "agent_id": agent_id, "uses_left": 1, "created_at": 1, "created_by": "x", "expires_at": 1 << 40}


def test_retiring_asks_first_and_refuses_what_it_was_not_told(console: Console, call: Any) -> None:
    assert "Nothing on the device is touched" in call(device_acts.ask_to_retire).content.decode()
    with pytest.raises(Refusal) as met:
        call(device_acts.retire, form={"what": "everything"})
    assert met.value.status == 422
    assert _ended(console) == set()


def test_a_new_code_is_for_this_laptop_alone(console: Console, practice: str, call: Any, made: str) -> None:
    text = call(device_acts.new_code, form={}).content.decode()
    with console.store.read() as db:
        code = db.execute(sa.select(tables.codes)).one()
    assert (code.agent_id, code.uses_left) == (agent_of(console, made).id, 1)
    assert f"<code>{code.hint}-" in text
    assert stock.acts_of(console, practice)[-1] == "code.made"


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"what": "finding", "check_id": "updates", "before": "pass", "after": "fail"}, "Updates: pass to fail"),
        ({"what": "overall", "before": "compliant", "after": "cannot_tell"}, "Verdict: compliant to cannot tell"),
        ({"what": "chain", "after": "gap"}, "never arrived"),
        ({"what": "overdue", "after": "overdue"}, "Overdue"),
        ({"what": "policy", "before": "1", "after": "<2>"}, "Policy: 1 to &lt;2&gt;"),
        ({"what": "ended", "after": "left"}, "Left"),
        ({"what": "enrolled", "before": "ended"}, "Heard of again"),
        ({"what": "news of a later version"}, "news of a later version"),
    ],
)
def test_each_change_has_words(
    console: Console, practice: str, call: Any, made: str, change: dict[str, Any], title: str
) -> None:
    about = {"practice_id": practice, "device_id": made, "at": console.now(), "received_at": console.now()}
    stock.put(console, tables.changes, {**about, **change})
    assert title in call(pages.show).content.decode()
