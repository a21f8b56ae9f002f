"""Pages of alerts and channels: secrets go in and never out, acts are in the audit log, nothing crosses practices."""

import json

import pytest
from alerts_parts import channel, failing, put, rows, told

from reports.console.alerts import channels, evaluate, rules_form
from reports.console.alerts.channels import Kind
from reports.console.alerts.rules import Rules, rules_of
from reports.console.alerts.senders import NETWORKS
from reports.console.model import Refusal, Role
from reports.console.pages import alerts
from reports.console.pages import channels as page
from reports.console.store import tables

HOSTILE = '<script>alert(1)</script>"'
MAIL = {
    "name": "IT", "host": "smtp.practice.example", "port": "587", "security": "starttls", "sign_in": "oauth",
    "sender": "scrubin@practice.example", "recipients": "it@practice.example\nsecond@practice.example", "user": "it",
    "token_url": "https://login.example/token", "client_id": "client", "client_secret": "s3cret", "scope": "",
}  # fmt: skip


@pytest.fixture
def here(console, practice_of):
    console.clock.at = 1_795_309_200
    return practice_of(console)


@pytest.fixture
def me(console, as_role):
    return as_role(console, Role.ADMINISTRATOR)


def acts_of(console):
    return [row.act for row in rows(console, tables.audit)]


def made(console, me, ask, kind, form):
    return page.make(ask(console, me, path={"kind": kind}, form=form))


def test_a_mail_channel_is_kept_sealed_and_its_secret_never_shown(console, here, me, ask):
    assert made(console, me, ask, "email", MAIL).status == 303
    row = rows(console, tables.channels)[0]
    assert b"s3cret" not in row.sealed
    assert channels.opened(console, row).details["recipients"] == ["it@practice.example", "second@practice.example"]
    pages = [page.show(ask(console, me)), page.begin_secret(ask(console, me, path={"channel_id": row.id}))]
    assert not any(b"s3cret" in one.content for one in pages)
    assert acts_of(console) == ["channel.made"]
    assert "s3cret" not in rows(console, tables.audit)[0].detail


def test_a_webhooks_secret_is_shown_once(console, here, me, ask):
    reply = made(console, me, ask, "webhook", {"name": "Hook", "url": "https://hooks.example/in", "by_key": "yes"})
    secret = channels.opened(console, rows(console, tables.channels)[0]).details["secret"]
    assert secret.encode() in reply.content
    assert b"whpk_" in reply.content
    assert b"whsk_" not in reply.content
    assert secret.encode() not in page.show(ask(console, me)).content


@pytest.mark.parametrize(
    ("kind", "change", "fault"),
    [
        ("email", {"host": "smtp practice"}, "host"), ("email", {"port": "0"}, "port"),
        ("email", {"sender": "a@b\r\nBcc: x@y.example"}, "sender"), ("email", {"recipients": ""}, "recipients"),
        ("email", {"recipients": "a@b.example " * 21}, "recipients"), ("email", {"security": "none"}, "security"),
        ("email", {"token_url": "http://login.example"}, "token_url"),
        ("email", {"client_secret": ""}, "client_secret"),
        ("email", {"user": "a\x01b"}, "user"), ("slack", {"url": "http://hooks.example"}, "url"),
        ("slack", {"name": ""}, "name"),
        ("teams", {"url": "https://hooks.example", "shape": "other"}, "shape"),
    ],
)  # fmt: skip
def test_a_channel_that_makes_no_sense_is_refused_by_field(console, here, me, ask, kind, change, fault):
    reply = made(console, me, ask, kind, {**MAIL, "url": "https://hooks.example/x", **change})
    assert reply.status == 422
    assert f'id="{fault}-fault"'.encode() in reply.content
    assert b"s3cret" not in reply.content
    assert rows(console, tables.channels) == []


@pytest.mark.parametrize("kind", ["email", "webhook", "teams", "slack"])
def test_each_kind_has_a_form(console, here, me, ask, kind):
    assert page.begin(ask(console, me, path={"kind": kind})).status == 200


def test_a_kind_that_is_none_is_not_found(console, here, me, ask):
    with pytest.raises(Refusal):
        page.begin(ask(console, me, path={"kind": "pigeon"}))


def test_a_new_secret_replaces_the_old_and_both_sign_for_a_while(console, here, me, ask):
    made(console, me, ask, "webhook", {"name": "Hook", "url": "https://hooks.example/in"})
    row = rows(console, tables.channels)[0]
    before = channels.opened(console, row).details["secret"]
    reply = page.renew(ask(console, me, path={"channel_id": row.id}, form={}))
    details = channels.opened(console, rows(console, tables.channels)[0]).details
    assert details["secret"] != before
    assert (details["old_secret"], details["secret"].encode() in reply.content) == (before, True)
    assert before.encode() not in reply.content
    assert acts_of(console) == ["channel.made", "channel.renewed"]


def test_switching_off_gives_up_what_waits(console, here, me, ask):
    one = channel(console, here)
    failing(console, here)
    evaluate.run(console)
    page.switch(ask(console, me, path={"channel_id": one}, form={"enabled": "no"}))
    assert rows(console, tables.channels)[0].enabled is False
    assert rows(console, tables.messages)[0].given_up_at == console.now()
    page.switch(ask(console, me, path={"channel_id": one}, form={"enabled": "yes"}))
    assert rows(console, tables.channels)[0].enabled is True
    assert acts_of(console) == ["channel.disabled", "channel.enabled"]


