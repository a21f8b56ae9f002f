"""Erasure: of one person nothing is left in any table, of all others everything, and a signed proof says what went."""

import json
import re

import pytest
from alerts_parts import DAY, agent, channel, device, failing, finding, practice, put, rows

from reports.console import erase
from reports.console.alerts import evaluate
from reports.console.model import Refusal, Role
from reports.console.pages import erase as page
from reports.console.store import tables
from reports.signing import SHEET_DOMAIN, SignatureError, read_public, verify_bytes

LABEL = "Dr Quentin Example"


def person(console, practice_id, label=LABEL):
    """A laptop and a phone with a row in every table that can hold one."""
    owner = agent(console, practice_id, label=label)
    laptop, phone = (device(console, practice_id, owner, overall="not_compliant") for _ in range(2))
    now, mine = console.now(), {"practice_id": practice_id}
    for one in (laptop, phone):
        uid = finding(console, practice_id, one)
        put(console, tables.changes, **mine, device_id=one, agent_id=owner, what="finding", at=now, received_at=now)
        said = {"agent_id": owner, "seq": 1, "link": "", "body": b"z", "proof": "{}", "received_at": now}
        put(console, tables.reports, **mine, id=f"r-{one[:30]}", device_id=one, **said)
        put(console, tables.report_ids, **mine, id=f"r-{one[:30]}", digest="d", device_id=one, received_at=now)
        put(
            console, tables.waivers, **mine, id=f"w-{one[:30]}", device_id=one, uid=uid, check_id="c", owner="o",
            reason="r", created_at=now, created_by="x", until=now + DAY,
        )  # fmt: skip
        sheet = {"kind": "lost", "made_at": now, "made_by": "x", "body": json.dumps({"device": one}), "signature": "s"}
        put(console, tables.sheets, **mine, id=f"s-{one[:30]}", device_id=one, **sheet)
    put(console, tables.changes, **mine, agent_id=owner, what="enrolled", at=now, received_at=now)
    put(console, tables.away, **mine, agent_id=owner, from_at=now, until_at=now + DAY)
    code = {"code_hash": owner, "hint": "ABCD", "ownership": "personal", "uses_left": 1, "created_at": now}
    put(
        console,
        tables.codes,
        **mine,
        id=f"c-{owner[:30]}",
        agent_id=owner,
        label=label,
        created_by="x",
        expires_at=now,
        **code,
    )
    line = {"at": now, "actor_kind": "device", "act": "device.changed"}
    put(console, tables.audit, **mine, **line, actor=owner, target=laptop, detail=f"{label}: {phone}")
    return owner


@pytest.fixture
def here(both, practice_of):
    made = practice_of(both)
    policy = {"number": 1, "state": "draft", "toml": "", "created_at": 0, "created_by": "x", "saved_at": 0}
    put(both, tables.policies, id="p1", practice_id=made, **policy)
    return made


def everything(console):
    """Each row of each table as text, by table."""
    return {one.name: [repr(tuple(row)) for row in rows(console, one)] for one in tables.METADATA.sorted_tables}


def run(console, practice_id, owner, sheets_too=True):
    with console.store.write() as db:
        return erase.erase(
            db, console, practice_id=practice_id, agent_id=owner, sheets_too=sheets_too, by="alice@practice.example"
        )


def subject(console, practice_id, owner):
    with console.store.read() as db:
        return erase.subject_of(db, practice_id, owner)


def test_nothing_of_the_person_is_left_in_any_table(both, here):
    owner = person(both, here)
    channel(both, here)
    evaluate.run(both)
    about = subject(both, here, owner)
    trial = {"policy_id": "p1", "revision": 1, "practice_id": here, "overall": "compliant", "failing": "[]"}
    put(both, tables.trials, **trial, device_id=about.device_ids[0], tried_at=0)
    needles = re.compile("|".join([*about.ids, LABEL]))
    held = {name for name, lines in everything(both).items() if any(needles.search(line) for line in lines)}
    run(both, here, owner)
    assert {name: lines for name, lines in everything(both).items() if any(map(needles.search, lines))} == {}
    wanted = {"agents", "devices", "findings", "changes", "reports", "report_ids", "trials", "waivers", "codes"}
    assert wanted | {"sheets", "alerts", "messages", "audit", "away"} <= held


def test_every_table_that_can_name_a_device_or_an_agent_is_erased_from():
    naming = {
        one.name
        for one in tables.METADATA.sorted_tables
        if {"device_id", "agent_id", "laptop_id"} & {column.name for column in one.columns}
    }
    assert naming == {*erase.OF_DEVICE, *erase.OF_AGENT, "devices", "agents", "sheets"}


