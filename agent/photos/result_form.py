"""A worker's answer as a message and back; what comes back is believed only where it has the form of an answer."""

import re
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from agent.photos.frames import Frame, FrameError
from agent.photos.image import EMBEDDING, Fingerprint, Header, Medium, Result, Seen, Stage, Unread, Words
from checks.clinical_images.fact import Group

PROOF = -1
"""The number of a picture that shows whether a worker works at all; jobs count from 0."""
LABEL = re.compile(r"[a-z0-9_]{1,40}")
FORMAT = re.compile(r"[a-z0-9_.+-]{1,24}")
TAKEN_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([+-]\d\d:\d\d|Z)?", re.ASCII)
MOST_HASHES = 256
MOST_SIDE = 2**32
"""Sides of pictures are 32-bit numbers in every form that has them."""
HEADER_FIELDS = tuple(one.name for one in fields(Header))
Row = Mapping[str, object]
Closed = TypeVar("Closed", bound=StrEnum)


def told(number: int, result: Result | None) -> tuple[dict[str, object], bytes]:
    """Header and payload of an answer. None: the head did not decide."""
    if result is None:
        return {"number": number, "needs": "whole"}, b""
    if isinstance(result, Unread):
        return {"number": number, "unread": result}, b""
    row: dict[str, object] = {name: getattr(result.header, name) for name in HEADER_FIELDS}
    row |= {"number": number, "stage": result.stage, "score": result.score, "label": result.label}
    row |= {"group": result.group, "words": result.words}
    if result.fingerprint is None:
        return row, b""
    return row | {"hashes": list(result.fingerprint.hashes)}, result.fingerprint.embedding


def understood(frame: Frame) -> tuple[int, Result | None]:
    """The number of the job with what became of it. Raises FrameError."""
    row = frame.header
    number = _whole_number(row, "number", PROOF, 2**63)
    if row.get("needs") == "whole":
        return number, None
    if "unread" in row:
        return number, _member(row, "unread", Unread)
    return number, Seen(
        header=_header(row),
        stage=_member(row, "stage", Stage),
        score=_share(row, "score"),
        label=_text(row, "label", LABEL),
        group=_member(row, "group", Group),
        words=_member(row, "words", Words),
        fingerprint=_fingerprint(row, frame.payload),
    )


def _header(row: Row) -> Header:
    return Header(
        medium=_member(row, "medium", Medium),
        format=_text(row, "format", FORMAT),
        taken_at=_moment(row, "taken_at"),
        gps=_claim(row, "gps"),
        camera=_claim(row, "camera"),
        orientation=_whole_number(row, "orientation", 1, 8),
        width=_side(row, "width"),
        height=_side(row, "height"),
    )


def _fingerprint(row: Row, embedding: bytes) -> Fingerprint | None:
    if "hashes" not in row:
        return None
    hashes = row["hashes"]
    if not isinstance(hashes, list) or len(hashes) > MOST_HASHES or len(embedding) != EMBEDDING:
        raise FrameError("fingerprint")
    if not all(type(one) is int and 0 <= one < 2**64 for one in hashes):
        raise FrameError("hashes")
    return Fingerprint(hashes=tuple(hashes), embedding=embedding)


def _member(row: Row, name: str, members: type[Closed]) -> Closed:
    try:
        return members(str(row.get(name)))
    except ValueError as error:
        raise FrameError(name) from error


def _whole_number(row: Row, name: str, least: int, most: int) -> int:
    value = row.get(name)
    if type(value) is not int or not least <= value <= most:  # type, not isinstance: True is an int
        raise FrameError(name)
    return value


def _side(row: Row, name: str) -> int | None:
    return None if row.get(name) is None else _whole_number(row, name, 0, MOST_SIDE)


def _share(row: Row, name: str) -> float:
    value = row.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        raise FrameError(name)
    return float(value)


def _claim(row: Row, name: str) -> bool:
    value = row.get(name)
    if not isinstance(value, bool):
        raise FrameError(name)
    return value


def _text(row: Row, name: str, form: re.Pattern[str]) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise FrameError(name)
    return value


def _moment(row: Row, name: str) -> str | None:
    if row.get(name) is None:
        return None
    value = _text(row, name, TAKEN_AT)
    try:
        datetime.fromisoformat(value)
    except ValueError as error:
        raise FrameError(name) from error
    return value
