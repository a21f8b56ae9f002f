"""Page of the tokens that programs use the API with."""

from collections.abc import Sequence
from typing import Any

from reports.console import acts
from reports.console.auth import tokens
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Reply, Role, Scope
from reports.web.entered import Entered
from reports.web.words import iso

HEADER = ("token", "name", "scopes", "made_by", "made_at", "ends_at", "last_used_at", "revoked_at")


def show(ask: Ask) -> Reply:
    """The list, and a form for a new one."""
    return _page(ask, Entered(ask.query), status=200)


def table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        found = tokens.listed(db, ask.practice_id)
    rows = ((one.id, one.name, one.scopes, one.by or "", *_times(one)) for one in found)
    return csv_reply("tokens", HEADER, rows)


def _times(one: Any) -> Sequence[str]:
    times = (one.created_at, one.expires_at, one.last_used_at, one.revoked_at)
    return ["" if at is None else iso(at) for at in times]


def make(ask: Ask) -> Reply:
    """A new one; its secret is shown once."""
    assert ask.form is not None
    entered = Entered(ask.form)
    name = entered.line("name", "Name", longest=120)
    days = entered.whole("days", "Days", low=1, high=tokens.MOST_DAYS)
    scopes = frozenset(scope for scope in Scope if entered.ticked(scope))
    if not scopes:
        entered.wrong("read", "Tick what the program may do.")
    if entered.faults:
        return _page(ask, entered, status=422)
    assert ask.caller is not None
    with ask.console.store.write() as db:
        token_id, secret = tokens.make(
            db, ask.console, practice_id=ask.practice_id, name=name, scopes=scopes, days=days, by=ask.caller.id
        )
        detail = f"{name}: {' '.join(sorted(scopes))}, {days} days"
        acts.record_for(db, ask, "token.made", target=token_id, detail=detail)
    made: Reply = ask.console.page("tokens_new.html", ask, name=name, secret=secret, here=ask.here)
    return made


def revoke(ask: Ask) -> Reply:
    """End one now."""
    token_id = ask.path["token_id"]
    with ask.console.store.write() as db:
        name = tokens.revoke(db, ask.console, practice_id=ask.practice_id, token_id=token_id)
        acts.record_for(db, ask, "token.revoked", target=token_id, detail=name)
    return see_other("/tokens")


def _page(ask: Ask, entered: Entered, *, status: int) -> Reply:
    with ask.console.store.read() as db:
        found = tokens.listed(db, ask.practice_id)
    typed = {"days": "90", **{name: entered.raw(name)[:200] for name in entered.values}}
    made: Reply = ask.console.page(
        "tokens.html", ask, status=status, tokens=found, values=typed, faults=entered.faults, most=tokens.MOST_DAYS
    )
    return made


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/tokens", name="tokens", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/tokens.csv", name="tokens_csv", access=Access.PERSON, run=table),
    Endpoint(
        method="POST", path="/tokens", name="tokens_make", access=Access.PERSON, run=make, role=Role.ADMINISTRATOR
    ),
    Endpoint(
        method="POST",
        path="/tokens/{token_id}/revoke",
        name="tokens_revoke",
        access=Access.PERSON,
        run=revoke,
        role=Role.ADMINISTRATOR,
    ),
)
