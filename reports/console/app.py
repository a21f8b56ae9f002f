"""The console as a web application: every route from its Endpoint, one way in and one way out."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

import msgspec
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Mount, Route

from reports.console.auth.callers import cookie_name, person_of, token_of
from reports.console.console import TEMPLATES, Console, as_json
from reports.console.model import RANK, Access, Ask, Endpoint, Person, Refusal, Reply, Role, Token
from reports.console.store.engine import StoreError
from reports.web.answers import HEADERS
from reports.web.bounded import Pace, body_of, form_of, shape_fault
from reports.web.pages import static

LOG = logging.getLogger(__name__)
STATIC = TEMPLATES.parent / "static"
BODY_BYTES = 256 << 10
FIELDS = 400
PACE = Pace()
ONLY_HTTPS = {"strict-transport-security": "max-age=31536000"}
"""For a browser that came by HTTPS: it comes by nothing else for a year."""


def application(
    console: Console, endpoints: Sequence[Endpoint], devices: Sequence[BaseRoute], *, lifespan: Any = None
) -> Starlette:
    """All routes. `devices` are intake's, which are awaited and answer by themselves."""
    routes: list[BaseRoute] = [*devices, Mount("/static", static(STATIC), name="static")]
    routes += [Route(one.path, _handler(console, one), methods=[one.method], name=one.name) for one in endpoints]
    missing = _missing(console)
    return Starlette(routes=routes, exception_handlers={404: missing, 405: missing}, lifespan=lifespan)


def _missing(console: Console) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        sentence = "There is nothing here under that address."
        headers = {"allow": _allowed(request)} if status == 405 else None
        refusal = Refusal(status=status, code="not_found", sentence=sentence, headers=headers)
        return _out(_refused(console, request, refusal), secure=_secure(console, request))

    return answer


def _allowed(request: Request) -> str:
    """Methods of all routes of a path: each route by itself knows its own only."""
    here = [one for one in request.app.routes if isinstance(one, Route) and one.matches(request.scope)[0] != Match.NONE]
    return ", ".join(sorted({method for one in here for method in one.methods or ()}))


