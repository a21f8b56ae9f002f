"""What devices speak to: `/v1`. Each request is bounded, its signature checked, and its answer true when it is sent."""

import asyncio
import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from reports.console.auth.attempts import near
from reports.console.console import Console
from reports.console.intake import enrolment, shapes, signatures
from reports.console.intake.arrivals import Arrival
from reports.console.intake.directive import saying
from reports.console.intake.keys import Agent, Keys
from reports.console.intake.sentences import refusal
from reports.console.intake.signatures import Claim, Message
from reports.console.intake.trials import take_trial
from reports.console.intake.watch import Watch
from reports.console.intake.writer import Writer
from reports.console.model import Refusal
from reports.console.sealed import SealError
from reports.console.store.engine import StoreError
from reports.signing import COVERED, TAG
from reports.web.bounded import Pace, body_of

LOG = logging.getLogger(__name__)
BODY_BYTES = 256 << 10
SMALL_BYTES = 16 << 10
PACE = Pace()
ENROL_TAG = "scrubin-enrol"
WITH_BODY = COVERED[:4]
WITHOUT_BODY = COVERED[:3]
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
ETAGS = 50_000
NOTED = frozenset(
    {
        "revoked",
        "signature",
        "replayed",
        "wrong_device",
        "conflict",
        "unknown_key",
        "clock",
        "shape",
        "too_large",
        "slow",
    }
)
"""Refusals that the audit log has a line for; enrolment notes its own."""
ENDS_MEMORY = frozenset({"revoked", "signature", "unknown_key"})
"""After these, the database is asked again whose key it is."""

Handler = Callable[[Request], Awaitable[Response]]


def device_routes(console: Console, writer: Writer, *, pace: Pace = PACE) -> list[BaseRoute]:
    """All of them."""
    door = _Door(console, writer, pace)
    routes: list[tuple[str, str, Handler]] = [
        ("GET", "/v1/hello", door.hello),
        ("POST", "/v1/enrol/preview", door.preview),
        ("POST", "/v1/enrol", door.enrol),
        ("POST", "/v1/reports", door.report),
        ("GET", "/v1/directive", door.directive),
        ("POST", "/v1/trials", door.trial),
        ("POST", "/v1/leave", door.leave),
    ]
    return [Route(path, door.answering(run), methods=[method]) for method, path, run in routes]


