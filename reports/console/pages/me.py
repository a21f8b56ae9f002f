"""Page of one's own account: practices, password, sessions."""

import sqlalchemy as sa

from reports.console import acts
from reports.console.auth import passwords, sessions
from reports.console.auth.attempts import ACCOUNT, Tried, count, forget
from reports.console.auth.callers import ROLES
from reports.console.console import see_other
from reports.console.model import Access, Ask, Endpoint, Person, Refusal, Reply, not_found
from reports.console.store import tables
from reports.web.entered import Entered


def show(ask: Ask) -> Reply:
    """Who I am here."""
    return _page(ask, Entered(ask.query), status=200)


def switch(ask: Ask) -> Reply:
    """Go on in another practice of mine, under a new session token. Raises Refusal."""
    assert ask.form is not None
    wanted = str(ask.form.get("practice", ""))[:36]
    me = _me(ask)
    with ask.console.store.write() as db:
        member = tables.memberships.c
        mine = sa.select(member.role).where(
            member.person_id == me.id, member.practice_id == wanted, member.role.in_(ROLES)
        )
        token = sessions.moved(db, ask.console, ask.session, wanted) if db.scalar(mine) is not None else None
        if token is None:
            raise not_found()
        acts.record(
            db,
            at=ask.console.now(),
            practice_id=wanted,
            actor_kind="person",
            actor=me.label,
            act="session.begun",
            detail="from another practice",
        )
    return Reply(status=303, headers={"location": "/"}, session=token)


def change_password(ask: Ask) -> Reply:
    """A new password; my other sessions end."""
    assert ask.form is not None
    entered, me = Entered(ask.form), _me(ask)
    if ask.session.startswith(sessions.BOUND):
        # A practice's own provider vouched for them, and the password opens other practices too.
        raise not_found()
    tried = [Tried(kind="own password", what=me.id, limit=ACCOUNT)]
    count(ask.console, tried)
    with ask.console.store.read() as db:
        known = db.scalar(sa.select(tables.people.c.password_hash).where(tables.people.c.id == me.id))
    if not passwords.matches(entered.raw("old"), known):
        entered.wrong("old", "That is not your password of now.")
    fault = passwords.fault_of(entered.raw("password"), about=me.email)
    if fault is not None:
        entered.wrong("password", fault)
    elif entered.raw("again") != entered.raw("password"):
        entered.wrong("again", "The two passwords differ.")
    if entered.faults:
        return _page(ask, entered, status=422)
    kept = passwords.kept(entered.raw("password"))
    with ask.console.store.write() as db:
        db.execute(tables.people.update().where(tables.people.c.id == me.id).values(password_hash=kept))
        sessions.end_all(db, me.id, but=ask.session)
        acts.record_for(db, ask, "person.password")
    forget(ask.console, tried)
    return see_other("/me")


def leave_everywhere(ask: Ask) -> Reply:
    """Sign out on every browser, this one included."""
    bound = ask.session.startswith(sessions.BOUND)
    with ask.console.store.write() as db:
        # Whom one practice's provider vouched for may not sign them out of the others.
        sessions.end_all(db, _me(ask).id, practice_id=ask.practice_id if bound else None)
        acts.record_for(db, ask, "session.ended", detail="everywhere")
    return Reply(status=303, headers={"location": "/sign-in"}, session="")


def _me(ask: Ask) -> Person:
    if not isinstance(ask.caller, Person):
        raise Refusal(status=401, code="sign_in", sentence="Sign in first.")
    return ask.caller


def _page(ask: Ask, entered: Entered, *, status: int) -> Reply:
    me = _me(ask)
    member, practice = tables.memberships.c, tables.practices.c
    mine = (
        sa.select(practice.id, practice.name, member.role)
        .join_from(tables.memberships, tables.practices, practice.id == member.practice_id)
        .where(member.person_id == me.id, member.role.in_(ROLES))
        .order_by(practice.name, practice.id)
    )
    with ask.console.store.read() as db:
        practices = db.execute(mine).all()
        local = db.scalar(sa.select(tables.people.c.password_hash).where(tables.people.c.id == me.id)) is not None
    bound = ask.session.startswith(sessions.BOUND)
    shown = [one for one in practices if one.id == me.practice_id or not bound]
    made: Reply = ask.console.page(
        "me.html",
        ask,
        status=status,
        practices=shown,
        local=local and not bound,
        faults=entered.faults,
        shortest=passwords.SHORTEST,
    )
    return made


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/me", name="me", access=Access.PERSON, run=show),
    Endpoint(method="POST", path="/me/practice", name="me_practice", access=Access.PERSON, run=switch),
    Endpoint(method="POST", path="/me/password", name="me_password", access=Access.PERSON, run=change_password),
    Endpoint(method="POST", path="/me/sign-out", name="me_sign_out", access=Access.PERSON, run=leave_everywhere),
)
