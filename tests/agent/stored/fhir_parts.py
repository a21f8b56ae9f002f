"""A small FHIR R4 server with a memory: answers in the shapes that real ones do, and remembers what it was asked."""

import base64
import contextlib
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from stored_parts import PATIENT, picture

PAGE = 2
"""Documents on one page, however many are asked for."""
FHIR = "application/fhir+json"
ID = "pat-001"


@dataclass
class Heard:
    """One question."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass
class FakeRecord:
    """What a record system knows. `meddle` may change what it says, or answer in its place."""

    patients: dict[str, list[str]] = field(default_factory=lambda: {ID: [PATIENT], "pat-002": ["MRN 2"]})
    """Ids, with the numbers of each."""
    documents: list[dict[str, Any]] = field(default_factory=list)
    binaries: dict[str, bytes] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    """Those that let somebody in; none are asked for where there are none."""
    meddle: Callable[[Request, Any], Any] = lambda request, body: body
    url: str = ""

    def begin_anew(self) -> None:
        """Forget all, and stay where it is."""
        fresh = type(self)(url=self.url)
        vars(self).update(vars(fresh))

    async def answer(self, request: Request) -> Response:
        query = dict(request.query_params)
        heard = Heard(request.method, request.url.path, query, dict(request.headers), await request.body())
        self.heard.append(heard)
        if self.tokens and heard.headers.get("authorization") not in [f"Bearer {one}" for one in self.tokens]:
            return Response(status_code=401)
        body = self.meddle(request, self._body(request))
        if isinstance(body, Response):
            return body
        if isinstance(body, bytes):
            return Response(body, media_type="image/jpeg")
        return Response(json.dumps(body), media_type=FHIR, status_code=404 if body is None else 200)

    def _body(self, request: Request) -> Any:
        name = request.path_params["name"]
        if name.startswith("Binary/"):
            return self.binaries.get(name.removeprefix("Binary/"))
        if name == "Patient":
            return bundle([self._patient(one) for one in self.patients if self._is(one, request)])
        if name in ("DocumentReference", "Media"):
            return self._documents(name, request)
        return None

    def _is(self, patient: str, request: Request) -> bool:
        number = request.query_params["identifier"].replace("\\|", "|").replace("\\\\", "\\")
        return number in self.patients[patient]

    def _patient(self, patient: str) -> dict[str, Any]:
        numbers = [{"system": "urn:x", "value": one} for one in self.patients[patient]]
        return {"resourceType": "Patient", "id": patient, "identifier": numbers}

    def _documents(self, name: str, request: Request) -> dict[str, Any]:
        start = int(request.query_params.get("_start", "0"))
        patient = request.query_params["patient"]
        mine = [one for one in self.documents if one["resourceType"] == name and _about(one) in (patient, "")]
        more = f"{self.url}/{name}?patient={patient}&_start={start + PAGE}"
        return bundle(mine[start : start + PAGE], more=more if mine[start + PAGE :] else "")


def _about(document: dict[str, Any]) -> str:
    return str(document.get("subject", {}).get("reference", ""))


def bundle(resources: list[Any], *, more: str = "") -> dict[str, Any]:
    links = [{"relation": "next", "url": more}] if more else []
    entries = [{"fullUrl": "urn:x", "resource": one, "search": {"mode": "match"}} for one in resources]
    return {"resourceType": "Bundle", "type": "searchset", "total": len(entries), "link": links, "entry": entries}


def attachment(shown: bytes | None = None, **changes: Any) -> dict[str, Any]:
    """Of a picture, with `None` for what is to be left out."""
    shown = picture() if shown is None else shown
    digest = base64.b64encode(hashlib.sha1(shown).digest()).decode()
    values = {"contentType": "image/jpeg", "url": "Binary/img-001", "size": len(shown), "hash": digest, **changes}
    return {name: value for name, value in values.items() if value is not None}


def document(*attachments: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A DocumentReference as the recorded one, of the usual picture unless others are given."""
    values = {
        "resourceType": "DocumentReference",
        "id": "doc-1",
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "72170-4", "display": "Photographic image"}]},
        "subject": {"reference": f"Patient/{ID}"},
        "date": "2026-11-20T22:00:00+11:00",
        "content": [{"attachment": one} for one in attachments or (attachment(),)],
        **changes,
    }
    return {name: value for name, value in values.items() if value is not None}


def media(one: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    own = {"resourceType": "Media", "status": "completed", "content": one or attachment(), "date": None}
    return document(**{**own, **changes})


@contextlib.contextmanager
def listening(record: FakeRecord) -> Iterator[FakeRecord]:
    """Over HTTP, on a port of its own, until the block ends."""
    app = Starlette(routes=[Route("/fhir/{name:path}", record.answer, methods=["GET", "POST"])])
    with socket.create_server(("127.0.0.1", 0)) as one:
        record.url = f"http://127.0.0.1:{one.getsockname()[1]}/fhir"
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", ws="none", loop="asyncio"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [one]}, daemon=True)
        thread.start()
        yield record
        server.should_exit = True
        thread.join(30)
