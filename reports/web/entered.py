"""What a person typed into a form, field by field, with what is wrong: shown back whole, so that nothing is lost."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.datastructures import FormData, QueryParams

from checks.policy_text import has_hidden

PAGE = 50
"""Rows of a list on one page."""
LAST_PAGE = 10_000
KEPT = 70_000
"""Characters of one field that are shown back."""
EMAIL = re.compile(r'[^@\s<>",;]{1,64}@[^@\s<>",;]{1,189}')


class Entered:
    """One form. Each reader gives the value, or a harmless one beside a fault: look at `faults` before you use any."""

    def __init__(self, form: FormData | QueryParams) -> None:
        self._form = form
        self.faults: dict[str, str] = {}
        """A sentence by field, in the order in which the fields were read."""

    @property
    def values(self) -> Mapping[str, str]:
        """All fields as they were typed, to be shown back."""
        return {name: self.raw(name) for name in self._form}

    def raw(self, name: str) -> str:
        """As it was typed; "" where it is missing. PostgreSQL holds no NUL, so none goes any further than here."""
        value = self._form.get(name, "")
        return value[:KEPT].replace("\0", "\ufffd") if isinstance(value, str) else ""

    def several(self, name: str) -> Sequence[str]:
        """All values of a field that may be ticked more than once."""
        return [one.replace("\0", "\ufffd") for one in self._form.getlist(name) if isinstance(one, str)]

    def ticked(self, name: str) -> bool:
        """A tick box."""
        return self.raw(name) == "yes"

    def wrong(self, name: str, sentence: str) -> None:
        """Note a fault; the first of a field stays."""
        self.faults.setdefault(name, sentence)

    def line(self, name: str, label: str, *, longest: int, needed: bool = True) -> str:
        """One line of text."""
        text = self.raw(name).strip()
        if not text and needed:
            self.wrong(name, f"{label}: write something here.")
        elif len(text) > longest:
            self.wrong(name, f"{label}: at most {longest} characters; this has {len(text)}.")
        elif has_hidden(text):
            self.wrong(name, f"{label}: one line of plain text, without characters that can't be seen.")
        else:
            return text
        return ""

    def email(self, name: str, label: str, *, needed: bool = True) -> str:
        """An e-mail address."""
        text = self.line(name, label, longest=254, needed=needed)
        if text and EMAIL.fullmatch(text) is None:
            self.wrong(name, f"{label}: write an e-mail address, such as it@practice.example.")
            return ""
        return text

    def whole(self, name: str, label: str, *, low: int, high: int) -> int:
        """A whole number."""
        text = self.raw(name).strip()
        if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) is None or not low <= int(text) <= high:
            self.wrong(name, f"{label}: a whole number from {low} to {high}.")
            return low
        return int(text)

    def whole_or_none(self, name: str, label: str, *, low: int, high: int) -> int | None:
        """A whole number, or nothing."""
        return self.whole(name, label, low=low, high=high) if self.raw(name).strip() else None

    def choice(self, name: str, label: str, options: Sequence[str]) -> str:
        """One of a closed set."""
        text = self.raw(name)
        if text not in options:
            self.wrong(name, f"{label}: choose one.")
            return options[0] if options else ""
        return text

    def day(self, name: str, label: str) -> date | None:
        """A date."""
        found = day_of(self.raw(name))
        if found is None:
            self.wrong(name, f"{label}: write a date, such as 2026-12-24 or 24/12/2026.")
        return found


def day_of(text: str) -> date | None:
    """`2026-12-24` or `24/12/2026`; None for anything else."""
    found = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})|([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})", text.strip())
    if found is None:
        return None
    parts = (found[1], found[2], found[3]) if found[1] else (found[6], found[5], found[4])
    year, month, day = (int(one) for one in parts)
    try:
        return date(year, month, day)
    except ValueError:
        return None


def start_of(day: date, zone: ZoneInfo) -> int:
    """Unix seconds of its first moment; years that no clock can hold are drawn to those it can."""
    within = max(date(1971, 1, 1), min(day, date(2999, 12, 30)))
    return int(datetime(within.year, within.month, within.day, tzinfo=zone).timestamp())


def end_of(day: date, zone: ZoneInfo) -> int:
    """Unix seconds of the moment after its last, so that a day off in summer time has its real length."""
    within = max(date(1971, 1, 1), min(day, date(2999, 12, 30)))
    return start_of(within + timedelta(days=1), zone)


def page_number(query: QueryParams) -> int:
    """From 1; the first for anything that is no number."""
    text = query.get("page", "1")
    return min(int(text), LAST_PAGE) or 1 if re.fullmatch(r"[0-9]{1,6}", text, re.ASCII) else 1
