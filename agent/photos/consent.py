"""The person's yes to having their pictures looked at: without it no picture is opened."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agent.atomic import read_bounded, write_atomic
from reports.deliver.bodies import utc_text

FILE = "consent.json"
SCHEMA = "scrubin/photos-consent/1"
KEYS = {"schema", "given", "at", "wording"}
MOST_BYTES = 4096
WORDING = 2
"""Of TEXT. A yes to one that said less is none to this: whoever gave it is asked again."""
TEXT = """\
May scrubin look at your pictures?

What is looked at: pictures, videos and PDF pages in the picture, download,
desktop, chat and trash folders of this laptop and of the phones that you plug
into it; also screenshots, synced folders, memory cards, small previews and
backups of phones. Words on pictures of pages are read, and not kept.

What stays here: a program on this laptop does all the looking, and no picture
leaves it. Of each file it keeps where it lies, its date, a score, a fingerprint
by which copies are found, and what you say of it. Only your account can read
that.

What your practice gets: how many pictures look clinical and since when, in
steps such as "6-20" and "1-7 days"; of which sorts they are, such as X-rays;
how many say where they were taken or could not be read; and of how many you
said that they are in the record, filed, filed by their sender, the patient's
own, for teaching, not clinical or on legal hold. Never a picture, a file name
or a place. Without your yes it gets: not known.

Looking changes and deletes nothing, here or on a phone. Only you can delete a
picture, on your own page, once you said that it is in the record or filed.

How to stop: scrubin photos consent --withdraw. From then on nothing is looked
at, and what was kept is removed, but for the log of what you deleted and marks
by which files on legal hold are known again.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the person last said."""

    given: bool
    """Yes, to what is done today."""
    at: datetime | None = None
    """When they said so. Aware, UTC; None where they never said anything that can be read."""
    wording: int = 0
    """Of the text that they were shown; 0 where there was none."""


NEVER_SAID = Consent(given=False)


def given(folder: Path) -> bool:
    """Whether pictures may be looked at. `folder` is Places.photos."""
    return consent(folder).given


def consent(folder: Path) -> Consent:
    """What is kept. A file that cannot be read, or that this program did not write, is no consent."""
    try:
        raw = read_bounded(str(folder / FILE), MOST_BYTES)
        return _read(json.loads(raw)) if len(raw) <= MOST_BYTES else NEVER_SAID
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return NEVER_SAID


def agree(folder: Path, *, now: datetime) -> Consent:
    """Remember a yes. Raises OSError; then it does not count."""
    return _keep(folder, Consent(given=True, at=now, wording=WORDING))


def withdraw(folder: Path, *, now: datetime, wipe: Callable[[Path], None]) -> Consent:
    """Remember a no, then remove what was kept, so that whoever looks at this moment finds neither.

    `wipe` removes the index, and of the ledger all but its log and the holds: that of agent.photos.ledger_anew.
    Raises OSError where the no could not be written, and what `wipe` raises.
    """
    said = _keep(folder, Consent(given=False, at=now, wording=WORDING))
    wipe(folder)
    return said


def _keep(folder: Path, said: Consent) -> Consent:
    assert said.at is not None
    body = {"schema": SCHEMA, "given": said.given, "at": utc_text(said.at), "wording": said.wording}
    write_atomic(str(folder / FILE), json.dumps(body, indent=1).encode() + b"\n")
    return said


def _read(body: Any) -> Consent:
    """Raises ValueError, KeyError or TypeError for anything that this program did not write."""
    if set(body) != KEYS or body["schema"] != SCHEMA:
        raise ValueError("another schema")
    said, wording = body["given"], body["wording"]
    if not isinstance(said, bool) or type(wording) is not int:
        raise ValueError("another form")
    at = datetime.strptime(body["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    return Consent(given=said and wording == WORDING, at=at, wording=wording)
