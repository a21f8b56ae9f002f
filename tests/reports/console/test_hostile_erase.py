"""An erasure takes a person's devices out of the audit log, and not what somebody did."""

from alerts_parts import agent, rows
from consoles import practice_id

from reports.console import acts, erase
from reports.console.console import Console
from reports.console.store import tables

MALLORY = "mallory@practice.example"


def test_a_label_that_is_somebody_s_address_hides_none_of_their_acts(console: Console) -> None:
    mine = practice_id(console)
    made = agent(console, mine, label=MALLORY)
    with console.store.write() as db:
        acts.record(db, at=1, practice_id=mine, actor_kind="person", actor=MALLORY, act="waiver.given")
        erase.erase(db, console, practice_id=mine, agent_id=made, sheets_too=False, by="alice@practice.example")
    (line,) = rows(console, tables.audit, tables.audit.c.act == "waiver.given")
    assert line.actor == MALLORY
