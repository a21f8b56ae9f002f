"""The sheet of a laptop that leaves a practice: what a last look found, what it could not see, and when that was."""

import html
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from checks.bands import Count
from checks.model import Finding, Kind, Overall, Status
from reports.envelope import Report

WIDTH = 80
VERDICT = {
    Overall.COMPLIANT: "it was as the practice asks",
    Overall.NOT_COMPLIANT: "it was not as the practice asks",
    Overall.CANNOT_TELL: "whether it was as the practice asks, could not be told",
}
COUNTS = {Count.ONE_TO_5: "1 to 5", Count.SIX_TO_20: "6 to 20", Count.OVER_20: "more than 20"}
AGES = {
    "under_24_h": "from less than a day ago", "1-7_days": "from 1 to 7 days ago", "8-90_days": "from 8 to 90 days ago",
    "over_90_days": "from more than 90 days ago",
}  # fmt: skip
BLIND = (Status.UNKNOWN, Status.ERROR)
LIMITS = (
    "The finder can miss pictures; that none was found is not proof. Copies online and on other devices can't be seen "
    "from here. This sheet states what was seen and draws no legal conclusion."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One device of the sheet."""

    report: Report
    images: Finding | None
    """The finding on clinical images if none at all were allowed; None where nobody looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One laptop that leaves, with the phones that were attached."""

    practice: str
    at: datetime
    """In the person's own time zone."""
    agent_version: str
    parts: tuple[Part, ...]
    missed: tuple[str, ...] = ()
    """Devices that were there and could not be looked at, as sentences."""
    left: str = ""
    """What became of the last reports and of the enrolment, as sentences."""

    @property
    def title(self) -> str:
        """The heading."""
        return f"Leaving {self.practice}: what a last look found"


def text(sheet: Sheet) -> str:
    """For a terminal or a file."""
    lines = [sheet.title, f"{_when(sheet)}, by scrubin {sheet.agent_version}", ""]
    for part in sheet.parts:
        lines += [_device(part), *(f"  - {one}" for one in _said(part)), ""]
    lines += [*(f"Not looked at: {one}" for one in sheet.missed), *([sheet.left] if sheet.left else []), "", LIMITS]
    return "\n".join(part for line in lines for part in _fitted(line)).replace("\n\n\n", "\n\n") + "\n"


def page(sheet: Sheet) -> str:
    """A page of its own, which a browser opens and prints; it loads nothing."""
    sections = "".join(
        f"<h2>{html.escape(_device(part))}</h2><ul>"
        + "".join(f"<li>{html.escape(one)}</li>" for one in _said(part))
        + "</ul>"
        for part in sheet.parts
    )
    notes = [*(f"Not looked at: {one}" for one in sheet.missed), *([sheet.left] if sheet.left else []), LIMITS]
    body = "".join(f"<p>{html.escape(one)}</p>" for one in notes)
    title = html.escape(sheet.title)
    return (
        '<!doctype html><html lang="en-AU"><head><meta charset="utf-8">'
        '<meta http-equiv="content-security-policy" content="default-src \'none\'">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{title}</title></head><body><main><h1>{title}</h1>"
        f"<p>{html.escape(_when(sheet))}, by scrubin {html.escape(sheet.agent_version)}</p>"
        f"{sections}{body}</main></body></html>\n"
    )


def mapping(sheet: Sheet) -> dict[str, object]:
    """As JSON values."""
    devices = [
        {
            "device_id": part.report.device.id,
            "kind": part.report.device.kind,
            "model": part.report.device.model,
            "overall": part.report.overall,
            "images": _measure(part, "images"),
            "oldest": _measure(part, "oldest"),
            "not_seen": [one.check_id for one in _blind(part)],
        }
        for part in sheet.parts
    ]
    at = sheet.at.isoformat(timespec="seconds")
    return {"practice": sheet.practice, "at": at, "devices": devices, "missed": list(sheet.missed), "left": sheet.left}


def _when(sheet: Sheet) -> str:
    return f"{sheet.at.day} {sheet.at:%B %Y, %H:%M %Z}".strip()


def _device(part: Part) -> str:
    device = part.report.device
    name = "This laptop" if device.kind is Kind.LAPTOP else device.model or "A phone"
    return f"{name}: {VERDICT[part.report.overall]}"


def _said(part: Part) -> Iterator[str]:
    yield _pictures(part)
    if (unread := _measure(part, "unread")) in COUNTS:
        yield f"{COUNTS[Count(unread)]} pictures could not be looked into."
    if (recordings := _measure(part, "recordings")) in COUNTS:
        yield f"{COUNTS[Count(recordings)]} sound recordings are likely speech; nobody listened to them."
    for one in _blind(part):
        yield f"Not seen: {one.title}. {_sentence(one.because)}"
    if not part.report.proof.proven:
        yield "The look did not find the known-bad settings that it plants for itself, so it proves nothing."


def _pictures(part: Part) -> str:
    band, oldest = _measure(part, "images"), _measure(part, "oldest")
    if band in COUNTS:
        age = f", the oldest {AGES[oldest]}" if oldest in AGES else ""
        return f"Pictures that look clinical: {COUNTS[Count(band)]}{age}."
    if part.images is not None and part.images.status is Status.PASS and band == Count.NONE:
        return "Pictures that look clinical: none found."
    if band == Count.NONE:
        return "Pictures that look clinical: none found where we could look, and not all could be looked at."
    return "Whether there are pictures that look clinical, could not be seen."


def _measure(part: Part, name: str) -> str:
    value = None if part.images is None else part.images.measures.get(name)
    return value if isinstance(value, str) else ""


def _blind(part: Part) -> list[Finding]:
    images = () if part.images is None else (part.images,)
    others = (one for one in part.report.findings if not images or one.check_id != images[0].check_id)
    return [one for one in (*images, *others) if one.status in BLIND]


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}." if words else ""


def _fitted(line: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, subsequent_indent="    " if line.startswith("  - ") else "") or [""]
