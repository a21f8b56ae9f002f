"""Pages for those who are not signed in: with a password and a code, and out again."""

from urllib.parse import urlencode

from reports.console import acts
from reports.console.auth import providers, sessions, signing_in
from reports.console.auth.callers import own_path, same
from reports.console.console import see_other
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply
from reports.console.pages import first, provider
from reports.web.entered import Entered


def show(ask: Ask) -> Reply:
    """The form."""
    return see_other("/") if ask.caller is not None else _password_form(ask, Entered(ask.query), status=200)


def take_password(ask: Ask) -> Reply:
    """The first step."""
    assert ask.form is not None
    entered = Entered(ask.form)
    email = entered.raw("email")
    try:
        token = signing_in.with_password(ask.console, email=email, password=entered.raw("password"), peer=ask.peer)
    except Refusal as error:
        entered.wrong("email", error.sentence)
        return _password_form(ask, entered, status=error.status, headers=dict(error.headers))
    where = f"/sign-in/code?{urlencode({'next': own_path(entered.raw('next'))})}"
    return Reply(status=303, headers={"location": where}, session=token)


def _password_form(ask: Ask, entered: Entered, *, status: int, headers: dict[str, str] | None = None) -> Reply:
    typed = {"email": entered.raw("email")[:254], "next": own_path(entered.raw("next"))}
    only = providers.only_one(ask.console)
    made = ask.console.page("sign_in.html", ask, status=status, values=typed, faults=entered.faults, only=only)
    return Reply(status=status, content=made.content, headers=headers or {})


def show_code(ask: Ask) -> Reply:
    """The form of the second step."""
    return _code_form(ask, Entered(ask.query), status=200)


def take_code(ask: Ask) -> Reply:
    """The second step."""
    assert ask.form is not None
    entered = Entered(ask.form)
    half = sessions.half_of(ask.console, ask.session)
    if half is None:
        return see_other("/sign-in")
    if not same(half.csrf, entered.raw("csrf")):
        raise Refusal(status=403, code="csrf", sentence="This form is out of date. Go back, reload, and try again.")
    try:
        token = signing_in.with_code(ask.console, half_token=ask.session, code=entered.raw("code"), peer=ask.peer)
    except Refusal as error:
        entered.wrong("code", error.sentence)
        return _code_form(ask, entered, status=error.status, headers=dict(error.headers))
    return Reply(status=303, headers={"location": own_path(entered.raw("next"))}, session=token)


def _code_form(ask: Ask, entered: Entered, *, status: int, headers: dict[str, str] | None = None) -> Reply:
    half = sessions.half_of(ask.console, ask.session)
    if half is None:
        return see_other("/sign-in")
    values = {"next": own_path(entered.raw("next")), "csrf": half.csrf}
    made = ask.console.page("sign_in_code.html", ask, status=status, values=values, faults=entered.faults)
    return Reply(status=status, content=made.content, headers=headers or {})


def leave(ask: Ask) -> Reply:
    """Sign out here."""
    with ask.console.store.write() as db:
        sessions.end(db, ask.session)
        acts.record_for(db, ask, "session.ended")
    return Reply(status=303, headers={"location": "/sign-in"}, session="")


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/sign-in", name="sign_in", access=Access.ANYBODY, run=show),
    Endpoint(method="POST", path="/sign-in", name="sign_in_take", access=Access.ANYBODY, run=take_password),
    Endpoint(method="GET", path="/sign-in/code", name="sign_in_code", access=Access.ANYBODY, run=show_code),
    Endpoint(method="POST", path="/sign-in/code", name="sign_in_code_take", access=Access.ANYBODY, run=take_code),
    Endpoint(method="POST", path="/sign-out", name="sign_out", access=Access.PERSON, run=leave),
    *first.ENDPOINTS,
    *provider.ENDPOINTS,
)
