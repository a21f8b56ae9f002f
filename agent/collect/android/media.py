"""The phone's own list of pictures, as `content query` prints it: taken apart while it comes, row by row."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from agent.collect.host import CollectError
from checks.evidence import Why

ALWAYS = ("_id", "_size", "date_modified", "datetaken", "mime_type", "width", "height")
SINCE_29 = ("owner_package_name", "is_pending")
SINCE_30 = ("is_trashed", "generation_modified")
LAST = "_data"
"""The path stands last: it is the one column that may hold anything, the marks between columns included."""
LONGEST_ROW = 1 << 16
"""A path has at most 4,096 bytes; more than this is no row."""
NONE = b"No result found."
MORE = re.compile(rb"Row: ([0-9]{1,9}) ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One picture or video. In every field but the first and last None means that the phone has no value."""

    id: int
    size_bytes: int | None
    modified_s: int | None
    """Unix time, in seconds."""
    taken_ms: int | None
    """Unix time, in milliseconds; often missing for what a chat app saved."""
    mime_type: str | None
    width: int | None
    height: int | None
    owner: str | None
    """The app that put it there (Android 10 and later)."""
    pending: bool | None
    trashed: bool | None
    generation: int | None
    """Grows with each change (Android 11 and later)."""
    path: bytes
    """As it is on the phone: any bytes but NUL."""


def columns(release: int) -> tuple[str, ...]:
    """What to ask an Android of this API level for: one unknown column fails the whole query."""
    newer = (SINCE_29 if release >= 29 else ()) + (SINCE_30 if release >= 30 else ())
    return (*ALWAYS, *newer, LAST)


def rows(chunks: Iterable[bytes], wanted: tuple[str, ...]) -> Iterator[Media]:
    """Each row as soon as it is whole; `wanted` are the columns in the order in which they were asked for.

    A name may hold line ends, so a row ends where the next number begins. Raises UNPARSABLE, TOO_LARGE: the rows
    before it are good, and there are more that were not seen.
    """
    form = re.compile(_form(wanted), re.DOTALL)
    number = 0
    for row in _split(chunks):
        if not row.strip() or (number == 0 and row.strip() == NONE):
            continue
        found = form.fullmatch(row)
        if found is None:
            raise CollectError(Why.UNPARSABLE, f"row {number} is of another form")
        yield _media({name: found[name] for name in found.groupdict()})
        number += 1


def _form(wanted: tuple[str, ...]) -> bytes:
    parts = [f"{name}=(?P<{name}>[^,]*)" for name in wanted if name != LAST]
    return f"Row: [0-9]+ {', '.join([*parts, f'{LAST}=(?P<{LAST}>.*)'])}".encode()


def _split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Rows without their line end. Each byte is looked at a fixed number of times."""
    row, number = bytearray(), 0
    for line in _lines(chunks):
        start = MORE.match(line)
        if start is not None and int(start.group(1)) == number:
            yield bytes(row).rstrip(b"\n")
            row, number = bytearray(line), number + 1
        else:
            row += line
        if len(row) > LONGEST_ROW:
            raise CollectError(Why.TOO_LARGE, "a row without an end")
    if row and not row.endswith(b"\n"):
        raise CollectError(Why.UNPARSABLE, "the list ends in the middle of a row")
    yield bytes(row).rstrip(b"\n")


def _lines(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their end; the last may lack it."""
    rest = bytearray()
    for chunk in chunks:
        *whole, last = chunk.split(b"\n")
        for line in whole:
            rest += line
            yield bytes(rest) + b"\n"
            rest.clear()
        rest += last
        if len(rest) > LONGEST_ROW:
            raise CollectError(Why.TOO_LARGE, "a line without an end")
    yield bytes(rest)


def _media(row: dict[str, bytes]) -> Media:
    return Media(
        id=_required(row.get("_id")),
        size_bytes=_whole(row.get("_size")),
        modified_s=_whole(row.get("date_modified")),
        taken_ms=_whole(row.get("datetaken")),
        mime_type=_word(row.get("mime_type")),
        width=_whole(row.get("width")),
        height=_whole(row.get("height")),
        owner=_word(row.get("owner_package_name")),
        pending=_flag(row.get("is_pending")),
        trashed=_flag(row.get("is_trashed")),
        generation=_whole(row.get("generation_modified")),
        path=row[LAST].removesuffix(b"\r"),
    )


def _required(text: bytes | None) -> int:
    value = _whole(text)
    if value is None:
        raise CollectError(Why.UNPARSABLE, "a row without an id")
    return value


def _whole(text: bytes | None) -> int | None:
    if text is None or text in (b"NULL", b""):
        return None
    if not re.fullmatch(rb"-?[0-9]{1,19}", text):
        raise CollectError(Why.UNPARSABLE, "a number that is none")
    return int(text)


def _word(text: bytes | None) -> str | None:
    return None if text is None or text == b"NULL" else text[:200].decode("utf-8", "replace")


def _flag(text: bytes | None) -> bool | None:
    value = _whole(text)
    return None if value is None else value != 0
