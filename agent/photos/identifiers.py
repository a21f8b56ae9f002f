"""Numbers by which Australian and New Zealand health services know a patient or a clinician: found, checked, not kept.

Only the kind of number leaves this module, never its digits. Text comes from OCR, so that letters which look like
digits are read as digits wherever a number is expected.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

LINE_LIMIT = 400
"""Characters of one line that are looked at; no printed line is longer."""


class Kind(StrEnum):
    """Whose number it is."""

    MEDICARE = "medicare"
    IHI = "ihi"
    """Individual Healthcare Identifier."""
    VETERAN = "veteran"
    """File number of the Department of Veterans' Affairs."""
    HPI = "hpi"
    """Healthcare Provider Identifier of a person or an organisation."""
    PROVIDER = "provider"
    """Medicare provider number."""
    RECORD = "record"
    """Medical record number: MRN, UR, URN."""
    NHI = "nhi"
    """National Health Index of New Zealand."""
    BIRTH = "birth"
    """Date of birth."""
    DOCTOR = "doctor"
    """No number: a name behind "Dr"."""
    ACCESSION = "accession"
    """Number of one examination or of one laboratory request."""


class Proof(StrEnum):
    """How sure it is that the number is of its kind."""

    CHECKED = "checked"
    """It has a name before it or its very own grouping, and what it must satisfy it satisfies."""
    NAMED = "named"
    """It has a name before it; its check fails, or there is none to make."""
    BARE = "bare"
    """Its check holds, which one number in twenty does by chance; no name stands before it."""
    LABEL = "label"
    """The name alone: the number stands elsewhere, or was not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """That a number of this kind stands in the text."""

    kind: Kind
    proof: Proof


_LOOKS_LIKE = str.maketrans("OoQDIl|!SsBZz", "0000111155822")
_DIGIT = "[0-9OoQDIl|SsBZz]"
_LABELS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rf"(?<![a-z0-9])(?:{pattern})(?![a-z])[ .:#]{{0,4}}", re.IGNORECASE))
    for kind, pattern in (
        (Kind.MEDICARE, r"medicare(?: card)?(?: (?:no|num|number))?"),
        (Kind.IHI, r"ihi(?: (?:no|number))?|individual healthcare identifier"),
        (Kind.VETERAN, r"dva(?: file)?(?: (?:no|number))?|veterans'? (?:affairs )?file (?:no|number)"),
        (Kind.HPI, r"hpi-?[io1](?: (?:no|number))?"),
        (Kind.PROVIDER, r"prov(?:ider)?(?: (?:no|num|number))|prescriber (?:no|number)"),
        (
            Kind.RECORD,
            r"m\.?r\.?n\.?|(?-i:U\.?R\.?N\.?)|ur ?(?:no|num|number)|mr ?(?:no|num|number)|umrn"
            r"|(?:unit|medical) (?:record|rec)(?: (?:no|number))?|(?:hospital|patient) (?:no|id|number)",
        ),
        (Kind.NHI, r"nhi(?: (?:no|number))?"),
        (Kind.BIRTH, r"d\.?[o0]\.?b\.?|date of birth|birth ?date|born"),
        (
            Kind.ACCESSION,
            r"accession(?: (?:no|num|number))?|acc(?:n)? no|(?:lab|specimen|episode) (?:no|id|ref|number)",
        ),
    )
)
_DOCTOR = re.compile(r"(?<!\w)(?:Dr|DR)(?:\. ?| )[A-Z]")
_NUMBER = re.compile(rf"(?<![\w.$]){_DIGIT}(?:[ -]?{_DIGIT}){{6,18}}(?![\w%])")
_PROVIDER = re.compile(r"(?<!\w)([0-9OoIlSB]{6})([0-9A-HJ-NP-RT-Y])([A-Z])(?!\w)")
_NHI = re.compile(r"(?<!\w)([A-HJ-NP-Z]{3})([0-9]{2})([0-9A-HJ-NP-Z])([0-9A-HJ-NP-Z])(?!\w)")
_VETERAN = re.compile(r"[NVQSWT] ?[A-Z]{0,3} ?[0-9OIlSB]{2,6} ?[A-Z]?(?!\w)")
_RECORD = re.compile(rf"(?:[A-Z]{{1,3}}[ -]?)?{_DIGIT}{{4,10}}(?!\w)")
_ACCESSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{3,17}")
_DATE = re.compile(r"([0-9]{1,2})[ ./-]{1,2}([0-9]{1,2}|[A-Za-z]{3,9})[ ./,-]{1,2}([0-9]{4}|[0-9]{2})(?![0-9])")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PROVIDER_PLACES = "0123456789ABCDEFGHJKLMNPQRTUVWXY"
_PROVIDER_CHECKS = "YXWTLKJHFBA"
_NHI_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def identifiers(line: str) -> frozenset[Identifier]:
    """What kinds of number one line of text holds."""
    line = line[:LINE_LIMIT]
    return frozenset((*_named(line), *_bare(line)))


def _named(line: str) -> Iterator[Identifier]:
    for kind, label in _LABELS:
        for found in label.finditer(line):
            yield Identifier(kind=kind, proof=_BEHIND[kind](line[found.end() :][:40].lstrip()))


def _bare(line: str) -> Iterator[Identifier]:
    if _DOCTOR.search(line):
        yield Identifier(kind=Kind.DOCTOR, proof=Proof.LABEL)
    for found in _NUMBER.finditer(line):
        if sum(char.isdigit() for char in found[0]) * 3 >= len(found[0]) * 2:
            yield from _bare_number(found[0].strip())
    for parts in _PROVIDER.finditer(line):
        if is_provider("".join(parts.groups())):
            yield Identifier(kind=Kind.PROVIDER, proof=Proof.BARE)
    for parts in _NHI.finditer(line):
        if is_nhi(parts[0]):
            yield Identifier(kind=Kind.NHI, proof=Proof.BARE)


def _bare_number(text: str) -> Iterator[Identifier]:
    digits = _digits(text)
    if is_medicare(digits):
        grouped = re.fullmatch(r"\S{4} \S{5} \S(?: ?\S)?", text) is not None
        yield Identifier(kind=Kind.MEDICARE, proof=Proof.CHECKED if grouped else Proof.BARE)
    if is_ihi(digits):  # sixteen digits with a fixed beginning: chance makes none
        yield Identifier(kind=Kind.IHI, proof=Proof.CHECKED)
    if is_hpi(digits):
        yield Identifier(kind=Kind.HPI, proof=Proof.CHECKED)


def is_medicare(digits: str) -> bool:
    """Ten digits, or eleven with the person's place on the card; the ninth proves the first eight."""
    if not re.fullmatch(r"[2-6][0-9]{8}[1-9]{1,2}", digits):
        return False
    weights = (1, 3, 7, 9, 1, 3, 7, 9)
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False)) % 10 == int(digits[8])


