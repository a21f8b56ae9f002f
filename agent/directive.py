"""What the practice tells this laptop: its policy, waivers, drafts to try. Believed only with the practice's signature.

It is kept as the bytes that came, and its signature is verified at each read, by the key that the enrolment pinned.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.atomic import private_folder, read_bounded, write_atomic
from agent.enrolment import Enrolment, line
from agent.escape import printable
from checks.model import Waiver
from checks.policy_file import LARGEST_BYTES

FILE = "directive.json"
NOTE = "directive-refused.json"
KEPT, SCHEMA = "scrubin/directive-kept/1", "scrubin/directive/1"
BODY_BYTES = 2 << 20
FILE_BYTES = 8 * BODY_BYTES
NOTE_BYTES = 4096
MOST_WAIVERS = 1000
MOST_DRAFTS = 5
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
WHO = 300
HOURS = range(1, 24 * 90 + 1)


class DirectiveError(Exception):
    """It is not to be believed; the text says why, as a clause for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A policy that is not in force: this laptop answers what it would make of it."""

    id: str
    revision: int
    toml: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """One word of the practice, verified."""

    serial: int
    """Grows with each change."""
    issued_at: datetime
    """Aware, UTC."""
    policy: bytes | None
    """TOML; None where the practice sends no policy."""
    waivers: tuple[Waiver, ...]
    drafts: tuple[Draft, ...]
    period: timedelta
    """How often the practice wants to hear."""
    digest: str = ""
    """That of Kept, from which it was read."""
    odd: int = 0
    """Waivers and drafts in it that this version does not understand; they do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A directive as it lies here."""

    body: bytes
    signature: str
    etag: str

    @property
    def digest(self) -> str:
        """Of body and signature: the same is the same."""
        return hashlib.sha256(self.signature.encode() + b"\0" + self.body).hexdigest()


Verify = Callable[[Enrolment, Kept], None]
"""Raises DirectiveError unless the enrolment's practice signed it."""


def by_key(enrolled: Enrolment, kept: Kept) -> None:
    """See Verify."""
    from reports.signing import DIRECTIVE_DOMAIN, SignatureError, read_public, verify_bytes  # loads cryptography

    try:
        verify_bytes(read_public(enrolled.console_key), DIRECTIVE_DOMAIN, kept.body, kept.signature)
    except SignatureError as error:
        raise DirectiveError("its signature does not match your practice's key") from error


def directive(state: Path, enrolled: Enrolment, *, verify: Verify = by_key) -> Directive | None:
    """The one in force; None where none has come yet. Raises DirectiveError."""
    found = kept(state)
    return None if found is None else read(found, enrolled, verify=verify)


def kept(state: Path) -> Kept | None:
    """The bytes in force, not verified. Raises DirectiveError."""
    try:
        body = json.loads(read_bounded(os.fspath(state / FILE), FILE_BYTES))
        if body["schema"] != KEPT:
            raise ValueError("another schema")
        etag, signature, text = body["etag"], body["signature"], body["body"]
        if not all(isinstance(one, str) for one in (etag, signature, text)):
            raise ValueError("texts expected")
        return Kept(body=text.encode(), signature=signature, etag=etag)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise DirectiveError(f"it can't be read ({error.strerror})") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DirectiveError("the file that keeps it is damaged") from error


