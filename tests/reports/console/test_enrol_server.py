"""Enrolment at the console: codes that are made, used up, guessed or expired, and laptops that come back."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from consoles import practice_id
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sender import JSON, Sender, at_the_door, code_for, rows

from reports.console.console import Console
from reports.console.intake.codes import new_code, parts_of
from reports.console.model import Refusal
from reports.console.store import tables
from reports.signing import ALPHABET, pin_of, public_text


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop that has not enrolled."""
    with at_the_door(both) as client:
        yield Sender(client=client, clock=both.clock)


def another(sender: Sender) -> Sender:
    """Another laptop at the same console."""
    return Sender(client=sender.client, clock=sender.clock)


def preview(sender: Sender, code: str) -> Any:
    body = json.dumps({"schema": "scrubin/enrol/1", "code": code}).encode()
    return sender.client.post("/v1/enrol/preview", content=body, headers=JSON)


def outcome(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_a_code_shows_whom_it_is_from_and_is_not_used_up(both: Console, sender: Sender) -> None:
    code = code_for(both, practice_id(both), ownership="practice_owned")
    for _ in range(3):
        said = preview(sender, code).json()
    (practice,) = rows(both, tables.practices, id=practice_id(both))
    assert said["practice"] == {
        "id": practice.id, "name": "Example Practice", "contact": {"label": "", "phone": "", "email": ""},
    }  # fmt: skip
    assert (said["schema"], said["ownership"], said["group"]) == ("scrubin/offer/1", "practice_owned", "")
    assert said["console_key"] == practice.signing_public
    assert code.replace("-", "")[12:] == pin_of(practice.signing_public)


def test_a_code_makes_an_agent_once(both: Console, sender: Sender) -> None:
    code = code_for(both, practice_id(both), label="Ward 3, desk 2")
    answer = sender.enrol(code)
    assert (answer.status_code, answer.json()["schema"]) == (201, "scrubin/enrolled/1")
    (agent,) = rows(both, tables.agents)
    assert (agent.id, agent.laptop_id, agent.label) == (sender.agent_id, sender.laptop_id, "Ward 3, desk 2")
    assert agent.public_key == public_text(sender.key.public_key())
    assert outcome(another(sender).enrol(code)) == (404, "code")
    assert [row.act for row in rows(both, tables.audit)] == ["code.made", "agent.enrolled", "refused.code"]
    assert [(row.what, row.after) for row in rows(both, tables.changes)] == [("enrolled", "new")]


def test_an_enrolment_whose_answer_got_lost_can_be_said_again(both: Console, sender: Sender) -> None:
    code = code_for(both, practice_id(both))
    first = sender.enrol(code).json()
    both.clock.forward(10 * 86400)
    assert sender.enrol(code).json() == first
    assert len(rows(both, tables.agents)) == 1


def test_every_code_that_is_not_valid_is_refused_alike(both: Console, sender: Sender) -> None:
    used, revoked, expired = (code_for(both, practice_id(both)) for _ in range(3))
    another(sender).enrol(used)
    with both.store.write() as db:
        db.execute(tables.codes.update().where(tables.codes.c.hint == revoked[:4]).values(revoked_at=both.now()))
    wrong_pin = code_for(both, practice_id(both))
    wrong_pin = wrong_pin[:-1] + ("2" if wrong_pin[-1] != "2" else "3")
    answers = [
        preview(sender, one) for one in (used, revoked, wrong_pin, "", "AAAA-AAAA-AAAA-AAAA-AAAA", "' OR 1=1", "\u202e")
    ]
    both.clock.forward(3 * 86400)
    answers.append(preview(sender, expired))
    assert {outcome(one) for one in answers} == {(404, "code")}
    assert len({one.json()["detail"] for one in answers}) == 1


def test_a_code_is_read_however_it_was_typed(both: Console, sender: Sender) -> None:
    code = code_for(both, practice_id(both))
    assert preview(sender, code.lower().replace("-", " ")).status_code == 200
    assert preview(sender, code.replace("-", "")).status_code == 200


def test_guessing_is_answered_with_waiting(both: Console, sender: Sender) -> None:
    good = code_for(both, practice_id(both))
    guesses = [outcome(preview(sender, "AAAA-AAAA-AAAA-AAAA-AAAA")) for _ in range(21)]
    assert guesses == [(404, "code")] * 20 + [(429, "too_many")]
    limited = preview(sender, good)
    assert (outcome(limited), limited.headers["retry-after"]) == ((429, "too_many"), "60")
    assert outcome(sender.enrol(good)) == (429, "too_many")
    both.clock.forward(901)
    assert preview(sender, good).status_code == 200


def test_a_known_laptop_needs_more_than_a_code(both: Console, sender: Sender) -> None:
    sender.enrol(code_for(both, practice_id(both)))
    thief = another(sender)
    thief.laptop_id = sender.laptop_id
    for name in ("Example Practice", "Other Practice"):
        assert outcome(thief.enrol(code_for(both, practice_id(both, name)))) == (409, "known")
    forged = Ed25519PrivateKey.generate()
    assert outcome(thief.enrol(code_for(both, practice_id(both)), previous=forged)) == (409, "known")
    assert rows(both, tables.agents)[0].public_key == public_text(sender.key.public_key())
    assert {row.uses_left for row in rows(both, tables.codes) if row.hint} == {0, 1}


@pytest.mark.parametrize("how", ["its old key", "code made for it", "it had ended"])
def test_a_known_laptop_comes_back_with_a_new_key_and_keeps_its_identity(
    both: Console, sender: Sender, how: str
) -> None:
    sender.enrol(code_for(both, practice_id(both), label="Ward 3"))
    sender.report("pfp")
    agent_id, old = sender.agent_id, sender.key
    both.clock.forward(60)
    if how == "it had ended":
        assert sender.leave().status_code == 200
    made_for = {"agent_id": agent_id} if how == "code made for it" else {}
    sender.key = Ed25519PrivateKey.generate()
    vouched = {"previous": old} if how == "its old key" else {}
    assert sender.enrol(code_for(both, practice_id(both), label="other", **made_for), **vouched).status_code == 201
    (agent,) = rows(both, tables.agents)
    assert (agent.id, agent.label, agent.ended_at) == (agent_id, "Ward 3", None)
    both.clock.forward(60)
    assert sender.report("ppp").status_code == 202
    assert outcome(sender.send(sender.full("ppp"), key=old)) == (401, "signature")
    assert [(row.before, row.after) for row in rows(both, tables.changes, what="enrolled", device_id=None)] == [
        (None, "new"),
        (None, how),
    ]


def test_a_code_made_for_one_agent_serves_no_other(both: Console, sender: Sender) -> None:
    sender.enrol(code_for(both, practice_id(both)))
    code = code_for(both, practice_id(both), agent_id=sender.agent_id)
    other = another(sender)
    assert outcome(other.enrol(code)) == (404, "code")
    other.enrol(code_for(both, practice_id(both)))
    other.key = Ed25519PrivateKey.generate()
    assert outcome(other.enrol(code)) == (404, "code")


def test_the_key_that_enrols_must_have_signed(both: Console, sender: Sender) -> None:
    code = code_for(both, practice_id(both))
    stolen = public_text(Ed25519PrivateKey.generate().public_key())
    assert outcome(sender.enrol(code, public_key=stolen)) == (401, "signature")
    assert rows(both, tables.agents) == []


HOSTILE = [
    {"laptop_id": "alices-laptop"}, {"laptop_id": str(uuid.uuid4()).upper()}, {"public_key": "x"}, {"platform": "beos"},
    {"model": "a\nb"}, {"model": "x" * 101}, {"os_version": "\x00"}, {"agent_version": "x" * 41}, {"host": "alices"},
    {"code": "x" * 61}, {"code": 5}, {"schema": "scrubin/enrol/2"},
]  # fmt: skip


@pytest.mark.parametrize("changes", HOSTILE)
def test_an_enrolment_that_does_not_fit_is_refused(console: Console, changes: dict) -> None:
    with at_the_door(console) as client:
        sender = Sender(client=client, clock=console.clock)
        assert outcome(sender.enrol(code_for(console, practice_id(console)), **changes)) == (422, "shape")
    assert rows(console, tables.agents) == []


def test_leaving_ends_the_key_and_the_devices_for_good(both: Console, sender: Sender) -> None:
    sender.enrol(code_for(both, practice_id(both)))
    sender.report("pfp")
    assert sender.leave().status_code == 200
    (agent,) = rows(both, tables.agents)
    assert (agent.ended_at, agent.ended_how) == (both.now(), "left")
    assert [row.ended_at for row in rows(both, tables.devices)] == [both.now()]
    assert outcome(sender.report("ppp")) == outcome(sender.leave()) == (401, "revoked")
    assert "agent.left" in [row.act for row in rows(both, tables.audit, practice_id=practice_id(both))]


UNFIT = [
    {"uses": 0}, {"uses": 501}, {"days": 0}, {"days": 31}, {"ownership": "stolen"}, {"label": "x" * 121},
    {"label": "a\x00"}, {"group_id": "theirs"}, {"agent_id": "theirs"},
]  # fmt: skip


@pytest.mark.parametrize("changes", UNFIT)
def test_a_code_that_makes_no_sense_or_reaches_into_another_practice_is_not_made(
    console: Console, changes: dict
) -> None:
    other = practice_id(console, "Other Practice")
    with console.store.write() as db:
        db.execute(tables.groups.insert().values(id="theirs", practice_id=other, name="Ward"))
    with pytest.raises(Refusal):
        code_for(console, practice_id(console), **changes)
    assert rows(console, tables.codes) == rows(console, tables.audit) == []


def test_codes_use_all_characters_evenly_and_are_kept_as_digests_only(console: Console) -> None:
    stream = iter(range(10**6))
    letters = "".join(
        parts_of(new_code("k", chance=lambda count: bytes(next(stream) % 256 for _ in range(count)))[0])[0]
        for _ in range(400)
    )
    counts = {one: letters.count(one) for one in ALPHABET}
    assert max(counts.values()) - min(counts.values()) < 0.3 * max(counts.values())
    code = code_for(console, practice_id(console))
    kept = repr(rows(console, tables.codes)) + repr(rows(console, tables.audit))
    assert code not in kept
    assert code.replace("-", "")[4:12] not in kept