def is_ihi(digits: str) -> bool:
    """Sixteen digits of a person's health identifier."""
    return re.fullmatch(r"800360[0-9]{10}", digits) is not None and _luhn(digits)


def is_hpi(digits: str) -> bool:
    """Sixteen digits of a health provider, a person or an organisation."""
    return re.fullmatch(r"80036[12][0-9]{10}", digits) is not None and _luhn(digits)


def is_provider(text: str) -> bool:
    """Six digits, the character of the place of practice, the check character."""
    text = _digits(text[:6]) + text[6:]
    if not re.fullmatch(r"[0-9]{6}[0-9A-HJ-NP-RT-Y][A-Z]", text):
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text, (3, 5, 8, 4, 2, 1), strict=False))
    return _PROVIDER_CHECKS[(total + 6 * _PROVIDER_PLACES.index(text[6])) % 11] == text[7]


def is_nhi(text: str) -> bool:
    """Three letters with four digits (the old form), or with two digits and two letters (the new one)."""
    if not re.fullmatch(r"[A-HJ-NP-Z]{3}[0-9]{2}(?:[0-9]{2}|[A-HJ-NP-Z]{2})", text):
        return False
    values = [int(char) if char.isdigit() else _NHI_LETTERS.index(char) + 1 for char in text]
    total = sum(value * weight for value, weight in zip(values, (7, 6, 5, 4, 3, 2), strict=False))
    if text[-1].isdigit():
        return total % 11 != 0 and (11 - total % 11) % 10 == values[-1]
    return 23 - total % 23 == values[-1]


def _luhn(digits: str) -> bool:
    doubled = (int(digit) * (2 if place % 2 else 1) for place, digit in enumerate(reversed(digits)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _digits(text: str) -> str:
    return "".join(text.split()).replace("-", "").translate(_LOOKS_LIKE)


def _number_behind(is_valid: Callable[[str], bool]) -> Callable[[str], Proof]:
    def proof(text: str) -> Proof:
        found = re.match(rf"{_DIGIT}(?:[ -]?{_DIGIT}){{6,18}}", text)
        if found is None:
            return Proof.LABEL
        # A number may be followed by another one on the same line, so that its beginning counts too.
        digits = _digits(found[0])
        return Proof.CHECKED if any(is_valid(digits[:length]) for length in (16, 11, 10)) else Proof.NAMED

    return proof


def _provider_behind(text: str) -> Proof:
    found = re.match(r"[0-9OoIlSB]{5,6} ?[0-9A-Z] ?[A-Z](?!\w)", text)
    if found is None:
        return Proof.LABEL
    return Proof.CHECKED if is_provider("".join(found[0].split())) else Proof.NAMED


def _nhi_behind(text: str) -> Proof:
    found = re.match(r"[A-Z]{3} ?[0-9]{2}[0-9A-Z]{2}(?!\w)", text)
    if found is None:
        return Proof.LABEL
    return Proof.CHECKED if is_nhi("".join(found[0].split())) else Proof.NAMED


def _birth_behind(text: str) -> Proof:
    found = _DATE.match(text)
    return Proof.CHECKED if found is not None and _is_date(found[1], found[2], found[3]) else Proof.LABEL


def _is_date(day: str, month: str, year: str) -> bool:
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1 if _is_month(month) else 0
    try:
        born = date(int(year) if len(year) == 4 else 1900 + int(year), number, int(day))
    except ValueError:
        return False
    return 1900 <= born.year <= 2099


def _is_month(text: str) -> bool:
    return text[:3].lower() in _MONTHS


def _shape_behind(shape: re.Pattern[str], *, digits: int) -> Callable[[str], Proof]:
    """Numbers without a check: the name before them and so many digits are all there is."""

    def proof(text: str) -> Proof:
        found = shape.match(text)
        enough = found is not None and sum(char.isdigit() for char in found[0]) >= digits
        return Proof.NAMED if enough else Proof.LABEL

    return proof


_BEHIND: dict[Kind, Callable[[str], Proof]] = {
    Kind.MEDICARE: _number_behind(is_medicare),
    Kind.IHI: _number_behind(is_ihi),
    Kind.VETERAN: _shape_behind(_VETERAN, digits=2),
    Kind.HPI: _number_behind(is_hpi),
    Kind.PROVIDER: _provider_behind,
    Kind.RECORD: _shape_behind(_RECORD, digits=4),
    Kind.NHI: _nhi_behind,
    Kind.BIRTH: _birth_behind,
    Kind.ACCESSION: _shape_behind(_ACCESSION, digits=3),
}
