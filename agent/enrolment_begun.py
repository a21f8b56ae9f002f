"""The offer that a person agreed to, while enrolling is under way: with it an enrolment that was cut off goes on."""

import contextlib
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from agent.atomic import read_bounded, write_atomic
from agent.enrolment import FILE_BYTES, KEY, line, read_practice, shaped
from checks.model import Ownership

if TYPE_CHECKING:
    from agent.enrolment_code import Code
    from agent.enrolment_wire import Offer

FILE = "enrolment-begun.json"


def keep(state: Path, url: str, code: "Code", offer: "Offer") -> None:
    """On the disk when this returns; of the code only a digest. Raises OSError."""
    label, phone, email = offer.practice.contact
    body = {
        "url": url,
        "code": _digest(code),
        "practice": {
            "id": offer.practice.id,
            "name": offer.practice.name,
            "contact": {"label": label, "phone": phone, "email": email},
        },
        "ownership": offer.ownership,
        "group": offer.group,
        "console_key": offer.console_key,
    }
    write_atomic(os.fspath(state / FILE), json.dumps(body).encode())


def begun(state: Path, url: str, code: "Code") -> "Offer | None":
    """The offer of this very address and code, where it was agreed to and no answer came; None otherwise."""
    from agent.enrolment_wire import Offer

    try:
        body = json.loads(read_bounded(os.fspath(state / FILE), FILE_BYTES))
        if (body["url"], body["code"]) != (url, _digest(code)):
            return None
        return Offer(
            practice=read_practice(body["practice"]),
            ownership=Ownership(body["ownership"]),
            group=line(body["group"]),
            console_key=shaped(body["console_key"], KEY),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # then it is begun anew


def forget(state: Path) -> None:
    """Enrolling is done. Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(state / FILE)


def _digest(code: "Code") -> str:
    return hashlib.sha256(code.text.encode()).hexdigest()
