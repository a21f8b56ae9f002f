"""What the practice tells an agent: signed, numbered, its own, and no more often than it changes."""

import base64
import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from consoles import practice_id
from sender import Sender, at_the_door, enrolled, rows

from reports.console.console import Console
from reports.console.intake.directive import bump_serial
from reports.console.store import tables
from reports.signing import DIRECTIVE_DOMAIN, SignatureError, read_public, verify_bytes


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop that has enrolled and reported."""
    with at_the_door(both) as client:
        made = enrolled(client, both, practice_id(both))
        both.clock.forward(10)
        made.report("pfp")
        yield made


def policy(console: Console, name: str = "Example Practice", **changes: Any) -> str:
    """A policy of a practice; its id."""
    values = {
        "id": str(uuid.uuid4()), "practice_id": practice_id(console, name), "number": 1, "state": "published",
        "toml": "# one", "created_at": 0, "created_by": "alice", "saved_at": 0, **changes,
    }  # fmt: skip
    with console.store.write() as db:
        db.execute(tables.policies.insert().values(values))
        if values["state"] == "published":
            db.execute(
                tables.practices.update()
                .where(tables.practices.c.id == values["practice_id"])
                .values(policy_id=values["id"])
            )
            bump_serial(db, values["practice_id"])
    return values["id"]


def waiver(console: Console, device_id: str, name: str = "Example Practice", **changes: Any) -> None:
    values = {
        "id": str(uuid.uuid4()), "practice_id": practice_id(console, name), "device_id": device_id,
        "uid": str(uuid.uuid4()), "check_id": "encryption", "owner": "Alice Example", "reason": "a new disk is ordered",
        "created_at": 0, "created_by": "alice", "until": console.now() + 86400, **changes,
    }  # fmt: skip
    with console.store.write() as db:
        db.execute(tables.waivers.insert().values(values))


def test_a_directive_is_signed_by_the_practice_and_names_its_agent(both: Console, sender: Sender) -> None:
    answer = sender.directive()
    (practice,) = rows(both, tables.practices, id=practice_id(both))
    signature = answer.headers["scrubin-signature"].strip(":")
    verify_bytes(read_public(practice.signing_public), DIRECTIVE_DOMAIN, answer.content, signature)
    with pytest.raises(SignatureError):
        verify_bytes(read_public(practice.signing_public), DIRECTIVE_DOMAIN, answer.content + b" ", signature)
    said = answer.json()
    assert (said["schema"], said["practice_id"], said["agent_id"]) == (
        "scrubin/directive/1",
        practice.id,
        sender.agent_id,
    )
    assert (said["serial"], said["policy"], said["waivers"], said["drafts"]) == (1, None, [], [])
    assert len(base64.b64decode(signature)) == 64


def test_it_brings_policy_waivers_and_drafts(both: Console, sender: Sender) -> None:
    policy(both, number=7, toml="# seven")
    draft = policy(both, number=8, toml="# eight", state="draft", revision=3)
    waiver(both, sender.laptop_id)
    said = sender.directive().json()
    assert said["policy"] == {"version": "7", "toml": "# seven"}
    assert said["drafts"] == [{"id": draft, "revision": 3, "toml": "# eight"}]
    (one,) = said["waivers"]
    assert (one["who"], one["why"], one["until"]) == ("Alice Example", "a new disk is ordered", "2026-11-22T23:00:10Z")
    assert said["serial"] == 2


def test_it_brings_nothing_of_others_and_nothing_that_is_over(both: Console, sender: Sender) -> None:
    other = enrolled(sender.client, both, practice_id(both, "Other Practice"))
    other.report("fff")
    neighbour = enrolled(sender.client, both, practice_id(both))
    neighbour.report("fff")
    policy(both, "Other Practice")
    policy(both, "Other Practice", number=2, state="draft")
    policy(both, number=3, state="discarded")
    waiver(both, other.laptop_id, "Other Practice")
    waiver(both, neighbour.laptop_id)
    waiver(both, sender.laptop_id, ended_at=both.now())
    waiver(both, sender.laptop_id, until=both.now())
    said = sender.directive().json()
    assert (said["serial"], said["policy"], said["waivers"], said["drafts"]) == (1, None, [], [])


def test_what_is_known_already_is_not_sent_again(both: Console, sender: Sender) -> None:
    first = sender.directive()
    both.clock.forward(3600)
    again = sender.directive(**{"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    policy(both)
    changed = sender.directive(**{"if-none-match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["serial"]) == (200, 2)
    assert changed.headers["etag"] != first.headers["etag"]


def test_a_report_is_answered_with_the_tag_that_still_holds(both: Console, sender: Sender) -> None:
    tag = sender.directive().headers["etag"].strip('"')
    assert sender.report("ppp").json()["directive"] == tag
    policy(both)
    assert sender.report("ppp").json()["directive"] == ""


def test_which_serial_an_agent_was_told_is_noted(both: Console, sender: Sender) -> None:
    policy(both)
    assert rows(both, tables.agents)[0].told_serial == 0
    sender.directive()
    assert rows(both, tables.agents)[0].told_serial == 2


def test_a_group_has_its_own_period(both: Console, sender: Sender) -> None:
    with both.store.write() as db:
        group = {"id": "g", "practice_id": practice_id(both), "name": "Ward", "period_hours": 6}
        db.execute(tables.groups.insert().values(group))
        db.execute(tables.agents.update().values(group_id="g"))
    assert sender.directive().json()["period_hours"] == 6


def trial(sender: Sender, draft: str, **changes: Any) -> Any:
    values = {
        "schema": "scrubin/trial/1", "draft": draft, "revision": 1, "device_id": sender.laptop_id,
        "overall": "not_compliant", "failing": ["encryption", "updates"], "tried_at": "2026-11-22T07:00:00Z",
    }  # fmt: skip
    return sender.post("/v1/trials", json.dumps({**values, **changes}).encode())


def test_a_trial_of_a_draft_is_kept_and_the_last_one_counts(both: Console, sender: Sender) -> None:
    draft = policy(both, state="draft", revision=2)
    assert trial(sender, draft).status_code == 202
    assert trial(sender, draft, overall="compliant", failing=[]).status_code == 202
    (row,) = rows(both, tables.trials)
    assert (row.overall, row.failing, row.device_id, row.practice_id) == (
        "compliant", "[]", sender.laptop_id, practice_id(both),
    )  # fmt: skip


def test_a_trial_of_anything_else_is_refused(both: Console, sender: Sender) -> None:
    mine, theirs = policy(both, state="draft"), policy(both, "Other Practice", state="draft")
    other = enrolled(sender.client, both, practice_id(both, "Other Practice"))
    other.report("fff")
    refusals = [
        (trial(sender, theirs), 404, "not_found"),
        (trial(sender, policy(both, number=9)), 404, "not_found"),
        (trial(sender, mine, revision=2), 404, "not_found"),
        (trial(sender, mine, device_id=other.laptop_id), 403, "wrong_device"),
        (trial(sender, mine, failing=["/home/alice"]), 422, "shape"),
        (trial(sender, mine, because="of a file"), 422, "shape"),
    ]
    assert [(one.status_code, one.json()["code"]) for one, _, _ in refusals] == [one[1:] for one in refusals]
    assert rows(both, tables.trials) == []
