"""Pages of the policy, as a manager, an auditor and two people at once meet them."""

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from stock import agent, device, trial

from reports.console import policies
from reports.console.console import Console
from reports.console.model import Ask, Refusal, Reply, Role
from reports.console.pages import policy, policy_draft, policy_publish
from reports.console.store import tables

Made = Callable[..., Any]
Asked = Callable[..., Ask]
HEAD = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "p"\nversion = "1"\nname = "P"\n'
OFF = f'{HEAD}[checks.encryption]\nlevel = "off"\n'


@pytest.fixture
def asked(console: Console, ask: Made, as_role: Made) -> Asked:
    """A request; a manager's, unless said otherwise."""

    def make(role: Role = Role.MANAGER, practice: str = "Example Practice", **given: Any) -> Ask:
        made: Ask = ask(console, as_role(console, role, practice), **given)
        return made

    return make


@pytest.fixture
def draft(console: Console, asked: Asked) -> Any:
    """Its row, freshly started."""
    assert policy_draft.start(asked(form={})).status == 303
    return row(asked())


def row(ask: Ask) -> Any:
    with ask.console.store.read() as db:
        return policies.the_draft(db, ask.practice_id)


def text_of(reply: Reply) -> str:
    return reply.content.decode()


def save_text(asked: Asked, text: str, revision: int = 1) -> Reply:
    return policy_draft.save_text(asked(form={"toml": text.replace("\n", "\r\n"), "revision": str(revision)}))


def test_the_first_page_says_that_the_baseline_holds(asked: Asked) -> None:
    shown = text_of(policy.show(asked()))
    assert "The baseline that comes with scrubin is in force" in shown
    assert "Start a draft" in shown
    assert "Start a draft" not in text_of(policy.show(asked(Role.AUDITOR)))


def test_the_form_changes_the_text_and_shows_the_change(draft: Any, asked: Asked) -> None:
    reply = policy_draft.save_form(asked(form={"checks--screen_lock--max_idle_s": "120", "revision": "1"}))
    assert (reply.status, reply.headers["location"]) == (303, "/policy/draft")
    assert "max_idle_s = 120" in row(asked()).toml
    shown = text_of(policy_draft.show(asked()))
    assert 'value="120"' in shown
    assert "Baseline: 300." in shown
    assert "<td>Added</td><td><code>max_idle_s = 120</code></td>" in shown


def test_a_fault_is_on_top_and_at_its_field_and_nothing_is_lost(draft: Any, asked: Asked) -> None:
    form = {"checks--screen_lock--max_idle_s": "2 min", "checks--clinical_images--max_age_hours": "8", "revision": "1"}
    reply = policy_draft.save_form(asked(form=form))
    shown = text_of(reply)
    assert reply.status == 422
    assert 'href="#checks--screen_lock--max_idle_s"' in shown
    assert 'id="checks--screen_lock--max_idle_s-fault"' in shown
    assert 'value="2 min"' in shown
    assert 'value="8"' in shown
    assert row(asked()).revision == 1


def test_who_saves_second_keeps_their_entries_and_sees_the_others(draft: Any, asked: Asked) -> None:
    policy_draft.save_form(asked(form={"checks--screen_lock--max_idle_s": "60", "revision": "1"}))
    reply = policy_draft.save_form(asked(form={"checks--screen_lock--max_idle_s": "120", "revision": "1"}))
    shown = text_of(reply)
    assert reply.status == 409
    assert "Changed by someone else at" in shown
    assert 'value="120"' in shown
    assert "Saved now by someone else: 60" in shown
    assert 'name="revision" value="2"' in shown
    assert "max_idle_s = 60" in row(asked()).toml


def test_who_saves_text_second_sees_both_compared(draft: Any, asked: Asked) -> None:
    assert save_text(asked, f"{HEAD}[grace]\ndays = 3\n").status == 303
    reply = save_text(asked, f"{HEAD}[grace]\ndays = 4\n")
    shown = text_of(reply)
    assert reply.status == 409
    assert "<td>Removed</td><td><code>days = 3</code></td>" in shown
    assert "<td>Added</td><td><code>days = 4</code></td>" in shown
    assert save_text(asked, f"{HEAD}[grace]\ndays = 4\n", 2).status == 303


