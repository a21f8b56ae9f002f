"""Is it in the record? Asks a FHIR R4 server for a patient's documents and photographs, and compares each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from agent.stored.fhir_match import ID, Match, Reader, match
from agent.stored.model import Asked, Because, Look, LookError
from agent.stored.wire import Wire

FHIR_JSON = "application/fhir+json"
KINDS = frozenset({FHIR_JSON, "application/json"})
NO_SUCH_KIND = frozenset({400, 403, 404, 410, 501})
MOST_PAGES = 5
PAGE = 50
"""Documents that are asked for at once; a server may send more, within the bytes of one answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of resource in which a picture may lie."""

    name: str
    since: str
    """Its search parameter for a day."""
    elements: str
    needed: bool
    """Whether every server of this version has it."""


SEARCHED = (
    Kind(name="DocumentReference", since="date", elements="status,docStatus,subject,date,content", needed=True),
    Kind(name="Media", since="created", elements="status,subject,created,content", needed=False),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One answer to a search."""

    resources: tuple[Mapping[str, Any], ...]
    following: str
    """Where the next one is, behind the server's root; "" where this is the last."""


def look(asked: Asked, wire: Wire) -> Look:
    """Look once. Raises LookError."""
    if not asked.patient:
        return Look(because=Because.NO_NUMBER)
    patient = _patient(asked.patient, wire)
    if patient is None:
        return Look(because=Because.NO_SUCH_PATIENT)
    reader = Reader(asked=asked, wire=wire, patient=patient)
    best = Match(because=Because.NOT_THERE)
    for kind in SEARCHED:
        for found in _matches(reader, kind):
            best = max(best, found, key=lambda one: one.weight)
            if best.because is Because.SAME:
                return Look(because=best.because, reference=best.reference)
    return Look(because=best.because, reference=best.reference)


def _patient(number: str, wire: Wire) -> str | None:
    """The server's own id of the one patient who has this number; None where nobody has. Raises LookError."""
    query = f"/Patient?identifier={_token(number)}&_elements=identifier&_count=3"
    page = _page(wire, query)
    named = [one for one in page.resources if one.get("resourceType") == "Patient" and _has_number(one, number)]
    if len(named) > 1 or page.following:
        raise LookError(Because.SEVERAL_PATIENTS)
    if not named:
        return None
    patient = named[0].get("id")
    if not isinstance(patient, str) or not ID.fullmatch(patient):
        raise LookError(Because.ODD_ANSWER)
    return patient


def _has_number(patient: Mapping[str, Any], number: str) -> bool:
    """A server may have searched loosely, or not at all: the number itself must stand there."""
    identifiers = patient.get("identifier")
    if not isinstance(identifiers, list):
        return False
    return any(isinstance(one, dict) and one.get("value") == number and one.get("use") != "old" for one in identifiers)


def _token(number: str) -> str:
    """As a search parameter, in which four signs would mean something else."""
    marked = "".join(f"\\{one}" if one in "\\|,$" else one for one in number)
    return quote(marked, safe="")


def _matches(reader: Reader, kind: Kind) -> Iterator[Match]:
    day = reader.asked.taken_day
    # The day before: the server's clock may stand in another zone.
    since = "" if day is None else f"&{kind.since}=ge{(day - timedelta(days=1)).isoformat()}"
    place = f"/{kind.name}?patient=Patient/{reader.patient}{since}&_elements={kind.elements}&_count={PAGE}"
    for number in range(MOST_PAGES):
        try:
            page = _page(reader.wire, place)
        except LookError as error:
            if kind.needed or number or error.status not in NO_SUCH_KIND:
                raise
            return  # such a server keeps no photographs beside its documents
        yield from (match(reader, one) for one in page.resources if one.get("resourceType") == kind.name)
        if not page.following:
            return
        place = page.following
    yield Match(because=Because.TOO_MANY)


def _page(wire: Wire, place: str) -> Page:
    """One answer, which must be that of a search. Raises LookError."""
    body = wire.get_json(place, accept=FHIR_JSON, kinds=KINDS)
    if not isinstance(body, dict) or body.get("resourceType") != "Bundle" or body.get("type") != "searchset":
        raise LookError(Because.ODD_ANSWER)
    entries = body.get("entry", [])
    if not isinstance(entries, list):
        raise LookError(Because.ODD_ANSWER)
    resources = [one.get("resource") for one in entries if isinstance(one, dict) and not _is_beside(one)]
    return Page(resources=tuple(one for one in resources if isinstance(one, dict)), following=_following(wire, body))


def _is_beside(entry: Mapping[str, Any]) -> bool:
    """Whether it is no hit of the search, but what the server says of it or puts beside it."""
    search = entry.get("search")
    return isinstance(search, dict) and search.get("mode", "match") != "match"


def _following(wire: Wire, body: Mapping[str, Any]) -> str:
    links = body.get("link", [])
    if not isinstance(links, list):
        raise LookError(Because.ODD_ANSWER)
    for one in links:
        if isinstance(one, dict) and one.get("relation") == "next":
            place = wire.within(one["url"]) if isinstance(one.get("url"), str) else None
            # Somewhere else our access would be handed to strangers.
            if place is None:
                raise LookError(Because.ODD_ANSWER)
            return place
    return ""