def read(found: Kept, enrolled: Enrolment, *, verify: Verify = by_key) -> Directive:
    """Verify the signature, then see whom it is for, then what it says. Raises DirectiveError."""
    if len(found.body) > BODY_BYTES:
        raise DirectiveError(f"it is larger than {BODY_BYTES >> 20} MB")
    verify(enrolled, found)
    try:
        body = json.loads(found.body)
        if body["schema"] != SCHEMA:
            raise DirectiveError("it is of a form that this version does not know")
        if (body["practice_id"], body["agent_id"]) != (enrolled.practice.id, enrolled.agent_id):
            raise DirectiveError("it is meant for another laptop")
        return _directive(body, found.digest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DirectiveError("it is not in the form that was agreed") from error


def take(state: Path, enrolled: Enrolment, found: Kept) -> tuple[Directive, bool]:
    """Put it in force, on the disk when this returns, and say whether it says anything new.

    Raises DirectiveError, and OSError: the one before still stands then.
    """
    said = read(found, enrolled)
    with _alone(state):
        try:
            before = kept(state)
            last = None if before is None else read(before, enrolled)
        except DirectiveError:
            before = last = None  # what is damaged here is replaced by what is sound
        if last is not None and said.serial < last.serial:
            raise DirectiveError("it is older than the one that this laptop has")
        if before is None or before != found:
            body = {"schema": KEPT, "etag": found.etag, "signature": found.signature, "body": found.body.decode()}
            write_atomic(os.fspath(state / FILE), json.dumps(body).encode())
    return said, last is None or (said.policy, said.waivers) != (last.policy, last.waivers)


def forget(state: Path) -> None:
    """Remove it and what was noted of it. Raises OSError."""
    for name in (FILE, NOTE, f"{FILE}.lock"):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(state / name)


def note_refused(state: Path, why: str, *, now: datetime) -> None:
    """Remember that one was refused; "" forgets it: a good one has come. Raises OSError."""
    path = os.fspath(state / NOTE)
    if why:
        write_atomic(path, json.dumps({"why": why, "at": now.isoformat()}).encode())
    elif os.path.exists(path):
        os.unlink(path)


def refused(state: Path) -> str:
    """Why the last one that came was refused, as a clause; "" where it was not."""
    try:
        body = json.loads(read_bounded(os.fspath(state / NOTE), NOTE_BYTES))
        return line(body["why"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""


def _directive(body: Mapping[str, Any], digest: str) -> Directive:
    """Raises ValueError, KeyError, TypeError, AttributeError."""
    waivers = [_waiver(one) for one in _listed(body["waivers"], MOST_WAIVERS)]
    drafts = [_draft(one) for one in _listed(body["drafts"], MOST_WAIVERS)]
    known = tuple(one for one in drafts if one is not None)[:MOST_DRAFTS]
    return Directive(
        serial=_whole(body["serial"], range(1 << 53)),
        issued_at=_moment(body["issued_at"]),
        policy=None if body["policy"] is None else _text(body["policy"]["toml"]),
        waivers=tuple(one for one in waivers if one is not None),
        drafts=known,
        period=timedelta(hours=_whole(body["period_hours"], HOURS)),
        digest=digest,
        odd=waivers.count(None) + len(drafts) - len(known),
    )


def _waiver(body: Any) -> Waiver | None:
    """None for one that is not understood: it waives nothing, and the others do not suffer for it."""
    try:
        who, why = (_said(body[key]) for key in ("who", "why"))
        if not UUID.fullmatch(body["uid"]):
            return None
        return Waiver(uid=body["uid"], who=who, why=why, until=_moment(body["until"]))
    except (ValueError, KeyError, TypeError):
        return None


def _draft(body: Any) -> Draft | None:
    try:
        if not UUID.fullmatch(body["id"]):
            return None
        return Draft(id=body["id"], revision=_whole(body["revision"], range(1, 1_000_001)), toml=_text(body["toml"]))
    except (ValueError, KeyError, TypeError):
        return None


def _said(value: object) -> str:
    """Free text of the practice, safe to show and of a length to be read."""
    if not isinstance(value, str) or len(value) > 20 * WHO:
        raise ValueError("a text expected")
    return printable(" ".join(value.split()), WHO)


def _text(value: object) -> bytes:
    raw = value.encode() if isinstance(value, str) else None
    if raw is None or len(raw) > LARGEST_BYTES:
        raise ValueError("the text of a policy expected")
    return raw


def _listed(value: object, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ValueError("a list expected")
    return value


def _whole(value: object, within: range) -> int:
    if type(value) is not int or value not in within:
        raise ValueError("a whole number expected")
    return value


def _moment(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("a time expected")
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    """No other process compares and writes meanwhile: the later of two must not put an older word in force."""
    private_folder(os.fspath(state))
    with open(state / f"{FILE}.lock", "wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