def test_a_text_with_faults_comes_back_with_lines_and_keys(draft: Any, asked: Asked) -> None:
    reply = save_text(asked, f"{HEAD}[checks.screen_lock]\nmax_idle_s = 5  # <script>\n")
    shown = text_of(reply)
    assert reply.status == 422
    assert "Line 7</a>, checks.screen_lock.max_idle_s: expected a whole number from 30 to 3600, found 5." in shown
    assert "<code>max_idle_s = 5  # &lt;script&gt;</code>" in shown
    assert "# <script>" not in shown
    assert row(asked()).revision == 1


def test_a_layout_that_the_form_can_not_follow_is_said_to_be_rewritten(draft: Any, asked: Asked) -> None:
    save_text(asked, f"{HEAD}grace = {{ days = 3 }}  # short\n")
    reply = policy_draft.save_form(asked(form={"grace--days": "4", "revision": "2"}))
    assert reply.headers["location"] == "/policy/draft?rewritten=yes"
    assert "its comments are gone" in text_of(policy_draft.show(asked(query={"rewritten": "yes"})))


def test_the_effect_is_said_in_words_and_devices_are_listed(console: Console, draft: Any, asked: Asked) -> None:
    practice = asked().practice_id
    phone = device(console, practice, agent(console, practice, label="<i>Ward</i>"))
    device(console, practice, agent(console, practice))
    trial(console, practice, phone, draft, failing=["screen_lock"])
    shown = text_of(policy_draft.show(asked()))
    assert "1 of 2 answered." in shown
    assert "device would turn not compliant" in shown
    assert "1 own phone. 1 person" in shown
    listed = text_of(policy_draft.effect(asked()))
    assert "&lt;i&gt;Ward" in listed
    assert "Screen locks with a credential" in listed
    assert phone.encode() in policy_draft.effect_table(asked()).content


def test_before_any_answer_nobody_claims_to_know(console: Console, draft: Any, asked: Asked) -> None:
    device(console, asked().practice_id, agent(console, asked().practice_id))
    assert "No device has tried it yet" in text_of(policy_draft.show(asked()))
    assert "you publish without knowing what it does" in text_of(policy_publish.ask_publish(asked()))


def test_publishing_puts_it_in_force_with_its_note(draft: Any, asked: Asked) -> None:
    reply = policy_publish.publish(asked(form={"revision": "1", "note": "From Monday <on>"}))
    assert reply.headers["location"] == "/policy/versions/1"
    shown = text_of(policy.one(asked(path={"number": "1"})))
    assert "From Monday &lt;on&gt;" in shown
    assert "In force since" in shown
    assert "Version 1 is in force since" in text_of(policy.show(asked()))


def test_a_loose_policy_needs_a_tick(draft: Any, asked: Asked) -> None:
    save_text(asked, OFF)
    assert "This policy lets much pass" in text_of(policy_publish.ask_publish(asked()))
    refused = policy_publish.publish(asked(form={"revision": "2", "note": "keep me"}))
    assert refused.status == 422
    assert 'href="#understood"' in text_of(refused)
    assert 'value="keep me"' in text_of(refused)
    assert policy_publish.publish(asked(form={"revision": "2", "note": "", "understood": "yes"})).status == 303


def test_a_roll_back_to_a_loose_text_needs_a_tick_too(draft: Any, asked: Asked) -> None:
    save_text(asked, OFF)
    policy_publish.publish(asked(form={"revision": "2", "note": "", "understood": "yes"}))
    policy_draft.start(asked(form={}))
    save_text(asked, HEAD)
    policy_publish.publish(asked(form={"revision": "2", "note": ""}))
    with asked().console.store.read() as db:
        current = policies.in_force(db, asked().practice_id)
    assert current is not None
    form = {"seen": current.id, "note": ""}
    assert "lets much pass" in text_of(policy.ask_roll_back(asked(path={"number": "1"})))
    assert policy.roll_back(asked(path={"number": "1"}, form=form)).status == 422
    made = policy.roll_back(asked(path={"number": "1"}, form={**form, "understood": "yes"}))
    assert made.headers["location"] == "/policy/versions/3"


