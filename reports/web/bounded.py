"""Reads a request's body within bounds of size and time, and says what is wrong with its shape without quoting it."""

import asyncio
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import FormData
from starlette.requests import ClientDisconnect, Request

from reports.web.answers import Refusal

SAFE = re.compile(r"[A-Za-z0-9 _.,`'$\[\]\-=<>]{1,200}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long a body may take."""

    whole_s: float = 20.0


async def body_of(request: Request, *, limit: int, pace: Pace) -> bytes:
    """The body, at most `limit` bytes as they arrive. Raises Refusal.

    A compressed body is refused, not opened: nothing that we take in is large enough to need it.
    """
    if request.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Refusal(status=415, code="encoding", sentence="Send the body without compression.")
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or len(declared) > 15 or int(declared) > limit:
        raise _too_large(limit)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(pace.whole_s):
            async for part in request.stream():
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(part)
    except TimeoutError as error:
        raise Refusal(status=408, code="slow", sentence="The body took too long to arrive.") from error
    except ClientDisconnect as error:
        raise Refusal(status=400, code="cut_off", sentence="The body was cut off.") from error
    return b"".join(parts)


def form_of(request: Request, raw: bytes, *, fields: int) -> FormData:
    """The form that a page sent as `raw`, of at most `fields` fields. Raises Refusal."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise Refusal(status=415, code="form", sentence="A form was expected.")
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=fields)
    except ValueError as error:
        raise Refusal(status=400, code="form", sentence="The form can't be read.") from error
    if any("\0" in part for pair in pairs for part in pair):
        raise Refusal(status=400, code="form", sentence="The form holds a character that no text has.")
    return FormData([*pairs])


def _too_large(limit: int) -> Refusal:
    sentence = f"The body is larger than {limit >> 10} KB."
    return Refusal(status=413, code="too_large", sentence=sentence, headers={"connection": "close"})


def shape_fault(error: Exception) -> str:
    """What msgspec found, its path included. It may quote an unknown key or an enum's value: such text is left out."""
    text = str(error)
    if "unknown field" in text:
        where = text.partition(" - at ")[2]
        return f"there is a field that is not known{f' at {where}' if SAFE.fullmatch(where) else ''}"
    if "Invalid enum value" in text or "Invalid value" in text or not SAFE.fullmatch(text):
        where = text.rpartition(" - at ")[2]
        return f"a value is outside its set{f' at {where}' if SAFE.fullmatch(where) and where != text else ''}"
    return text[:200]
