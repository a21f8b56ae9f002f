"""The page as a web application: one door for every request, which lets in the clinician's own browser only.

Other web sites, other accounts of this laptop and other programs get the same short refusal. What holds them off: the
name in the address, which nobody can guess (so that no other site can point a name of its own here, and no other server
on this laptop is sent our cookie), the session's cookie, and, for whatever changes something, the origin of the form.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from agent.exits import CannotRun
from agent.fault import attempt
from agent.page.keys import TOKEN_BYTES, Keys
from agent.page.model import Ask, Endpoint, Refusal, Reply, not_found
from agent.page.page import STATIC, Page
from reports.web.answers import HEADERS
from reports.web.bounded import Pace, body_of, form_of
from reports.web.pages import static

LOG = logging.getLogger(__name__)
BODY_BYTES = 64 << 10
FIELDS = 2_000
PACE = Pace()
COOKIE = "scrubin"
TOKEN = re.compile(rf"[0-9a-f]{{{2 * TOKEN_BYTES}}}")
OWN = frozenset({"same-origin", "none"})
"""What a browser says of a request that its own page made, or that the person typed."""
SHUT = "This page belongs to somebody who works at this laptop. Open your own: scrubin page"
FAULT = "A fault of scrubin's own. Nothing was changed by it that you did not confirm. Please tell us: scrubin doctor"
USED = "This link was used already, or is too old. Open the page again: scrubin page"


def application(
    page: Page, keys: Keys, endpoints: Sequence[Endpoint], *, host: str, seen: Callable[[], None]
) -> Starlette:
    """All routes. `host` is the name and port in the address; `seen` hears of each request that was let in."""
    routes: list[BaseRoute] = [
        Route("/open/{token}", _opener(page, keys, seen), methods=["GET"], name="open"),
        Mount("/static", static(STATIC), name="static"),
        *(Route(one.path, _handler(page, keys, one, seen), methods=[one.method], name=one.name) for one in endpoints),
    ]
    missing = _missing(page, keys)
    made = Starlette(
        routes=routes,
        exception_handlers={404: missing, 405: missing},
        middleware=[Middleware(Door, host=host)],
    )
    made.router.redirect_slashes = False  # it would say which addresses there are, before anybody proved who they are
    return made


class Door:
    """Turns away whatever does not bear our own name, or was sent by another site, before anything else looks at it."""

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app, self._host = app, host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if self._is_foreign(Request(scope)):
            await Response(SHUT, 403, HEADERS, "text/plain")(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_foreign(self, request: Request) -> bool:
        if request.headers.getlist("host") != [self._host]:
            return True
        origin = request.headers.get("origin")
        if origin is not None and origin != f"http://{self._host}":
            return True
        sent_by = request.headers.get("sec-fetch-site")
        if request.method in ("GET", "HEAD"):
            # The link itself is opened from a file or a terminal.
            return sent_by is not None and sent_by not in OWN and not request.url.path.startswith("/open/")
        return origin is None or sent_by not in (None, "same-origin")


def _opener(page: Page, keys: Keys, seen: Callable[[], None]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        token = request.path_params["token"]
        session = keys.open(token) if TOKEN.fullmatch(token) else None
        if session is None:
            return _refusal(page, Refusal(status=403, code="link", sentence=USED))
        seen()
        # Not a redirect: the browser would take what follows for a visit from outside, and leave the cookie at home.
        made = Response(page.jinja.get_template("opened.html").render(), 200, HEADERS, "text/html")
        made.set_cookie(COOKIE, session, path="/", httponly=True, samesite="strict")
        return made

    return answer


def _handler(
    page: Page, keys: Keys, endpoint: Endpoint, seen: Callable[[], None]
) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        try:
            _admit(keys, request)
            seen()
            form = await _form(request) if endpoint.method == "POST" else None
            return _out(await run_in_threadpool(_answered, page, endpoint, request, form))
        except Refusal as error:
            return _refusal(page, error)

    return answer


def _answered(page: Page, endpoint: Endpoint, request: Request, form: FormData | None) -> Reply:
    """In a thread. Raises Refusal."""
    ask = Ask(
        page=page,
        at=page.now(),
        path={key: str(value) for key, value in request.path_params.items()},
        query=request.query_params,
        form=form,
    )
    whole, answer = attempt(lambda: _run(endpoint, ask), what=endpoint.name, log=LOG)
    if not whole or answer is None:
        raise Refusal(status=500, code="fault", sentence=FAULT)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _run(endpoint: Endpoint, ask: Ask) -> Reply | Refusal:
    try:
        return endpoint.run(ask)
    except Refusal as error:
        return error
    except CannotRun as error:
        return Refusal(status=503, code="cannot_run", sentence=str(error))


def _admit(keys: Keys, request: Request) -> None:
    """Raises Refusal."""
    session = request.cookies.get(COOKIE, "")
    if not TOKEN.fullmatch(session) or not keys.holds(session):
        raise Refusal(status=403, code="session", sentence=SHUT)


async def _form(request: Request) -> FormData:
    """Raises Refusal."""
    return form_of(request, await body_of(request, limit=BODY_BYTES, pace=PACE), fields=FIELDS)


def _missing(page: Page, keys: Keys) -> Callable[[Request, Exception], Awaitable[Response]]:
    async def answer(request: Request, _: Exception) -> Response:
        try:
            _admit(keys, request)
        except Refusal as error:
            return _refusal(page, error)
        return _refusal(page, not_found())

    return answer


def _refusal(page: Page, refusal: Refusal) -> Response:
    text = page.jinja.get_template("refused.html").render(refusal=refusal)
    return Response(text, refusal.status, {**HEADERS, **refusal.headers}, "text/html")


def _out(reply: Reply) -> Response:
    return Response(reply.content, reply.status, {**HEADERS, **reply.headers}, reply.kind)