def test_everybody_else_keeps_everything(console, practice_of):
    here, other = practice_of(console), practice_of(console, "Other Practice")
    person(console, here, "Nurse B. Example"), person(console, other, LABEL)
    before = everything(console)
    owner = person(console, here)
    run(console, here, owner)
    after = everything(console)
    del after["sheets"], after["audit"], before["sheets"]
    for name, lines in before.items():
        assert set(lines) <= set(after.get(name, lines)), name


def test_another_practices_person_cannot_be_erased(console, practice_of):
    owner = person(console, practice_of(console, "Other Practice"))
    before = everything(console)
    with pytest.raises(Refusal):
        run(console, practice_of(console), owner)
    assert everything(console) == before


def test_the_proof_counts_what_went_and_its_signature_holds(console, practice_of):
    here = practice_of(console)
    owner = person(console, here)
    sheet = rows(console, tables.sheets, tables.sheets.c.id == run(console, here, owner))[0]
    body = json.loads(sheet.body)
    key = read_public(practice(console, here).signing_public)
    verify_bytes(key, SHEET_DOMAIN, sheet.body.encode(), sheet.signature)
    with pytest.raises(SignatureError):
        verify_bytes(key, SHEET_DOMAIN, sheet.body.replace('"agents":1', '"agents":2').encode(), sheet.signature)
    assert body["rows"] == {
        "agents": 1, "away": 1, "changes": 3, "codes": 1, "devices": 2, "findings": 2, "report_ids": 2, "reports": 2,
        "sheets": 2, "waivers": 2,
    }  # fmt: skip
    assert "Backups" in body["not_erased"]


def test_what_was_shown_beforehand_is_what_went(console, practice_of):
    here = practice_of(console)
    owner = person(console, here)
    with console.store.read() as db:
        before = erase.counted(db, erase.subject_of(db, here, owner))
    body = json.loads(rows(console, tables.sheets, tables.sheets.c.id == run(console, here, owner))[0].body)
    assert {name: count for name, count in before.items() if count} == body["rows"]


def test_sheets_stay_unless_they_were_asked_for(console, practice_of):
    here = practice_of(console)
    owner = person(console, here)
    run(console, here, owner, sheets_too=False)
    assert [row.kind for row in rows(console, tables.sheets)].count("lost") == 2


def test_the_audit_log_keeps_the_acts_under_the_proofs_pseudonym(console, practice_of):
    here = practice_of(console)
    owner = person(console, here)
    body = json.loads(rows(console, tables.sheets, tables.sheets.c.id == run(console, here, owner))[0].body)
    lines = {row.act: (row.actor, row.target, row.detail) for row in rows(console, tables.audit)}
    name = body["pseudonym"]
    assert lines["device.changed"] == (name, name, f"{name}: {name}")
    assert lines["person.erased"] == ("alice@practice.example", name, "")


def test_news_that_wait_lose_the_persons_lines_and_keep_the_rest(console, practice_of):
    here = practice_of(console)
    channel(console, here)
    owner, other = person(console, here), failing(console, here)
    console.clock.at = 1_795_309_200
    evaluate.run(console)
    run(console, here, owner)
    assert [one["device_id"] for one in json.loads(rows(console, tables.messages)[0].content)["items"]] == [other]


def test_a_label_of_a_letter_does_not_eat_the_audit_log(console, practice_of):
    here = practice_of(console)
    owner = person(console, here, "e")
    run(console, here, owner)
    assert "device.changed" in {row.act for row in rows(console, tables.audit)}
    assert rows(console, tables.audit)[0].detail.startswith("e: ")


def test_the_page_asks_for_a_tick_and_then_shows_the_proof(console, practice_of, as_role, ask):
    here, me = practice_of(console), as_role(console, Role.ADMINISTRATOR)
    owner = person(console, here, "Dr <b>Quentin</b>")
    path = {"agent_id": owner}
    assert b"Dr &lt;b&gt;Quentin" in page.show(ask(console, me)).content
    assert page.run(ask(console, me, path=path, form={"sheets": "yes"})).status == 422
    assert rows(console, tables.agents) != []
    done = page.run(ask(console, me, path=path, form={"sheets": "yes", "sure": "yes"}))
    proof = {"sheet_id": done.headers["location"].removeprefix("/erased/")}
    assert b"Proof of an erasure" in page.proof(ask(console, me, path=proof)).content
    assert set(json.loads(page.download(ask(console, me, path=proof)).content)) == {"body", "signature"}
    theirs = as_role(console, Role.ADMINISTRATOR, "Other Practice")
    with pytest.raises(Refusal):
        page.proof(ask(console, theirs, path=proof))
