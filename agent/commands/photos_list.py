"""`scrubin photos` alone: pictures that look clinical, since when they are here, and where they lie."""

import argparse
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent import desk as desks
from agent.commands.photos_table import WIDTH, Line, counts, headline, lines, looks_like, not_listened, places_of, table
from agent.commands.status import model_of
from agent.desk import Desk
from agent.escape import printable
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.photos import scan
from agent.photos.consent import given
from agent.photos.engine import LINKED
from agent.photos.index_model import LAPTOP, IndexTrouble, Row
from agent.places import Kept
from agent.standing import OLD
from agent.status_file import StatusFile, StatusProblem, read_status
from agent.tell import clock
from checks.clinical_images.check import CHECK
from checks.model import Ownership, Status

SCHEMA = "scrubin/photos/1"
ALL, PHONES = "all", "phones"
Pictures = Callable[..., Sequence[scan.Found]]
"""As agent.photos.scan.pictures."""
Recordings = Callable[[Path], Mapping[str, Sequence[Row]]]
"""As agent.photos.scan.recordings."""
NOT_AGREED = (
    "You haven't agreed to your pictures being looked at, so there is nothing to show. "
    "What it would mean, and how to agree: scrubin photos consent"
)
NONE_SEEN = "No picture that was looked at seems clinical. The finder can miss some."
NOT_KNOWN = "Nothing to list yet, which does not mean that there is nothing."
ALONE = "Look at them alone. See first that each is in the patient's record, then delete every copy."
PATHS = "Which files these are: scrubin photos --show-paths. Your terminal may keep what it shows."


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A device whose pictures are listed."""

    key: str
    """As the index has it."""
    name: str
    """Safe to show."""
    last: StatusFile | StatusProblem
    """Its last check."""

    @property
    def verdict(self) -> Status | None:
        """Of the last check on pictures; None where there is none to go by, or one that did not prove itself."""
        found = self.last.findings if isinstance(self.last, StatusFile) and self.last.proven else ()
        return next((one.status for one in found if one.check_id == CHECK.id), None)


def listed(
    arguments: argparse.Namespace, pictures: Pictures = scan.pictures, recordings: Recordings = scan.recordings
) -> Answer:
    """What the last looks left. Raises CannotRun, WrongUse."""
    desk, now = desks.open_desk(), desks.now()
    shown = _chosen(_devices(desk, now), arguments.device)
    folder = desk.places.photos
    if not given(folder):
        body = {"schema": SCHEMA, "consent": False, "pictures": []}
        out = json.dumps(body) + "\n" if arguments.json else _wrapped(NOT_AGREED)
        return Answer(code=Exit.CANNOT_TELL, out=out)
    found, sounds = _found(pictures, recordings, folder)
    told = lines(found, _least(desk, shown), int(now.timestamp()))
    unheard = [row for one in shown for row in sounds.get(one.key, ())]
    if arguments.json:
        rows = [_mapping(one, arguments.show_paths) for one in told]
        body = {"schema": SCHEMA, "consent": True, "pictures": rows, "not_listened_to": len(unheard)}
        return Answer(code=_code(shown), out=json.dumps(body) + "\n")
    names = _names(told, desk)
    silent = not_listened(len(unheard), places_of(unheard, int(now.timestamp()))) if unheard else ""
    said = _said(told, shown, names, paths=arguments.show_paths, unheard=silent)
    return Answer(code=_code(shown), out="\n".join(said) + "\n")


def _found(
    pictures: Pictures, recordings: Recordings, folder: Path
) -> tuple[Sequence[scan.Found], Mapping[str, Sequence[Row]]]:
    """All that may be a copy of one that counts, on every device; and the recordings that each holds."""
    try:
        return pictures(folder, None, at_least=LINKED), recordings(folder)
    except IndexTrouble as error:
        raise CannotRun(error.sentence) from error


def _devices(desk: Desk, now: datetime) -> list[Shown]:
    last = read_status(desk.places.status, now=now, max_age=OLD)
    return [
        Shown(key=LAPTOP, name="This laptop", last=last),
        *(_phone(kept, now) for kept in desk.places.kept_phones()),
    ]


def _phone(kept: Kept, now: datetime) -> Shown:
    last = read_status(kept.status, now=now, max_age=OLD)
    return Shown(key=kept.folder.name, name=printable(model_of(kept), 48), last=last)


def _chosen(devices: Sequence[Shown], wanted: str) -> list[Shown]:
    """Raises WrongUse for a device that was never checked here."""
    if wanted == ALL:
        return list(devices)
    if wanted == PHONES:
        return [one for one in devices if one.key != LAPTOP]
    found = [one for one in devices if wanted.casefold() in (one.key, one.name.casefold())]
    if not found:
        raise WrongUse(f'no device called "{printable(wanted, 48)}" was checked here. Those that were: scrubin devices')
    return found


def _least(desk: Desk, shown: Sequence[Shown]) -> Mapping[str, float]:
    """By device, the score from which the policy in force counts a picture as clinical."""
    policy = desk.in_force.policy

    def of(ownership: Ownership) -> float:
        return float(policy.rule(CHECK, ownership).limits.min_score_percent / 100)

    return {one.key: of(desk.config.ownership if one.key == LAPTOP else desk.config.phone_ownership) for one in shown}


def _code(shown: Sequence[Shown]) -> Exit:
    """That of the last checks: a list alone cannot say that there is no more."""
    verdicts = {one.verdict for one in shown}
    if Status.FAIL in verdicts:
        return Exit.NOT_COMPLIANT
    return Exit.COMPLIANT if verdicts == {Status.PASS} else Exit.CANNOT_TELL


def _names(told: Sequence[Line], desk: Desk) -> Mapping[str, str]:
    """What to put before a place; nothing where all lie on one device."""
    keys = {copy.device for one in told for copy in one.members}
    if len(keys) < 2:
        return {}
    known = {kept.folder.name: printable(model_of(kept), 48) for kept in desk.places.kept_phones()}
    return {key: "laptop" if key == LAPTOP else known.get(key, "a phone") for key in keys}


def _said(
    told: Sequence[Line], shown: Sequence[Shown], names: Mapping[str, str], *, paths: bool, unheard: str
) -> Iterator[str]:
    if told:
        yield headline(told)
        yield ""
        yield from counts(told, names)
        yield ""
        yield from table(told, names, paths=paths)
        yield ""
        yield from textwrap.wrap(ALONE if paths else f"{ALONE} {PATHS}", WIDTH)
    else:
        yield NONE_SEEN if any(one.verdict in (Status.PASS, Status.FAIL) for one in shown) else NOT_KNOWN
    if unheard:
        yield from ("", *textwrap.wrap(unheard, WIDTH))
    yield ""
    for one in shown:
        yield from textwrap.wrap(f"{one.name}: {_checked(one)}", WIDTH, subsequent_indent="  ")


def _checked(one: Shown) -> str:
    if isinstance(one.last, StatusProblem):
        return f"{one.last.sentence} Look now: scrubin check"
    at = one.last.generated_at.astimezone()
    checked = f"last checked {clock(at)} on {at:%-d %b %Y}"
    if one.verdict in (Status.PASS, Status.FAIL):
        return f"{checked}."
    return f"{checked}, but not every picture could be looked at. Why: scrubin explain {CHECK.id}"


def _mapping(one: Line, paths: bool) -> dict[str, object]:
    header = one.first.result.header
    return {
        "id": one.number,
        "looks_like": looks_like(one.first.result),
        "group": one.first.result.group,
        "score": round(one.first.result.score, 6),
        "age_hours": one.age_hours,
        "taken_at": header.taken_at,
        "gps": header.gps,
        "on_hold": one.on_hold,
        "copies": [_copy(copy, one, paths) for copy in one.members],
    }


def _copy(copy: scan.Found, line: Line, paths: bool) -> dict[str, object]:
    shown = {"path": copy.path} if paths else {}
    return {"id": copy.id, "device": copy.device, "place": copy.place, "age_hours": line.ages[copy.id], **shown}


def _wrapped(text: str) -> str:
    return textwrap.fill(text, WIDTH) + "\n"
