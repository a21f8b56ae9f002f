"""The chain of a device's reports: missing, forged or forked ones show, and in whatever order they come, it is true."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from consoles import practice_id
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sender import CHECKS, WORDS, Sender, at_the_door, code_for, enrolled, rows

from reports.console.console import Console
from reports.console.store import tables
from reports.signing import FIRST_LINK, Link

ANYTHING = bytes(range(32))


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop that has enrolled."""
    with at_the_door(both) as client:
        made = enrolled(client, both, practice_id(both))
        both.clock.forward(10)
        yield made


def chain(console: Console) -> str:
    (device,) = rows(console, tables.devices)
    return device.chain


def transitions(console: Console) -> list[tuple]:
    seen = [(row.before, row.after) for row in rows(console, tables.changes, what="chain")]
    acts = [row.act for row in rows(console, tables.audit) if row.act.startswith("chain.")]
    assert acts == [f"chain.{after}" for _, after in seen]
    return seen


def letters(sender: Sender, count: int) -> list[tuple[bytes, Link]]:
    """Made in order, a minute apart, each in its place."""
    made = []
    for _ in range(count):
        sender.clock.forward(60)
        body = sender.full("ppf")
        made.append((body, sender.place(sender.laptop_id, body)))
    return made


def test_reports_in_order_make_a_whole_chain(both: Console, sender: Sender) -> None:
    for body, link in letters(sender, 3):
        assert sender.send(body, link=link).status_code == 202
    assert (chain(both), transitions(both)) == ("whole", [])


def test_a_report_that_never_came_leaves_a_gap_until_it_comes(both: Console, sender: Sender) -> None:
    first, second, third, fourth = letters(sender, 4)
    for body, link in (first, fourth):
        sender.send(body, link=link)
    assert (chain(both), transitions(both)) == ("gap", [("whole", "gap")])
    sender.send(third[0], link=third[1])
    assert chain(both) == "gap"
    sender.send(second[0], link=second[1])
    assert (chain(both), transitions(both)) == ("whole", [("whole", "gap"), ("gap", "whole")])


def test_a_first_report_that_is_not_the_first_leaves_a_gap(both: Console, sender: Sender) -> None:
    _, second = letters(sender, 2)
    sender.send(second[0], link=second[1])
    assert chain(both) == "gap"


@pytest.mark.parametrize("seq", [1, 2, 3, 4])
def test_a_report_that_does_not_follow_from_the_last_breaks_the_chain(both: Console, sender: Sender, seq: int) -> None:
    for body, link in letters(sender, 3):
        sender.send(body, link=link)
    both.clock.forward(60)
    sender.send(sender.full("ppp"), link=Link(seq=seq, previous=ANYTHING))
    assert (chain(both), transitions(both)) == ("broken", [("whole", "broken")])
    assert len(rows(both, tables.reports)) == 4


def test_a_fork_of_a_place_that_is_taken_breaks_the_chain(both: Console, sender: Sender) -> None:
    made = letters(sender, 3)
    for body, link in made:
        sender.send(body, link=link)
    sender.send(sender.full("ppp"), link=made[1][1])
    assert chain(both) == "broken"


def test_a_chain_that_starts_anew_by_itself_is_broken_and_stays_so(both: Console, sender: Sender) -> None:
    for body, link in letters(sender, 3):
        sender.send(body, link=link)
    sender.chains.clear()
    for body, link in letters(sender, 2):
        sender.send(body, link=link)
    assert (chain(both), transitions(both)) == ("broken", [("whole", "broken")])
    (device,) = rows(both, tables.devices)
    assert device.seq == 2


def test_a_forged_report_in_a_gap_breaks_the_chain(both: Console, sender: Sender) -> None:
    first, second, third = letters(sender, 3)
    for body, link in (first, third):
        sender.send(body, link=link)
    sender.send(sender.full("ppp", at=both.now() - 60), link=second[1])
    assert chain(both) == "broken"


def test_after_enrolling_anew_a_chain_may_start_anew(both: Console, sender: Sender) -> None:
    for body, link in letters(sender, 2):
        sender.send(body, link=link)
    both.clock.forward(60)
    assert (
        sender.enrol(code_for(both, practice_id(both), agent_id=sender.agent_id), **new_key(sender)).status_code == 201
    )
    sender.chains.clear()
    for body, link in letters(sender, 2):
        sender.send(body, link=link)
    assert (chain(both), transitions(both)) == ("whole", [])


def new_key(sender: Sender) -> dict[str, object]:
    sender.key = Ed25519PrivateKey.generate()
    return {}


@dataclass(frozen=True)
class Made:
    """A letter of the property test."""

    body: bytes
    link: Link
    at: int
    full: bool
    statuses: str
    since: str


def history(sender: Sender, plan: list[str]) -> list[Made]:
    """A device's letters in the order in which they were made. `plan`: statuses, or "" for no change."""
    made = []
    statuses = ""
    for one in plan:
        sender.clock.forward(60)
        full = bool(one) or not made
        statuses = (one or "ppp") if full else statuses
        body = sender.full(statuses) if full else sender.note()
        since = "" if full else sender.last_full[sender.laptop_id]
        made.append(Made(body, sender.place(sender.laptop_id, body), sender.clock(), full, statuses, since))
    return made


PLANS = st.lists(st.sampled_from(["", "ppp", "fpp", "pfu", "pef"]), min_size=1, max_size=6)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(plan=PLANS, data=st.data())
def test_any_order_repetition_and_loss_ends_in_the_newest_state_with_an_honest_chain(
    console: Console, plan: list[str], data: st.DataObject
) -> None:
    with at_the_door(console) as client:
        sender = enrolled(client, console, practice_id(console))
        made = history(sender, plan)
        sent = data.draw(st.lists(st.sampled_from(made), min_size=1, max_size=10))
        taken = [one for one in sent if sender.send(one.body, link=one.link).status_code in (200, 202)]
    if not taken:
        assert not rows(console, tables.devices, id=sender.laptop_id)
        return
    newest = max(taken, key=lambda one: one.at)
    (device,) = rows(console, tables.devices, id=sender.laptop_id)
    assert device.observed_at == newest.at
    found = {row.check_id: row.status for row in rows(console, tables.findings, device_id=sender.laptop_id)}
    assert found == {check: WORDS[one] for check, one in zip(CHECKS, newest.statuses, strict=True)}
    places = {one.link.seq for one in taken}
    assert device.chain == ("whole" if places == set(range(1, max(places) + 1)) else "gap")
    kept = {row.id for row in rows(console, tables.reports, device_id=sender.laptop_id)}
    assert kept == {json.loads(one.body)["id"] for one in taken}


def test_the_first_place_follows_from_nothing(both: Console, sender: Sender) -> None:
    sender.send(sender.full("ppp"), link=Link(seq=1, previous=ANYTHING))
    assert chain(both) == "broken"
    phone = sender.device(str(uuid.uuid4()), "android")
    sender.send(sender.full("ppp", device=phone), link=Link(seq=1, previous=FIRST_LINK))
    assert {row.kind: row.chain for row in rows(both, tables.devices)} == {"laptop": "broken", "phone": "whole"}
