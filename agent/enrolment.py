"""What this laptop keeps of its enrolment: which practice, where its console answers, and by which key it is known."""

import contextlib
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.atomic import flush_folder, read_bounded, write_atomic
from agent.escape import printable
from checks.model import Ownership
from reports.deliver.bodies import utc_text

FILE = "enrolment.json"
SCHEMA = "scrubin/enrolment/1"
FILE_BYTES = 64 << 10
LONGEST = 200
ID = re.compile(r"[A-Za-z0-9-]{1,64}")
KEY = re.compile(r"[A-Za-z0-9+/]{43}=")
"""32 bytes as base64."""


class EnrolmentError(Exception):
    """What should name the practice cannot be read or is damaged; the text is for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Practice:
    """Who gets this laptop's reports."""

    id: str
    name: str
    contact: tuple[str, str, str] = ("", "", "")
    """Whom to ask, their telephone and e-mail; each "" where the practice gives none."""

    @property
    def ask(self) -> str:
        """Whom to ask, in one line; "" where nobody is named."""
        return ", ".join(one for one in self.contact if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """The practice took this laptop in."""

    url: str
    """Scheme, host and port of the console."""
    practice: Practice
    console_key: str
    """The practice's public key, base64: what it sends is signed with it."""
    agent_id: str
    """How the console knows this laptop."""
    public_key: str
    """This laptop's own, base64; the private one lies in the store of secrets."""
    ownership: Ownership
    group: str
    """"" for none."""
    enrolled_at: datetime
    """Aware, UTC."""


def enrolment(state: Path) -> Enrolment | None:
    """The enrolment in force; None for none. Raises EnrolmentError."""
    try:
        raw = read_bounded(os.fspath(state / FILE), FILE_BYTES)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise EnrolmentError(f"the file {FILE} in the state folder can't be read: {error.strerror}") from error
    try:
        body = json.loads(raw)
        if body["schema"] != SCHEMA:
            raise ValueError("another schema")
        return _enrolment(body)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EnrolmentError(
            f"the file {FILE} in the state folder is damaged. Enrol again with a new code from your IT lead"
        ) from error


def keep(state: Path, one: Enrolment) -> None:
    """On the disk when this returns. Raises OSError; what was there before still stands."""
    label, phone, email = one.practice.contact
    body = {
        "schema": SCHEMA,
        "url": one.url,
        "practice": {
            "id": one.practice.id,
            "name": one.practice.name,
            "contact": {"label": label, "phone": phone, "email": email},
        },
        "console_key": one.console_key,
        "agent_id": one.agent_id,
        "public_key": one.public_key,
        "ownership": one.ownership,
        "group": one.group,
        "enrolled_at": utc_text(one.enrolled_at),
    }
    write_atomic(os.fspath(state / FILE), json.dumps(body, indent=1).encode() + b"\n")


def forget(state: Path) -> None:
    """Remove it. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(state / FILE)
        flush_folder(os.fspath(state))


def read_practice(body: Mapping[str, Any]) -> Practice:
    """As it stands in the file and in an offer. Raises ValueError, KeyError, TypeError, AttributeError."""
    contact = body.get("contact") or {}
    ways = tuple(line(contact.get(name) or "") for name in ("label", "phone", "email"))
    return Practice(id=shaped(body["id"], ID), name=_named(body["name"]), contact=(ways[0], ways[1], ways[2]))


def shaped(value: object, shape: re.Pattern[str]) -> str:
    """A text of that shape. Raises ValueError."""
    if not isinstance(value, str) or not shape.fullmatch(value):
        raise ValueError("not of the expected form")
    return value


def line(value: object) -> str:
    """One line of text that is safe to show. Raises ValueError."""
    if not isinstance(value, str) or printable(value, LONGEST) != value:
        raise ValueError("a line of text expected")
    return value


def _named(value: object) -> str:
    name = line(value)
    if not name.strip():
        raise ValueError("a name expected")
    return name


def _enrolment(body: Mapping[str, Any]) -> Enrolment:
    return Enrolment(
        url=line(body["url"]),
        practice=read_practice(body["practice"]),
        console_key=shaped(body["console_key"], KEY),
        agent_id=shaped(body["agent_id"], ID),
        public_key=shaped(body["public_key"], KEY),
        ownership=Ownership(body["ownership"]),
        group=line(body["group"]),
        enrolled_at=datetime.strptime(line(body["enrolled_at"]), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
    )
