"""The life of a policy and the effect of a draft, apart from their pages."""

import tomllib
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from stock import acts_of, agent, device, serial_of, trial

from checks.policy_file import PolicyError
from checks.policy_form import LayerName
from reports.console import policies, policies_text
from reports.console.console import Console
from reports.console.intake.directive import directive_of
from reports.console.model import Ask, Refusal, Role
from reports.console.policies import Stale, State
from reports.console.policies_effect import effect_of, turned
from reports.console.store import tables

Made = Callable[..., Any]
PRACTICE = LayerName.PRACTICE
HEAD = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "p"\nversion = "1"\nname = "P"\n'


@pytest.fixture
def asked(ask: Made, as_role: Made) -> Callable[..., Ask]:
    """A request of a manager."""

    def make(console: Console, practice: str = "Example Practice") -> Ask:
        made: Ask = ask(console, as_role(console, Role.MANAGER, practice))
        return made

    return make


def started(ask: Ask) -> Any:
    with ask.console.store.write() as db:
        policies.start(db, ask, layer=PRACTICE)
    return the_draft(ask)


def the_draft(ask: Ask) -> Any:
    with ask.console.store.read() as db:
        return policies.the_draft(db, ask.practice_id)


def saved(ask: Ask, more: str) -> Any:
    draft = the_draft(ask)
    with ask.console.store.write() as db:
        policies.save(db, ask, text=f"{HEAD}{more}", revision=draft.revision, layer=PRACTICE)
    return the_draft(ask)


def published(ask: Ask, note: str = "") -> int:
    draft = the_draft(ask)
    with ask.console.store.write() as db:
        return policies.publish(db, ask, revision=draft.revision, note=note, layer=PRACTICE)


def in_force(ask: Ask) -> Any:
    with ask.console.store.read() as db:
        return policies.in_force(db, ask.practice_id)


