"""The page behind a one-time link: a password and a second factor for a new account, or for one that was reset."""

import base64

from markupsafe import Markup

from reports.console.auth import first, passwords, second
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply
from reports.console.sealed import SealError
from reports.web.entered import Entered

LONGEST_NAME = 120
BEFORE = "first-secret:"
"""What the new secret is sealed under on its way through the form, with the link's own token behind."""


def show(ask: Ask) -> Reply:
    """The form, with a secret of its own."""
    holder = first.holder_of(ask.console, ask.path["token"])
    return _form(ask, holder, second.new_secret(), Entered(ask.query), status=200)


def take(ask: Ask) -> Reply:
    """Take it. What was wrong is said beside each field; the secret stays, since the app holds it by then."""
    assert ask.form is not None
    holder = first.holder_of(ask.console, ask.path["token"])
    entered = Entered(ask.form)
    secret = _opened(ask, entered.raw("sealed"))
    name = entered.line("name", "Your name", longest=LONGEST_NAME)
    password = entered.raw("password")
    fault = passwords.fault_of(password, about=holder.email)
    if fault is not None:
        entered.wrong("password", fault)
    elif entered.raw("again") != password:
        entered.wrong("again", "The two passwords differ.")
    step = second.step_of(secret, entered.raw("code"), ask.console.now())
    if step is None:
        entered.wrong("code", "That is not the code that the app shows now. See that the phone's clock is right.")
    if entered.faults or step is None:
        return _form(ask, holder, secret, entered, status=422)
    token = first.settle(ask.console, ask.path["token"], name=name, password=password, secret=secret, step=step)
    return Reply(status=303, headers={"location": "/"}, session=token)


def _form(ask: Ask, holder: object, secret: str, entered: Entered, *, status: int) -> Reply:
    email, name = str(getattr(holder, "email", "")), str(getattr(holder, "name", ""))
    sealed = ask.console.seal.close(secret.encode(), name=BEFORE + ask.path["token"])
    made: Reply = ask.console.page(
        "first.html",
        ask,
        status=status,
        email=email,
        values={"name": entered.raw("name") or name},
        faults=entered.faults,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        # segno made it of our own text: a drawing without styles, scripts or links.
        drawing=Markup(second.drawn(second.address_of(secret, email))),  # noqa: S704
        sealed=base64.urlsafe_b64encode(sealed).decode(),
        shortest=passwords.SHORTEST,
        token=ask.path["token"],
    )
    return made


def _opened(ask: Ask, text: str) -> str:
    """The secret that the form carried. Raises Refusal."""
    try:
        sealed = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        return str(ask.console.seal.open(sealed, name=BEFORE + ask.path["token"]), "ascii")
    except (ValueError, SealError) as error:
        raise Refusal(status=400, code="form", sentence="The form can't be read. Open the link again.") from error


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path="/first/{token}", name="first", access=Access.ANYBODY, run=show),
    Endpoint(method="POST", path="/first/{token}", name="first_take", access=Access.ANYBODY, run=take),
)
