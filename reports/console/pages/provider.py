"""Sign-in through a practice's own OpenID provider, there and back, and the page that sets it up."""

import base64
import json
from dataclasses import asdict
from urllib.parse import quote

from starlette.requests import cookie_parser

from reports.console import acts
from reports.console.auth import oidc, oidc_wire, providers
from reports.console.auth.callers import own_path, same
from reports.console.console import see_other
from reports.console.model import Access, Ask, Endpoint, Refusal, Reply, Role, not_found
from reports.console.sealed import SealError
from reports.web.entered import Entered

COOKIE = "scrubin-provider"
WAIT_S = 600
"""How long somebody may take at the provider."""
BACK = "/sign-in/provider"
LONGEST_CODE = 4000


def begin(ask: Ask) -> Reply:
    """Off to the provider. What must come back unchanged waits in a sealed cookie of this browser."""
    provider = providers.provider_of(ask.console, ask.path["practice_id"])
    if provider is None:
        raise not_found()
    onward = ask.query.get("next", "/")
    address, started = oidc.begin(provider, redirect_uri=ask.here + BACK, onward=onward[:300], now=ask.console.now())
    sealed = ask.console.seal.close(json.dumps(asdict(started)).encode(), name=COOKIE)
    text = base64.urlsafe_b64encode(sealed).decode()
    return Reply(status=303, headers={"location": address, "set-cookie": _cookie(ask, text, WAIT_S)})


def back(ask: Ask) -> Reply:
    """Back from the provider. Raises Refusal."""
    started = _started(ask)
    provider = providers.provider_of(ask.console, started.practice_id)
    code = ask.query.get("code", "")
    if "error" in ask.query or not 0 < len(code) <= LONGEST_CODE or provider is None:
        raise oidc.trouble("Your organisation's sign-in did not let you in. Start again.", status=401)
    vouched = oidc.finish(provider, started, code=code, redirect_uri=ask.here + BACK, now=ask.console.now())
    token = providers.let_in(ask.console, started.practice_id, vouched)
    headers = {"location": own_path(started.next), "set-cookie": _cookie(ask, "", 0)}
    return Reply(status=303, headers=headers, session=token)


def _started(ask: Ask) -> oidc.Started:
    """What this browser set out with, if this is its answer. Raises Refusal."""
    text = cookie_parser(ask.headers.get("cookie", "")).get(_name(ask), "")
    try:
        sealed = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
        started = oidc.Started(**json.loads(ask.console.seal.open(sealed, name=COOKIE)))
    except (ValueError, TypeError, SealError) as error:
        raise _astray() from error
    state = ask.query.get("state", "")
    fresh = started.at <= ask.console.now() < started.at + WAIT_S
    if not fresh or not same(started.state, state):
        raise _astray()
    return started


def _astray() -> Refusal:
    sentence = "This sign-in was not begun in this browser, or took too long. Start again from the sign-in page."
    return Refusal(status=400, code="state", sentence=sentence)


def _name(ask: Ask) -> str:
    return f"__Host-{COOKIE}" if ask.here.startswith("https://") else COOKIE


def _cookie(ask: Ask, text: str, seconds: int) -> str:
    secure = "; Secure" if ask.here.startswith("https://") else ""
    return f"{_name(ask)}={text}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


def show(ask: Ask) -> Reply:
    """How the practice's people sign in."""
    return _form(ask, Entered(ask.query), status=200)


def keep(ask: Ask) -> Reply:
    """Set the provider up. It is asked once, so that a slip shows now and to whoever made it."""
    assert ask.form is not None
    entered = Entered(ask.form)
    issuer = entered.line("issuer", "Issuer", longest=255)
    client_id = entered.line("client_id", "Client ID", longest=255)
    secret = entered.line("secret", "Client secret", longest=500, needed=False)
    if issuer and not oidc_wire.fits(issuer):
        entered.wrong("issuer", "Issuer: an address that begins with https://, as the provider writes it.")
    provider = oidc.Provider(practice_id=ask.practice_id, issuer=issuer, client_id=client_id, secret=secret)
    if not entered.faults:
        try:
            oidc.begin(provider, redirect_uri=ask.here + BACK, onward="/", now=ask.console.now())
        except Refusal:
            entered.wrong("issuer", "Issuer: no OpenID provider answers there under exactly this address.")
    if entered.faults:
        return _form(ask, entered, status=422)
    # The secret that is set goes to the provider that it was made for, and to no address given later.
    known = providers.provider_of(ask.console, ask.practice_id)
    elsewhere = known is not None and known.issuer != issuer
    secret_too = bool(secret) or elsewhere or entered.ticked("public")
    with ask.console.store.write() as db:
        providers.keep(db, ask.console, provider, secret_too=secret_too)
        acts.record_for(db, ask, "settings.sign_in", target=issuer)
    return see_other("/settings/sign-in")


def drop(ask: Ask) -> Reply:
    """Passwords alone again."""
    with ask.console.store.write() as db:
        providers.drop(db, ask.console, ask.practice_id)
        acts.record_for(db, ask, "settings.sign_in_removed")
    return see_other("/settings/sign-in")


def _form(ask: Ask, entered: Entered, *, status: int) -> Reply:
    now = providers.provider_of(ask.console, ask.practice_id)
    values = {"issuer": "", "client_id": ""} if now is None else {"issuer": now.issuer, "client_id": now.client_id}
    typed = {name: entered.raw(name) for name in ("issuer", "client_id") if entered.raw(name)}
    made: Reply = ask.console.page(
        "sign_in_settings.html",
        ask,
        status=status,
        values={**values, **typed},
        faults=entered.faults,
        provider=now,
        back=ask.here + BACK,
        start=f"{ask.here}{BACK}/{quote(ask.practice_id)}",
    )
    return made


SETTINGS = "/settings/sign-in"
ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(method="GET", path=BACK, name="provider_back", access=Access.ANYBODY, run=back),
    Endpoint(method="GET", path=BACK + "/{practice_id}", name="provider_begin", access=Access.ANYBODY, run=begin),
    Endpoint(method="GET", path=SETTINGS, name="provider", access=Access.PERSON, run=show, role=Role.ADMINISTRATOR),
    Endpoint(
        method="POST", path=SETTINGS, name="provider_keep", access=Access.PERSON, run=keep, role=Role.ADMINISTRATOR
    ),
    Endpoint(
        method="POST",
        path=SETTINGS + "/remove",
        name="provider_drop",
        access=Access.PERSON,
        run=drop,
        role=Role.ADMINISTRATOR,
    ),
)