def test_a_policy_lives_from_its_draft_to_a_roll_back(both: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(both)
    laptop = agent(both, ask.practice_id)
    draft = started(ask)
    assert draft.number == 1
    assert saved(ask, "[grace]\ndays = 3\n").revision == 2
    assert published(ask) == 1
    started(ask)
    saved(ask, "[grace]\ndays = 4\n")
    assert published(ask) == 2
    with both.store.write() as db:
        made = policies.roll_back(db, ask, number="1", seen=in_force(ask).id, note="too slow", layer=PRACTICE)
    assert made == 3
    assert tomllib.loads(in_force(ask).toml)["grace"] == {"days": 3}
    assert tomllib.loads(in_force(ask).toml)["version"] == "3"
    with both.store.read() as db:
        assert b'"version":"3"' in directive_of(db, both, laptop)
        changes = db.execute(sa.select(tables.changes.c.before, tables.changes.c.after)).all()
    assert [tuple(one) for one in changes] == [("baseline", "1"), ("1", "2"), ("2", "3")]
    assert acts_of(both, ask.practice_id) == [
        *["policy.draft_started", "policy.draft_saved", "policy.published"] * 2,
        "policy.rolled_back",
    ]


def test_devices_hear_of_each_edit(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    serials = [serial_of(console, ask.practice_id)]
    for act in (started, lambda one: saved(one, ""), published, started):
        act(ask)
        serials.append(serial_of(console, ask.practice_id))
    assert serials == sorted(set(serials))


def test_a_practice_has_one_draft(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    started(ask)
    with pytest.raises(Refusal) as refused:
        started(ask)
    assert refused.value.code == "draft"
    started(asked(console, "Other Practice"))


def test_the_second_of_two_who_edit_at_once_is_told(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    draft = started(ask)
    saved(ask, "[grace]\ndays = 3\n")
    with pytest.raises(Stale) as stale, console.store.write() as db:
        policies.save(db, ask, text=HEAD, revision=draft.revision, layer=PRACTICE)
    assert "days = 3" in stale.value.draft.toml
    with pytest.raises(Stale), console.store.write() as db:
        policies.publish(db, ask, revision=draft.revision, note="", layer=PRACTICE)
    with pytest.raises(Stale), console.store.write() as db:
        policies.discard(db, ask, revision=draft.revision)
    assert in_force(ask) is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("not toml at all", ""),
        (HEAD.replace("practice", "hospital"), "layer"),
        (HEAD.replace("practice", "baseline"), "layer"),
        (f"{HEAD}[checks.screen_lock]\nmax_idle = 3\n", "checks.screen_lock.max_idle"),
        (HEAD + "#" * 70_000, ""),
        (HEAD + "#\n" * 2_000, ""),
        (f"{HEAD}name = '\ud800'\n", ""),
    ],
)
def test_what_devices_would_refuse_is_not_kept(
    console: Console, asked: Callable[..., Ask], text: str, key: str
) -> None:
    ask = asked(console)
    draft = started(ask)
    with pytest.raises(PolicyError) as error, console.store.write() as db:
        policies.save(db, ask, text=text, revision=draft.revision, layer=PRACTICE)
    assert error.value.faults[0].key == key
    assert the_draft(ask).toml == draft.toml


def test_a_version_that_somebody_writes_is_ours_again(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    started(ask)
    saved(ask, "")
    published(ask)
    started(ask)
    assert tomllib.loads(saved(ask, "").toml)["version"] == "2"


def test_a_discarded_draft_is_tried_no_more_and_its_number_is_spent(
    console: Console, asked: Callable[..., Ask]
) -> None:
    ask = asked(console)
    laptop, draft = agent(console, ask.practice_id), started(ask)
    with console.store.write() as db:
        policies.discard(db, ask, revision=draft.revision)
    with console.store.read() as db:
        assert b'"drafts":[]' in directive_of(db, console, laptop)
    assert started(ask).number == 2


def test_a_draft_published_after_a_roll_back_has_the_higher_number(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    for _ in range(2):
        started(ask)
        published(ask)
    started(ask)
    with console.store.write() as db:
        assert policies.roll_back(db, ask, number="1", seen=in_force(ask).id, note="", layer=PRACTICE) == 4
    assert published(ask) == 5
    assert tomllib.loads(in_force(ask).toml)["version"] == "5"


@pytest.mark.parametrize("number", ["2", "3", "9", "x", "²", "1" * 40])
def test_only_an_older_published_version_comes_back(console: Console, asked: Callable[..., Ask], number: str) -> None:
    ask = asked(console)
    for _ in range(2):
        started(ask)
        published(ask)
    started(ask)
    with pytest.raises(Refusal), console.store.write() as db:
        policies.roll_back(db, ask, number=number, seen=in_force(ask).id, note="", layer=PRACTICE)
    assert in_force(ask).number == 2


def test_a_roll_back_decided_on_an_old_page_is_refused(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    started(ask)
    published(ask)
    seen = in_force(ask).id
    started(ask)
    published(ask)
    with pytest.raises(Refusal) as refused, console.store.write() as db:
        policies.roll_back(db, ask, number="1", seen=seen, note="", layer=PRACTICE)
    assert refused.value.code == "changed"


def test_another_practices_versions_are_not_there(console: Console, asked: Callable[..., Ask]) -> None:
    ask, other = asked(console), asked(console, "Other Practice")
    started(ask)
    published(ask)
    with pytest.raises(Refusal) as refused, console.store.read() as db:
        policies.version(db, practice_id=other.practice_id, number="1")
    assert refused.value.status == 404
    assert in_force(other) is None


def test_the_effect_counts_answers_to_this_very_text(both: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(both)
    practice, old = ask.practice_id, started(ask)
    laptop = agent(both, practice)
    phones = [device(both, practice, laptop) for _ in range(4)]
    failing = device(both, practice, agent(both, practice), overall="not_compliant", kind="laptop")
    gone = device(both, practice, laptop, ended_at=both.now())
    trial(both, practice, phones[3], old, failing=["encryption"])
    draft = saved(ask, "")
    trial(both, practice, phones[0], draft, failing=["screen_lock", "clinical_images"])
    trial(both, practice, phones[1], draft, failing=["screen_lock"], overall="cannot_tell")
    trial(both, practice, phones[2], draft, overall="compliant")
    trial(both, practice, failing, draft, overall="compliant")
    trial(both, practice, gone, draft, failing=["encryption"])
    with both.store.read() as db:
        made = effect_of(db, practice_id=practice, policy_id=draft.id, revision=draft.revision)
        worse = turned(db, practice_id=practice, policy_id=draft.id, revision=draft.revision, limit=50)
    assert (made.asked, made.answered, made.waiting) == (5, 4, 1)
    assert (made.worse, made.better, made.same, made.several, made.people) == (2, 1, 1, 1, 1)
    assert [count for _, count in made.why] == [2, 1]
    assert dict(made.touched) == {("personal", "phone"): 2}
    assert {one.device_id for one in worse} == set(phones[:2])


def test_another_practices_answers_are_not_counted(console: Console, asked: Callable[..., Ask]) -> None:
    ask, other = asked(console), asked(console, "Other Practice")
    draft = started(ask)
    theirs = device(console, other.practice_id, agent(console, other.practice_id))
    trial(console, other.practice_id, theirs, draft)
    with console.store.read() as db:
        made = effect_of(db, practice_id=ask.practice_id, policy_id=draft.id, revision=draft.revision)
    assert (made.asked, made.answered) == (0, 0)


def test_a_started_draft_is_one_that_devices_take(console: Console, asked: Callable[..., Ask]) -> None:
    ask = asked(console)
    with console.store.write() as db:
        values = {"name": 'A "quoted" \\ name', "contact_label": "IT", "contact_phone": "03", "contact_email": "i@x.au"}
        db.execute(tables.practices.update().where(tables.practices.c.id == ask.practice_id).values(**values))
    layer = policies_text.read(started(ask).toml, layer=PRACTICE)
    assert layer.title == 'A "quoted" \\ name'
    assert layer.contacts["it"].email == "i@x.au"
    assert State(the_draft(ask).state) is State.DRAFT