def test_deleting_takes_its_messages_along(console, here, me, ask):
    one = channel(console, here)
    failing(console, here)
    evaluate.run(console)
    assert page.begin_delete(ask(console, me, path={"channel_id": one})).status == 200
    page.delete(ask(console, me, path={"channel_id": one}, form={}))
    assert rows(console, tables.channels) == rows(console, tables.messages) == []
    assert acts_of(console) == ["channel.deleted"]


def test_a_test_says_how_it_went(console, here, me, ask):
    """Nothing answers under that name: `.invalid` is promised to lead nowhere."""
    one = channel(console, here, url="https://hooks.invalid/x")
    page.test(ask(console, me, path={"channel_id": one}, form={}))
    assert rows(console, tables.messages)[0].given_up_at == console.now()
    content = page.show(ask(console, me)).content
    assert b"Fails" in content
    assert b"hooks.invalid" not in content
    assert acts_of(console) == ["channel.tested"]


def test_anothers_channel_is_not_there(console, here, as_role, ask, practice_of):
    theirs = channel(console, practice_of(console, "Other Practice"))
    me = as_role(console, Role.ADMINISTRATOR)
    before = rows(console, tables.channels)
    for act in (page.test, page.switch, page.renew, page.delete, page.begin_delete, page.begin_secret):
        with pytest.raises(Refusal) as met:
            act(ask(console, me, path={"channel_id": theirs}, form={"enabled": "no"}))
        assert met.value.status == 404
    assert rows(console, tables.channels) == before
    assert b"Slack</td>" not in page.show(ask(console, me)).content


def test_a_console_of_several_practices_opens_no_network(console, here, me, ask):
    with pytest.raises(Refusal):
        page.networks(ask(console, me, form={"networks": "10.0.0.0/8"}))


def test_a_console_of_one_practice_may(console, here, me, ask):
    with console.store.write() as db:
        db.execute(tables.practices.delete().where(tables.practices.c.id != here))
    assert page.networks(ask(console, me, form={"networks": "10.0.0.0/8\nfd00::/8"})).status == 303
    assert console.setting(here, NETWORKS) == ["10.0.0.0/8", "fd00::/8"]
    assert page.networks(ask(console, me, form={"networks": "10.0.0.1/8"})).status == 422
    assert acts_of(console) == ["channels.networks"]


def test_no_more_than_a_few_channels(console, here, me, ask):
    for _ in range(page.MOST):
        channel(console, here)
    with pytest.raises(Refusal):
        made(console, me, ask, "slack", {"name": "One more", "url": "https://hooks.example/x"})


def test_alerts_show_what_is_amiss_and_what_was_told_escaped(console, here, me, ask):
    with console.store.write() as db:
        made_one = channels.make(
            db, console, practice_id=here, kind=Kind.SLACK, name=HOSTILE, details={"url": "https://x.example"}
        )
    failing(console, here)
    evaluate.run(console)
    put(
        console, tables.messages, id="m", practice_id=here, channel_id=made_one, kind="test", once="o", created_at=1,
        due_at=1, content=json.dumps({"headline": HOSTILE}), attempts=1, error="it failed",
    )  # fmt: skip
    content = alerts.show(ask(console, me)).content.decode()
    assert "<script>alert" not in content
    assert "&lt;script&gt;" in content
    assert "not compliant: Screen locks" in content
    assert "it failed" in content


def test_alerts_of_another_practice_are_in_no_page_and_no_file(console, here, as_role, ask, practice_of):
    other = practice_of(console, "Other Practice")
    channel(console, other)
    failing(console, other)
    evaluate.run(console)
    me = as_role(console, Role.AUDITOR)
    assert b"Nothing is amiss" in alerts.show(ask(console, me)).content
    for table in (alerts.table, alerts.table_told):
        assert len(table(ask(console, me)).content.decode().splitlines()) == 1
    assert len(told(console)) == 1


def test_files_have_a_line_for_each(console, here, me, ask):
    channel(console, here)
    made_one = failing(console, here)
    evaluate.run(console)
    assert made_one in alerts.table(ask(console, me)).content.decode()
    assert "Not compliant (Example Practice)" in alerts.table_told(ask(console, me)).content.decode()
    assert alerts.show_told(ask(console, me)).status == 200


def test_rules_are_saved_shown_and_in_the_audit_log(console, here, me, ask):
    values = {**rules_form.values_of(Rules()), "when_low": "never", "quiet_from": "21:00", "critical_passes": ""}
    assert alerts.save_rules(ask(console, me, form=values)).status == 303
    kept = rules_of(console, here)
    assert (kept.quiet_from, kept.critical_passes) == ("21:00", False)
    assert rules_form.values_of(kept) == values
    assert acts_of(console) == ["alerts.rules"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [({"quiet_from": "late"}, "quiet_from"), ({"step_2": "0"}, "step_1"), ({"grace_days": "x"}, "grace_days"),
     ({"waiver_2": "20"}, "waiver_1"), ({"when_high": "soon"}, "when_high"), ({"names": "x"}, "names")],
)  # fmt: skip
def test_rules_that_make_no_sense_are_refused_by_field_and_nothing_is_lost(console, here, me, ask, change, fault):
    values = {**rules_form.values_of(Rules()), "digest_at": "09:41", **change}
    reply = alerts.save_rules(ask(console, me, form=values))
    assert reply.status == 422
    assert f'id="{fault}-fault"'.encode() in reply.content
    assert b"09:41" in reply.content
    assert console.setting(here, "alerts") is None


def test_an_auditor_reads_the_rules_without_a_button(console, here, as_role, ask):
    content = alerts.show_rules(ask(console, as_role(console, Role.AUDITOR))).content
    assert b"Administrators change these" in content
    assert b"Save rules" not in content
