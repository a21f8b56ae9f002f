"""Pictures that look clinical as the clinician reads them: what each looks like, since when, in which places."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.escape import printable
from agent.photos.image import Medium, Seen
from agent.photos.index_model import Row
from agent.photos.scan import Found
from agent.photos.tallies import age_hours
from checks.clinical_images.check import MAY_STAY
from checks.clinical_images.fact import Disposition, Folder, Group, Origin
from checks.clinical_images.words import PLACES
from checks.plurals import counted

WIDTH = 80
LOOKS, AGE, COPIES = 28, 9, 8
CELL, LONGEST_PLACE = 10, 20
MOST_LINES = 200
"""A longer table is read by nobody."""
LONGEST_PATH = 4096
EXCUSED = MAY_STAY - {Disposition.LEGAL_HOLD}
LABELS: Mapping[str, str] = {
    "skin_condition": "skin, close up",
    "dermoscopy": "skin, magnified",
    "wound": "wound",
    "nail_condition": "nail, close up",
    "eye_condition": "eye, close up",
    "xray": "X-ray",
    "imaging_on_screen": "scan on a screen",
    "mri_ct": "MRI or CT",
    "ultrasound": "ultrasound",
    "histology": "tissue, magnified",
    "dicom": "medical scanner file",
    "ecg_trace": "ECG tracing",
    "ctg_trace": "CTG tracing",
    "meter_display": "display of a monitor",
    "medication": "medicine and label",
    "medication_chart": "medication chart",
    "prescription": "prescription",
    "clinical_letter_report": "letter or report",
    "clinical_notes": "clinical notes",
    "lab_results": "lab results",
    "paper_chart": "paper chart",
    "clinical_screen": "clinical program",
    "clinical_page": "page about a patient",
}
"""The finder's words in ours. One that is missing here is told by its group."""
GROUPS: Mapping[Group, str] = {
    Group.BODY: "part of a body",
    Group.IMAGING: "X-ray or scan",
    Group.TRACING: "tracing or monitor",
    Group.MEDICATION: "medicine",
    Group.DOCUMENT: "page about a patient",
    Group.RECORDING: "not listened to",
    Group.ORDINARY: "not described",
}
MEDIA: Mapping[Medium, str] = {Medium.VIDEO: "video: ", Medium.PAPER: "PDF: ", Medium.AUDIO: "sound: "}
STATES: Mapping[Disposition, str] = {
    Disposition.LEGAL_HOLD: "on hold",
    Disposition.IN_RECORD: "in the record",
    Disposition.FILED: "filed",
    Disposition.FILED_BY_SENDER: "filed by its sender",
}
ORIGINS: Mapping[Origin, str] = {Origin.SENT: " (sent)", Origin.RECEIVED: " (received)"}
AGES: tuple[tuple[str, int], ...] = (("<1 DAY", 24), ("1-7 DAYS", 8 * 24 - 1), ("8-90 DAYS", 91 * 24 - 1))
"""Each with the most hours begun; as in the bands that the practice gets."""
OLDER, UNDATED = "OLDER", "NO DATE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One picture with its copies."""

    number: int
    """The smallest id among them."""
    first: Found
    """The one that looks most clinical."""
    members: tuple[Found, ...]
    """All copies, itself included."""
    ages: Mapping[int, int | None]
    """By id: hours begun since it came to the device; None where its date is missing or lies ahead."""

    @property
    def age_hours(self) -> int | None:
        """Of the oldest whose age is known."""
        return max((age for age in self.ages.values() if age is not None), default=None)

    @property
    def on_hold(self) -> bool:
        """None of them may be deleted."""
        return any(one.disposition is Disposition.LEGAL_HOLD for one in self.members)


def lines(found: Iterable[Found], least: Mapping[str, float], now_s: int) -> list[Line]:
    """What looks clinical, each picture once, the oldest first. `least`: by device, the score that counts.

    A picture of a device that `least` does not name is listed as a copy only.
    """
    by_id = {one.id: one for one in found}
    told = []
    for ids in sorted({tuple(sorted({one.id, *one.copies} & by_id.keys())) for one in by_id.values()}):
        members = tuple(by_id[one] for one in ids)
        counting = [one for one in members if _counts(one, least)]
        if counting:
            ages = {one.id: age_hours(one.modified_s, one.first_seen, now_s) for one in members}
            first = max(counting, key=lambda one: one.result.score)
            told.append(Line(number=ids[0], first=first, members=members, ages=ages))
    return sorted(told, key=lambda one: (one.age_hours is not None, -(one.age_hours or 0), one.number))


def _counts(one: Found, least: Mapping[str, float]) -> bool:
    return one.device in least and one.result.score >= least[one.device] and one.disposition not in EXCUSED