class _Door:
    """Handlers of one process, and what they remember."""

    def __init__(self, console: Console, writer: Writer, pace: Pace) -> None:
        self._console = console
        self._writer = writer
        self._pace = pace
        self._keys = Keys(console)
        self._watch = Watch(console)
        self._nonces = signatures.Nonces(console.clock)
        self._newcomers = signatures.Nonces(console.clock)
        """Of enrolments, which anybody can sign: were they among the others, strangers could fill those up."""
        self._etags: dict[str, tuple[int, str]] = {}

    async def hello(self, request: Request) -> Response:
        """Shows a device that it speaks to a console, and when it is."""
        return _json({"schema": "scrubin/hello/1", "time": self._time()})

    async def preview(self, request: Request) -> Response:
        """Whom a code is from."""
        code = shapes.read_preview(await self._body(request, SMALL_BYTES)).code
        return _json(await run_in_threadpool(enrolment.preview, self._console, code, self._peer(request), self._watch))

    async def enrol(self, request: Request) -> Response:
        """A laptop becomes an agent. It signs with the key that it brings, which proves that it has it."""
        body = await self._body(request, SMALL_BYTES)
        message, claim = self._claimed(request)
        shape = shapes.read_enrol(body)
        if claim.key_id != shape.public_key:
            raise refusal("signature", "The request is not signed with the key that it brings.")
        signatures.verify(message, body, claim, public_key=shape.public_key, tag=ENROL_TAG, covered=WITH_BODY)
        self._newcomers.use(claim)
        previous = request.headers.get("scrubin-previous", "")
        asked = enrolment.Request(shape=shape, body=body, previous=previous, peer=self._peer(request))
        answer = await run_in_threadpool(enrolment.enrol, self._console, asked, self._watch)
        self._keys.forget(answer["agent_id"])
        return _json(answer, status=201)

    async def report(self, request: Request) -> Response:
        """One letter, answered after it is on the disk."""
        body = await self._body(request, BODY_BYTES)
        agent, message = await self._signed(request, body, COVERED)
        arrival = Arrival(
            agent_id=agent.id,
            public_key=agent.public_key,
            letter=shapes.read_letter(body),
            body=body,
            digest=hashlib.sha256(body).hexdigest(),
            link=signatures.link_of(message.headers),
            proof=signatures.proof_of(message, agent.public_key),
        )
        taken = await asyncio.wrap_future(self._writer.take(arrival))
        serial, etag = self._etags.get(agent.id, (0, ""))
        answer = {"schema": "scrubin/accepted/1", "id": taken.id, "directive": etag if serial == taken.serial else ""}
        return _json(answer, status=200 if taken.known else 202)

    async def directive(self, request: Request) -> Response:
        """What the practice wants, signed."""
        agent, _ = await self._signed(request, None, WITHOUT_BODY)
        said = await run_in_threadpool(saying, self._console, agent.id)
        if len(self._etags) >= ETAGS:
            self._etags.clear()
        self._etags[agent.id] = (said.serial, said.etag)
        headers = {**HEADERS, "etag": f'"{said.etag}"', "scrubin-signature": f":{said.signature}:"}
        if request.headers.get("if-none-match", "").strip().removeprefix("W/").strip('"') == said.etag:
            return Response(status_code=304, headers=headers)
        return Response(said.body, headers=headers, media_type="application/json")

    async def trial(self, request: Request) -> Response:
        """How a device would stand under a draft."""
        body = await self._body(request, SMALL_BYTES)
        agent, _ = await self._signed(request, body, WITH_BODY)
        await run_in_threadpool(take_trial, self._console, agent, shapes.read_trial(body))
        return _json({"schema": "scrubin/taken/1"}, status=202)

    async def leave(self, request: Request) -> Response:
        """The laptop leaves the practice."""
        body = await self._body(request, SMALL_BYTES)
        agent, _ = await self._signed(request, body, WITH_BODY)
        shapes.read_leave(body)
        await run_in_threadpool(enrolment.leave, self._console, agent)
        self._keys.forget(agent.id)
        return _json({"schema": "scrubin/left/1"})

    async def _body(self, request: Request, limit: int) -> bytes:
        """Raises Refusal."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind != "application/json":
            raise refusal("type")
        return await body_of(request, limit=limit, pace=self._pace)

    async def _signed(self, request: Request, body: bytes | None, covered: tuple[str, ...]) -> tuple[Agent, Message]:
        """Who signed it. Raises Refusal."""
        message, claim = self._claimed(request)
        # The writer looks again whose key it is; what else is asked for has nobody behind it that would.
        agent = self._keys.remembered(claim.key_id) if covered is COVERED else None
        if agent is None or not _fits(message, body, claim, agent, covered):
            # Not known yet, or it has had another key since; whichever it is, the database knows.
            agent = await run_in_threadpool(self._keys.look_up, claim.key_id)
        request.state.agent = agent
        if agent.ended:
            raise refusal("revoked")
        if covered is not COVERED or self._keys.remembered(claim.key_id) is not agent:
            signatures.verify(message, body, claim, public_key=agent.public_key, tag=TAG, covered=covered)
            self._keys.remember(agent)
        self._nonces.use(claim)
        return agent, message

    def _claimed(self, request: Request) -> tuple[Message, Claim]:
        """The request as the device signed it: the address by which it knows the console may be a proxy's."""
        here = self._console.public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
        headers = signatures.headers_of(request.headers)
        claim = signatures.claim_of(headers)
        signatures.fresh(claim, now=self._console.now())
        return Message(method=request.method, url=here + request.scope["path"], headers=headers), claim

    def _peer(self, request: Request) -> str:
        """Whom wrong codes count against."""
        return near("" if request.client is None else request.client.host, behind_proxy=bool(self._console.public_url))

    def _time(self) -> str:
        return datetime.fromtimestamp(self._console.now(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def answering(self, run: Handler) -> Handler:
        """Refusals as problems, and those that matter noted."""

        async def answer(request: Request) -> Response:
            try:
                return await run(request)
            except Refusal as error:
                await run_in_threadpool(self._note, request, error.code)
                return self._problem(error)
            except StoreError as error:
                LOG.error("%s: %s", request.scope["path"], error.trouble)
                return self._problem(refusal("database"))
            except SealError:
                LOG.error("the practice's key can't be opened: is console.key the one that belongs to this database?")
                return self._problem(refusal("database"))

        return answer

    def _note(self, request: Request, code: str) -> None:
        agent: Agent | None = getattr(request.state, "agent", None)
        if agent is not None and code in ENDS_MEMORY:
            self._keys.forget(agent.id)
        if code in NOTED:
            practice_id, who = (None, "") if agent is None else (agent.practice_id, agent.id)
            self._watch.note(code, practice_id=practice_id, who=who)

    def _problem(self, error: Refusal) -> Response:
        """RFC 9457, with the console's time: a device whose clock is wrong can say so."""
        body = {
            "type": "about:blank",
            "title": error.code,
            "status": error.status,
            "detail": error.sentence,
            "code": error.code,
            "time": self._time(),
        }
        kind = "application/problem+json"
        return Response(msgspec.json.encode(body), error.status, {**HEADERS, **error.headers}, kind)


def _fits(message: Message, body: bytes | None, claim: Claim, agent: Agent, covered: tuple[str, ...]) -> bool:
    try:
        signatures.verify(message, body, claim, public_key=agent.public_key, tag=TAG, covered=covered)
    except Refusal:
        return False
    return True


def _json(body: Mapping[str, Any], *, status: int = 200) -> Response:
    return Response(msgspec.json.encode(body), status, HEADERS, "application/json")
