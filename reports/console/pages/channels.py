"""Pages of the ways to tell people: make one, try it, replace its secret, switch it off, let it go."""

import json
from typing import Any

import sqlalchemy as sa

from reports.console import acts
from reports.console.alerts import channel_form, channels, probe, sending, webhooks
from reports.console.alerts.channels import WORDS, Channel, Kind
from reports.console.alerts.outside import OUTSIDE
from reports.console.alerts.senders import NETWORKS
from reports.console.console import see_other
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role, not_found
from reports.console.store import tables
from reports.console.store.engine import insert
from reports.web.entered import Entered

MOST = 20
"""Channels of one practice."""
USUAL = {"port": "587", "security": "starttls", "sign_in": "password", "shape": "workflow"}


def show(ask: Ask) -> Reply:
    """All of them, and how each does; no secret and no address."""
    return _list(ask, Entered(ask.query), status=200)


def _list(ask: Ask, entered: Entered, *, status: int) -> Reply:
    c = tables.channels.c
    shown = (c.id, c.kind, c.name, c.enabled, c.last_ok_at, c.failing_since, c.last_error)
    with ask.console.store.read() as db:
        rows = db.execute(sa.select(*shown).where(c.practice_id == ask.practice_id).order_by(c.created_at)).all()
        alone = _is_alone(db)
    kept = "\n".join(ask.console.setting(ask.practice_id, NETWORKS) or ())
    values = {"networks": entered.raw("networks") if entered.faults else kept}
    return ask.console.page(
        "channels.html",
        ask,
        status=status,
        rows=rows,
        words=WORDS,
        alone=alone,
        values=values,
        faults=entered.faults,
        room=len(rows) < MOST,
    )


def begin(ask: Ask) -> Reply:
    """The form of one kind."""
    return _form(ask, _kind(ask), Entered(ask.query), USUAL, status=200)


def make(ask: Ask) -> Reply:
    """Take the form. A webhook's signing secret is shown now and never again."""
    assert ask.form is not None
    kind, entered = _kind(ask), Entered(ask.form)
    name = entered.line("name", "Name", longest=channel_form.LONGEST_NAME)
    details = channel_form.details_of(kind, entered)
    if entered.faults:
        return _form(ask, kind, entered, entered.values, status=422)
    with ask.console.store.write() as db:
        count = db.scalar(
            sa.select(sa.func.count())
            .select_from(tables.channels)
            .where(tables.channels.c.practice_id == ask.practice_id)
        )
        if (count or 0) >= MOST:
            raise Refusal(status=409, code="full", sentence=f"There are {MOST} channels already: let one go first.")
        made = channels.make(db, ask.console, practice_id=ask.practice_id, kind=kind, name=name, details=details)
        acts.record_for(db, ask, "channel.made", target=made, detail=f"{kind}: {name}")
    return _shown_once(ask, name, details) if kind is Kind.WEBHOOK else see_other("/channels")


def _shown_once(ask: Ask, name: str, details: dict[str, Any]) -> Reply:
    public = webhooks.public_of(details["private"]) if details.get("private") else ""
    return ask.console.page(
        "channels_made.html", ask, status=201, name=name, secret=details["secret"], public=public,
        days=channel_form.OLD_SECRET_S // 86400, renewed="old_secret" in details,
    )  # fmt: skip


def test(ask: Ask) -> Reply:
    """Send a message by it now; the list says how it went."""
    row = _row(ask)
    practice = ask.console.practice(ask.practice_id)
    error = sending.try_now(ask.console, OUTSIDE, row, probe.content(ask.console, practice))
    with ask.console.store.write() as db:
        acts.record_for(db, ask, "channel.tested", target=row.id, detail=error or "It arrived.")
    return see_other("/channels")


def switch(ask: Ask) -> Reply:
    """On or off. What waited for one that is switched off is given up: it would be old news later."""
    assert ask.form is not None
    row, on = _row(ask), ask.form.get("enabled") == "yes"
    m = tables.messages.c
    with ask.console.store.write() as db:
        values: dict[str, Any] = {"enabled": on, "failing_since": None, "last_error": ""}
        db.execute(tables.channels.update().where(tables.channels.c.id == row.id).values(**values))
        if not on:
            waiting = (m.channel_id == row.id, m.sent_at.is_(None), m.given_up_at.is_(None))
            off = {"given_up_at": ask.console.now(), "error": "The channel was switched off."}
            db.execute(tables.messages.update().where(*waiting).values(**off))
        acts.record_for(db, ask, "channel.enabled" if on else "channel.disabled", target=row.id, detail=row.name)
    return see_other("/channels")


