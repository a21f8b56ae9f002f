"""Page of the people of a practice: invite, change a role, disable, reset."""

from reports.console import acts
from reports.console.auth import members
from reports.console.auth.accounts import LINK_S
from reports.console.console import see_other
from reports.console.csv_out import csv_reply
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role
from reports.web.entered import Entered

ROLES = (
    (Role.AUDITOR, "Auditor: reads"),
    (Role.MANAGER, "Manager: devices, codes, waivers, policy"),
    (Role.ADMINISTRATOR, "Administrator: people, sign-in, channels"),
)


def show(ask: Ask) -> Reply:
    """Who is here."""
    return _page(ask, Entered(ask.query), status=200)


def table(ask: Ask) -> Reply:
    """The same as a file."""
    with ask.console.store.read() as db:
        found = members.listed(db, ask.practice_id)
    rows = [(one.id, one.name, one.email, one.role, "yes" if one.ready else "no", _state(one)) for one in found]
    return csv_reply("people", ("person", "name", "email", "role", "set up", "state"), rows)


def _state(one: members.Member) -> str:
    return "disabled" if one.disabled else "active"


def invite(ask: Ask) -> Reply:
    """Somebody new; the link is shown once."""
    assert ask.form is not None
    entered = Entered(ask.form)
    email = entered.email("email", "E-mail address").lower()
    name = entered.line("name", "Name", longest=120)
    role = Role(entered.choice("role", "Role", tuple(Role)))
    if entered.faults:
        return _page(ask, entered, status=422)
    try:
        with ask.console.store.write() as db:
            person_id, token = members.invite(
                db, ask.console, practice_id=ask.practice_id, email=email, name=name, role=role
            )
            acts.record_for(db, ask, "person.invited", target=person_id, detail=f"{email} as {role}")
    except Refusal as error:
        entered.wrong("email", error.sentence)
        return _page(ask, entered, status=error.status)
    return _link(ask, email, token)


def change_role(ask: Ask) -> Reply:
    """Another role, for good."""
    assert ask.form is not None
    entered = Entered(ask.form)
    wanted = entered.choice("role", "Role", tuple(Role))
    if entered.faults:
        raise Refusal(status=422, code="role", sentence="Choose one of the three roles.")
    person_id = ask.path["person_id"]
    with ask.console.store.write() as db:
        members.change_role(db, practice_id=ask.practice_id, person_id=person_id, role=Role(wanted))
        acts.record_for(db, ask, "person.role", target=person_id, detail=wanted)
    return see_other("/people")


def disable(ask: Ask) -> Reply:
    """No way in from now on."""
    person_id = ask.path["person_id"]
    with ask.console.store.write() as db:
        members.let_go(db, practice_id=ask.practice_id, person_id=person_id)
        acts.record_for(db, ask, "person.disabled", target=person_id)
    return see_other("/people")


def enable(ask: Ask) -> Reply:
    """In again."""
    person_id = ask.path["person_id"]
    with ask.console.store.write() as db:
        members.let_back(db, practice_id=ask.practice_id, person_id=person_id)
        acts.record_for(db, ask, "person.enabled", target=person_id)
    return see_other("/people")


def reset(ask: Ask) -> Reply:
    """A new link for somebody who lost a password or an app."""
    person_id = ask.path["person_id"]
    if ask.caller is not None and ask.caller.id == person_id:
        raise Refusal(status=409, code="self", sentence="Another administrator has to reset your account.")
    with ask.console.store.write() as db:
        email = members.member_of(db, ask.practice_id, person_id).email
        token = members.reset(db, ask.console, practice_id=ask.practice_id, person_id=person_id)
        acts.record_for(db, ask, "person.reset", target=person_id)
    return _link(ask, email, token)


def _link(ask: Ask, email: str, token: str | None) -> Reply:
    address = None if token is None else f"{ask.here}/first/{token}"
    made: Reply = ask.console.page("people_link.html", ask, email=email, address=address, hours=LINK_S // 3600)
    return made


def _page(ask: Ask, entered: Entered, *, status: int) -> Reply:
    with ask.console.store.read() as db:
        found = members.listed(db, ask.practice_id)
    typed = {name: entered.raw(name)[:254] for name in ("email", "name", "role")}
    made: Reply = ask.console.page(
        "people.html", ask, status=status, people=found, roles=ROLES, values=typed, faults=entered.faults
    )
    return made


def _act(path: str, name: str, run: object) -> Endpoint:
    """One that only an administrator may do."""
    assert callable(run)
    return Endpoint(method="POST", path=path, name=name, access=Access.PERSON, run=run, role=Role.ADMINISTRATOR)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/people", name="people", access=Access.PERSON, run=show),
    Endpoint(method="GET", path="/people.csv", name="people_csv", access=Access.PERSON, run=table),
    _act("/people", "people_invite", invite),
    _act("/people/{person_id}/role", "people_role", change_role),
    _act("/people/{person_id}/disable", "people_disable", disable),
    _act("/people/{person_id}/enable", "people_enable", enable),
    _act("/people/{person_id}/reset", "people_reset", reset),
)