def test_publishing_what_somebody_changed_meanwhile_is_stopped(draft: Any, asked: Asked) -> None:
    save_text(asked, OFF)
    reply = policy_publish.publish(asked(form={"revision": "1", "note": "", "understood": "yes"}))
    assert reply.status == 409
    assert "Nothing was published" in text_of(reply)


def test_a_draft_is_discarded_after_a_question(draft: Any, asked: Asked) -> None:
    assert "Discard draft 1?" in text_of(policy_publish.ask_discard(asked()))
    assert policy_publish.discard(asked(form={"revision": "1"})).status == 303
    assert "Discarded" in text_of(policy.show(asked()))
    with pytest.raises(Refusal):
        policy_draft.show(asked())


def test_any_two_versions_are_compared(draft: Any, asked: Asked) -> None:
    save_text(asked, f"{HEAD}[grace]\ndays = 3\n")
    policy_publish.publish(asked(form={"revision": "2", "note": ""}))
    shown = text_of(policy.compare(asked(query={"from": "baseline", "to": "1"})))
    assert "<code>days = 3</code>" in shown
    assert "The two texts are the same" in text_of(policy.compare(asked(query={"from": "1", "to": "1"})))
    assert policy.compare(asked(query={"from": "../../x", "to": "9"})).status == 200


def test_the_text_comes_as_a_file(draft: Any, asked: Asked) -> None:
    reply = policy.text(asked(path={"number": "1"}))
    assert reply.content.decode() == draft.toml
    assert reply.headers["content-disposition"] == 'attachment; filename="scrubin-policy-1.toml"'
    assert b"draft" in policy.table(asked()).content


def test_another_practice_sees_none_of_it(draft: Any, asked: Asked) -> None:
    other = asked(Role.ADMINISTRATOR, "Other Practice", path={"number": "1"})
    for handler in (policy.one, policy.text, policy_draft.show, policy_draft.effect, policy_publish.ask_publish):
        with pytest.raises(Refusal):
            handler(other)
    assert "Version 1" not in text_of(policy.show(other))
    assert "Version 1" not in text_of(policy.compare(other))


def test_a_hospitals_console_publishes_the_hospitals_layer(console: Console, asked: Asked) -> None:
    with console.store.write() as db:
        setting = {"practice_id": asked().practice_id, "name": policies.LAYER_SETTING, "value": '"hospital"'}
        db.execute(tables.settings.insert().values(**setting))
    policy_draft.start(asked(form={}))
    assert 'layer = "hospital"' in row(asked()).toml
    assert save_text(asked, HEAD).status == 422


def test_an_auditor_reads_the_draft_and_can_save_nothing(draft: Any, asked: Asked) -> None:
    shown = text_of(policy_draft.show(asked(Role.AUDITOR)))
    assert "Save the draft" not in shown
    assert '<fieldset class="stack" disabled>' in shown


def test_what_a_newer_version_would_refuse_is_said_and_can_be_mended(
    console: Console, draft: Any, asked: Asked
) -> None:
    with console.store.write() as db:
        bad = f"{HEAD}[checks.screen_lock]\nmax_idle_s = 5\n"
        db.execute(sa.update(tables.policies).values(toml=bad))
    shown = text_of(policy_draft.show(asked()))
    assert "would refuse the draft&#39;s text" in shown or "would refuse the draft's text" in shown
    refused = policy_publish.publish(asked(form={"revision": "1", "note": ""}))
    assert refused.status == 422
    assert "Devices would refuse this text" in text_of(refused)


@pytest.mark.parametrize(
    "name",
    [
        "policy_draft",
        "policy_draft_text",
        "policy_effect",
        "policy_effect_csv",
        "policy_publish_ask",
        "policy_discard_ask",
    ],
)
def test_an_old_bookmark_of_a_draft_leads_to_the_versions(asked: Asked, name: str) -> None:
    (endpoint,) = [one for one in policy.ENDPOINTS if one.name == name]
    reply = endpoint.run(asked())
    assert (reply.status, reply.headers["location"]) == (303, "/policy")