def begin_secret(ask: Ask) -> Reply:
    """Ask for the new secret, or for a yes to make one."""
    return _secret_form(ask, _channel(ask), Entered(ask.query), status=200)


def renew(ask: Ask) -> Reply:
    """Replace the secret."""
    assert ask.form is not None
    channel, entered = _channel(ask), Entered(ask.form)
    details = channel_form.renewed(channel.kind, channel.details, entered, now=ask.console.now())
    if entered.faults:
        return _secret_form(ask, channel, entered, status=422)
    with ask.console.store.write() as db:
        sealed = channels.sealed(ask.console, channel.id, details)
        db.execute(tables.channels.update().where(tables.channels.c.id == channel.id).values(sealed=sealed))
        acts.record_for(db, ask, "channel.renewed", target=channel.id, detail=channel.name)
    return _shown_once(ask, channel.name, details) if channel.kind is Kind.WEBHOOK else see_other("/channels")


def _secret_form(ask: Ask, channel: Channel, entered: Entered, *, status: int) -> Reply:
    values = {"channel": channel, "kind": channel.kind, "sign_in": channel.details.get("sign_in", "")}
    days = channel_form.OLD_SECRET_S // 86400
    return ask.console.page(
        "channels_secret.html", ask, status=status, faults=entered.faults, days=days, words=WORDS, **values
    )


def begin_delete(ask: Ask) -> Reply:
    """Ask once more."""
    return ask.console.page("channels_delete.html", ask, row=_row(ask), words=WORDS)


def delete(ask: Ask) -> Reply:
    """Let it go, with what waits for it and what was told by it."""
    row = _row(ask)
    with ask.console.store.write() as db:
        db.execute(tables.messages.delete().where(tables.messages.c.channel_id == row.id))
        db.execute(tables.channels.delete().where(tables.channels.c.id == row.id))
        acts.record_for(db, ask, "channel.deleted", target=row.id, detail=f"{row.kind}: {row.name}")
    return see_other("/channels")


def networks(ask: Ask) -> Reply:
    """Open private networks to webhooks, where the console serves nobody else's practice."""
    assert ask.form is not None
    entered = Entered(ask.form)
    found = channel_form.networks_of(entered)
    if entered.faults:
        return _list(ask, entered, status=422)
    row = insert(ask.console.store, tables.settings)
    kept = json.dumps(found)
    with ask.console.store.write() as db:
        if found and not _is_alone(db):
            sentence = "This console serves several practices, so none of them may open its network."
            raise Refusal(status=403, code="shared", sentence=sentence)
        made = row.values(practice_id=ask.practice_id, name=NETWORKS, value=kept)
        db.execute(made.on_conflict_do_update(index_elements=["practice_id", "name"], set_={"value": kept}))
        acts.record_for(db, ask, "channels.networks", detail=", ".join(found) or "none")
    return see_other("/channels")


def _is_alone(db: sa.Connection) -> bool:
    return db.scalar(sa.select(sa.func.count()).select_from(tables.practices)) == 1


def _row(ask: Ask) -> Any:
    found = channels.find(ask.console, ask.practice_id, ask.path["channel_id"])
    if found is None:
        raise not_found()
    return found


def _channel(ask: Ask) -> Channel:
    return channels.opened(ask.console, _row(ask))


def _kind(ask: Ask) -> Kind:
    text = ask.path["kind"]
    if text not in tuple(Kind):
        raise not_found()
    return Kind(text)


def _form(ask: Ask, kind: Kind, entered: Entered, values: Any, *, status: int) -> Reply:
    return ask.console.page(
        "channels_new.html", ask, status=status, kind=kind, word=WORDS[kind], values=values, faults=entered.faults
    )


def _page(method: str, path: str, name: str, run: Any, role: Role = Role.ADMINISTRATOR) -> Endpoint:
    return Endpoint(method=method, path=path, name=name, access=Access.PERSON, role=role, run=run)


ENDPOINTS = (
    _page("GET", "/channels", "channels", show, Role.AUDITOR),
    _page("POST", "/channels/networks", "channels_networks", networks),
    _page("GET", "/channels/new/{kind}", "channels_new", begin),
    _page("POST", "/channels/new/{kind}", "channels_make", make),
    _page("POST", "/channels/{channel_id}/test", "channels_test", test),
    _page("POST", "/channels/{channel_id}/switch", "channels_switch", switch),
    _page("GET", "/channels/{channel_id}/secret", "channels_secret", begin_secret),
    _page("POST", "/channels/{channel_id}/secret", "channels_renew", renew),
    _page("GET", "/channels/{channel_id}/delete", "channels_ask_delete", begin_delete),
    _page("POST", "/channels/{channel_id}/delete", "channels_delete", delete),
)
