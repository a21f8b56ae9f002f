"""Whether one document of a FHIR server is the picture: its bytes, whose it is, and whether it still holds."""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from agent.stored.model import Asked, Because, LookError
from agent.stored.wire import Wire, parsed

ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
MEDIA_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,60}")
MOST_ATTACHMENTS = 20
"""Of one document."""
MOST_FETCHED = 5
"""Of one look."""
HASH_BYTES = 20
"""SHA-1, the only one that R4's `hash` may hold; some servers put another there, which then tells nothing."""
CURRENT = {"DocumentReference": "current", "Media": "completed"}
MISTAKE = "entered-in-error"
UNDERSTOOD_NOT = ("modifierExtension", "implicitRules")
"""Whatever stands there may turn the meaning of all the rest around."""
WEIGHTS = {
    one: place
    for place, one in enumerate((
        Because.NOT_THERE, Because.TOO_MANY, Because.NOT_GIVEN_OUT, Because.WITHDRAWN, Because.NO_PATIENT_NAMED,
        Because.OTHER_PATIENT, Because.SAME,
    ))
}  # fmt: skip
"""Of several documents the last in this order decides."""
PATIENT = re.compile(r"(?:[^#?]{1,500}/)?Patient/[A-Za-z0-9.-]{1,64}")
BINARY = frozenset({"application/fhir+json", "application/json"})
AROUND_BYTES = 64 << 10


class Alike(Enum):
    """How an attachment compares with the picture."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What one document says of the picture."""

    because: Because
    reference: str = ""

    @property
    def weight(self) -> int:
        """See WEIGHTS."""
        return WEIGHTS[self.because]


@dataclass(slots=True, kw_only=True)
class Reader:
    """Compares, and fetches what can't be compared otherwise, up to a number."""

    asked: Asked
    wire: Wire
    patient: str
    """The server's own id."""
    fetched: int = field(default=0)

    def fetch(self, address: str, kind: str) -> bytes | None:
        """What lies there; None where it isn't given out, lies elsewhere, or too much was fetched. Raises LookError."""
        place = self.wire.within(address)
        if place is None or self.fetched >= MOST_FETCHED:
            return None
        self.fetched += 1
        accept = kind if MEDIA_TYPE.fullmatch(kind) else "*/*"
        try:
            # In base 64, as some servers give it out, it takes a third more.
            answer = self.wire.get(place, accept=accept, most_bytes=len(self.asked.data) * 3 // 2 + AROUND_BYTES)
        except LookError as error:
            if error.because is Because.ODD_ANSWER:
                return b""  # far larger than the picture, so another file
            raise
        if answer.status != 200:
            return None
        return _binary(answer.body) if answer.kind in BINARY else answer.body


def match(reader: Reader, resource: Mapping[str, Any]) -> Match:
    """Compare one document. Raises LookError where the way to the server breaks."""
    kind = str(resource.get("resourceType"))
    named = resource.get("id")
    reference = f"{kind}/{named}" if isinstance(named, str) and ID.fullmatch(named) else ""
    about, current = _about(reader, resource), _is_current(kind, resource)
    right = about is Because.SAME
    alike = _alike(reader, resource, may_fetch=right and current)
    if alike is Alike.NO:
        return Match(because=Because.NOT_THERE)
    if alike is Alike.UNKNOWN or any(name in resource for name in UNDERSTOOD_NOT):
        return Match(because=Because.NOT_GIVEN_OUT)
    if not right:
        return Match(because=about, reference=reference)
    return Match(because=Because.SAME if current else Because.WITHDRAWN, reference=reference)


def _about(reader: Reader, resource: Mapping[str, Any]) -> Because:
    """Whether it says that it is about that very patient."""
    subject = resource.get("subject")
    said = subject.get("reference") if isinstance(subject, dict) else None
    own = f"Patient/{reader.patient}"
    if said in (own, f"{reader.wire.url}/{own}"):
        return Because.SAME
    named = isinstance(said, str) and PATIENT.fullmatch(said)
    return Because.OTHER_PATIENT if named else Because.NO_PATIENT_NAMED


def _is_current(kind: str, resource: Mapping[str, Any]) -> bool:
    return resource.get("status") == CURRENT[kind] and resource.get("docStatus") != MISTAKE


def _alike(reader: Reader, resource: Mapping[str, Any], *, may_fetch: bool) -> Alike:
    """The best of its attachments."""
    found = Alike.NO
    for one in _attachments(resource):
        alike = _compared(reader.asked, one)
        if alike is Alike.UNKNOWN and may_fetch:
            alike = _fetched(reader, one)
        if alike is Alike.YES:
            return alike
        found = Alike.UNKNOWN if Alike.UNKNOWN in (found, alike) else Alike.NO
    return found if may_fetch else Alike.NO


def _attachments(resource: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A document has several, each inside a `content`; a Media has one, which is its `content`."""
    content = resource.get("content")
    if isinstance(content, dict):
        yield content
    elif isinstance(content, list):
        for one in content[:MOST_ATTACHMENTS]:
            inner = one.get("attachment") if isinstance(one, dict) else None
            if isinstance(inner, dict):
                yield inner
        if len(content) > MOST_ATTACHMENTS:
            yield {}  # nothing is known of the rest


def _compared(asked: Asked, attachment: Mapping[str, Any]) -> Alike:
    """By what it says of itself: what differs in size or hash is another file; only both together say the same."""
    size, digest = attachment.get("size"), _digest(attachment.get("hash"))
    sized = isinstance(size, int) and not isinstance(size, bool)
    if (sized and size != len(asked.data)) or (digest is not None and digest != asked.sha1):
        return Alike.NO
    return Alike.YES if sized and digest is not None else Alike.UNKNOWN


def _digest(said: Any) -> bytes | None:
    if not isinstance(said, str) or len(said) > 100:
        return None
    raw = _unpacked(said)
    return raw if raw is not None and len(raw) == HASH_BYTES else None


def _binary(body: bytes) -> bytes | None:
    """What is inside a resource of that name. Raises LookError."""
    said = parsed(body)
    inside = said.get("data") if isinstance(said, dict) and said.get("resourceType") == "Binary" else None
    return _unpacked(inside) if isinstance(inside, str) else None


def _unpacked(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _fetched(reader: Reader, attachment: Mapping[str, Any]) -> Alike:
    inside, address = attachment.get("data"), attachment.get("url")
    kind = attachment.get("contentType")
    if isinstance(inside, str):
        found = _unpacked(inside)
    elif isinstance(address, str):
        found = reader.fetch(address, kind if isinstance(kind, str) else "")
    else:
        found = None
    if found is None:
        return Alike.UNKNOWN
    return Alike.YES if found == reader.asked.data else Alike.NO