def headline(told: Sequence[Line]) -> str:
    """6 pictures look clinical: 5 to decide, 1 on hold."""
    held = sum(one.on_hold for one in told)
    verb = "looks" if len(told) == 1 else "look"
    tail = f": {len(told) - held} to decide, {held} on hold" if held else ""
    return f"{counted(len(told), 'picture')} {verb} clinical{tail}."


def not_listened(sounds: int, where: str = "") -> str:
    """What a finder of pictures cannot say of recordings. `where`: in which places they lie."""
    return (
        f"{counted(sounds, 'sound recording')} not listened to{where}: a dictation can name a patient too. "
        "Listen alone. Is what it says in the patient's record? Then delete it."
    )


def places_of(sounds: Iterable[Row], now_s: int) -> str:
    """(2 in chats, 1 in other folders; oldest: 9 d)"""
    rows = list(sounds)
    counts = Counter(PLACES[one.folder] for one in rows)
    ages = [age_hours(one.modified_s, one.first_seen, now_s) for one in rows]
    known = [age for age in ages if age is not None]
    oldest = "some without a date" if len(known) < len(rows) else f"oldest: {short_age(max(known, default=0))}"
    where = ", ".join(f"{count} in {place}" for place, count in counts.most_common())
    return f" ({where}; {oldest})" if rows else ""


def table(told: Sequence[Line], names: Mapping[str, str], *, paths: bool) -> Iterator[str]:
    """`names`: by device, what people call it; "" where there is but one."""
    wide = max([3, *(len(str(one.number)) for one in told)])
    yield f"{'#':>{wide}}  {'LOOKS LIKE':<{LOOKS}}{'AGE':<{AGE}}{'COPIES':<{COPIES}}WHERE"
    for line in told[:MOST_LINES]:
        age = "no date" if line.age_hours is None else short_age(line.age_hours)
        start = (
            f"{line.number:>{wide}}  {looks_like(line.first.result):<{LOOKS}}{age:<{AGE}}{len(line.members):<{COPIES}}"
        )
        yield from textwrap.wrap(
            ", ".join(_where(line, names)), WIDTH, initial_indent=start, subsequent_indent=" " * len(start)
        )
        if paths:
            yield from (f"{'':{wide}}  {printable(one.path, LONGEST_PATH)}" for one in line.members)
    if len(told) > MOST_LINES:
        yield f"and {len(told) - MOST_LINES} more. All of them: --json"


def counts(told: Sequence[Line], names: Mapping[str, str]) -> Iterator[str]:
    """How many files lie where and since when, copies counted one by one."""
    heads = (*(head for head, _ in AGES), OLDER, UNDATED)
    rows: dict[str, dict[str, int]] = {}
    for line in told:
        for one in line.members:
            row = rows.setdefault(place_name(one, names), dict.fromkeys(heads, 0))
            row[_column(line.ages[one.id])] += 1
    wide = min(max([5, *map(len, rows)]), LONGEST_PLACE) + 2
    yield f"  {'PLACE':<{wide}}{'ALL':>6}" + "".join(f"{head:>{CELL}}" for head in heads)
    for name, row in sorted(rows.items(), key=lambda pair: (-sum(pair[1].values()), pair[0])):
        cells = "".join(f"{row[head] or '-':>{CELL}}" for head in heads)
        if len(name) > LONGEST_PLACE:
            yield f"  {name}"
            name = ""
        yield f"  {name:<{wide}}{sum(row.values()):>6}{cells}"


def looks_like(seen: Seen) -> str:
    """A claim about its look, no more."""
    return f"{MEDIA.get(seen.header.medium, '')}{LABELS.get(seen.label, GROUPS[seen.group])}"


def short_age(hours: int) -> str:
    """22 h, 9 d: days from the third on."""
    return f"{hours} h" if hours <= 48 else f"{hours // 24} d"


def place_name(one: Found, names: Mapping[str, str]) -> str:
    """laptop Downloads, Chats (sent)"""
    bare = PLACES[one.place].removeprefix("the ").removeprefix("a ")
    origin = ORIGINS.get(one.origin, "") if one.place is Folder.MESSENGER else ""
    return f"{names.get(one.device, '')} {bare[0].upper()}{bare[1:]}{origin}".strip()


def _where(line: Line, names: Mapping[str, str]) -> list[str]:
    """Each sort of place once, the likeliest picture's first; then what was said of it."""
    members = sorted(line.members, key=lambda one: one.id != line.first.id)
    said = {STATES[one.disposition]: None for one in members if one.disposition in STATES}
    return [*dict.fromkeys(place_name(one, names) for one in members), *said]


def _column(hours: int | None) -> str:
    if hours is None:
        return UNDATED
    return next((head for head, most in AGES if hours <= most), OLDER)