def _handler(console: Console, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        secure = _secure(console, request)
        try:
            return _out(await _answer(console, endpoint, request), secure=secure)
        except Refusal as error:
            return _out(_refused(console, request, error), secure=secure)
        except StoreError as error:
            LOG.error("%s: %s", endpoint.name, error.trouble)
            refusal = Refusal(status=503, code="database", sentence=error.sentence, headers={"retry-after": "30"})
            return _out(_refused(console, request, refusal), secure=secure)

    return answer


def _secure(console: Console, request: Request) -> bool:
    """Whether the browser speaks HTTPS: to us, or to the proxy that stands at the public address."""
    return console.public_url.startswith("https://") or request.url.scheme == "https"


async def _answer(console: Console, endpoint: Endpoint, request: Request) -> Reply:
    raw = await body_of(request, limit=BODY_BYTES, pace=PACE)
    return await run_in_threadpool(_answered, console, endpoint, request, raw)


def _answered(console: Console, endpoint: Endpoint, request: Request, raw: bytes) -> Reply:
    """In a thread: who asks, whether they may, what they sent, and the answer."""
    _storable(request)
    session = request.cookies.get(cookie_name(secure=_secure(console, request)), "")
    caller = _caller(console, endpoint, request, session)
    _permit(endpoint, caller)
    form = body = None
    if endpoint.method not in ("GET", "HEAD"):
        form, body = _sent(console, endpoint, request, caller, raw)
    ask = Ask(
        console=console,
        caller=caller,
        path={key: str(value) for key, value in request.path_params.items()},
        query=request.query_params,
        form=form,
        body=body,
        headers=request.headers,
        peer="" if request.client is None else request.client.host,
        session=session,
        here=_here(console, request),
    )
    return endpoint.run(ask)


def _sent(
    console: Console, endpoint: Endpoint, request: Request, caller: Person | Token | None, raw: bytes
) -> tuple[FormData | None, Any]:
    """A page's form or an API call's body; what a browser sent must come from a page of ours. Raises Refusal."""
    if not isinstance(caller, Token):
        _from_here(console, request)
    if endpoint.access is Access.TOKEN:
        _csrf(caller, request.headers.get("x-csrf-token", ""))
        return None, _body(endpoint, raw)
    form = form_of(request, raw, fields=FIELDS)
    _csrf(caller, str(form.get("csrf", "")))
    return form, None


def _storable(request: Request) -> None:
    """No database holds the character NUL, and PostgreSQL refuses to look for it. Raises Refusal."""
    texts = [*request.path_params.values(), *(part for pair in request.query_params.multi_items() for part in pair)]
    if any("\0" in str(one) for one in texts):
        raise Refusal(status=400, code="text", sentence="The address holds a character that no text has.")


def _caller(console: Console, endpoint: Endpoint, request: Request, session: str) -> Person | Token | None:
    """Who asks. A token opens the API alone: a page would take it from whoever can make a browser send it."""
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if endpoint.access is Access.TOKEN and scheme.lower() == "bearer":
        return token_of(console, secret.strip())
    return person_of(console, session) if session else None


def _permit(endpoint: Endpoint, caller: Person | Token | None) -> None:
    """Raises Refusal."""
    if endpoint.access is Access.ANYBODY:
        return
    if caller is None:
        raise Refusal(status=401, code="sign_in", sentence="Sign in first.")
    if isinstance(caller, Token):
        allowed = endpoint.access is Access.TOKEN and endpoint.scope in caller.scopes
    else:
        allowed = RANK[caller.role] >= RANK[endpoint.role]
    if not allowed:
        raise Refusal(status=403, code="not_allowed", sentence="Your role does not allow this.")


def _from_here(console: Console, request: Request) -> None:
    """A form of another site is refused, also before anybody has signed in. Raises Refusal."""
    origin = request.headers.get("origin")
    if origin is not None and origin != _here(console, request):
        raise Refusal(status=403, code="origin", sentence="This came from another site, so nothing was done.")


def _here(console: Console, request: Request) -> str:
    return console.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"


def _csrf(caller: Person | Token | None, given: str) -> None:
    if isinstance(caller, Person) and not secrets.compare_digest(caller.csrf.encode(), given.encode()):
        raise Refusal(status=403, code="csrf", sentence="This form is out of date. Go back, reload, and try again.")


def _body(endpoint: Endpoint, raw: bytes) -> Any:
    """Raises Refusal."""
    if endpoint.body is None:
        return None
    try:
        return msgspec.json.decode(raw, type=endpoint.body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise Refusal(status=422, code="body", sentence=f"The body does not fit: {shape_fault(error)}.") from error


def _refused(console: Console, request: Request, refusal: Refusal) -> Reply:
    """Programs get a problem (RFC 9457), people a page; who is not signed in is led to where they can."""
    if request.url.path.startswith(("/api/v1/", "/v1/")):
        body = {"type": "about:blank", "title": refusal.code, "status": refusal.status, "detail": refusal.sentence}
        made = as_json({**body, "code": refusal.code}, status=refusal.status, headers=refusal.headers)
        return replace(made, kind="application/problem+json")
    if refusal.code == "sign_in" and request.method == "GET":
        return Reply(status=303, headers={"location": f"/sign-in?{urlencode({'next': request.url.path})}"})
    text = console.jinja.get_template("refused.html").render(
        me=None, practice=None, refusal=refusal, now=console.now(), Role=Role
    )
    return Reply(status=refusal.status, content=text.encode(), headers=refusal.headers)


def _out(reply: Reply, *, secure: bool) -> Response:
    always = {**HEADERS, **ONLY_HTTPS} if secure else HEADERS
    made = Response(reply.content, reply.status, {**always, **reply.headers}, reply.kind)
    name = cookie_name(secure=secure)
    if reply.session == "":
        made.delete_cookie(name, path="/", secure=secure, httponly=True, samesite="lax")
    elif reply.session is not None:
        made.set_cookie(name, reply.session, path="/", secure=secure, httponly=True, samesite="lax")
    return made
