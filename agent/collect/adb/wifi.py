"""Wireless debugging: pair this laptop with a phone once, then connect to it, both through the adb server."""

import ipaddress
import re
from enum import StrEnum

from agent.collect.adb import smart
from agent.collect.host import CollectError
from checks.evidence import Why

PAIR_S = 30.0
"""The phone computes a while, and its Wi-Fi may sleep."""
CODE = re.compile(r"[0-9]{6}")
HOST_NAME = re.compile(r"(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62})){0,20}")
ANSWER = re.compile(r"(?:OKAY|FAIL){1,2}[0-9a-fA-F]{4}(.*)", re.DOTALL)
"""A pairing that fails has two statuses before its words: "OKAYFAIL0027Failed: ..."."""
ANSWER_BYTES = 4096


class Outcome(StrEnum):
    """How it went."""

    DONE = "done"
    NO_SERVER = "no_server"
    TOO_OLD = "too_old"
    """The server is from before Android 11, whose wireless debugging it does not know."""
    WRONG_CODE = "wrong_code"
    NOT_KNOWN = "not_known"
    """The phone does not know this laptop: it must be paired first, or asks whether to allow it."""
    NOT_REACHED = "not_reached"
    """Other Wi-Fi, old port, or the phone's screen with the code was left."""


WORDS = (
    ("Successfully paired to", Outcome.DONE),
    ("already connected to ", Outcome.DONE),
    ("connected to ", Outcome.DONE),
    ("unknown host service", Outcome.TOO_OLD),
    ("Wrong password", Outcome.WRONG_CODE),
    ("failed to authenticate", Outcome.NOT_KNOWN),
)
"""What the server says first. It says OKAY to a failure, too: only its words tell."""


class AddressError(ValueError):
    """What the person typed is no address or no code. The text says what is expected."""


def address(text: str) -> str:
    """`192.168.1.5:37045` or `[fe80::1]:37045`, or with a name. Raises AddressError."""
    host, colon, port = text.strip().rpartition(":")
    if not colon or not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 65535:
        raise AddressError("The address has a number after a colon, such as 192.168.1.5:37045.")
    if host.startswith("[") and host.endswith("]"):
        try:
            return f"[{ipaddress.IPv6Address(host[1:-1])}]:{int(port)}"
        except ValueError as error:
            raise AddressError("The address before the last colon is none.") from error
    if not HOST_NAME.fullmatch(host):
        raise AddressError("The address is four numbers with dots, then a colon and the port.")
    return f"{host}:{int(port)}"


def code(text: str) -> str:
    """Six digits; blanks between them are dropped. Raises AddressError."""
    digits = "".join(text.split())
    if not CODE.fullmatch(digits):
        raise AddressError("The code that the phone shows has six digits.")
    return digits


def pair(port: int, where: str, secret: str) -> Outcome:
    """Make this laptop known to the phone. Asks the server itself: a program's arguments are everybody's to read.

    Raises AddressError.
    """
    return _asked(port, f"host:pair:{code(secret)}:{address(where)}")


def connect(port: int, where: str) -> Outcome:
    """Let the server reach the phone. Raises AddressError."""
    return _asked(port, f"host:connect:{address(where)}")


def _asked(port: int, request: str) -> Outcome:
    try:
        with smart.dial(port, timeout_s=PAIR_S) as connection:
            smart.send(connection, request)
            said = smart.rest(connection, most=ANSWER_BYTES).decode("utf-8", "replace")
    except CollectError as error:
        return Outcome.NO_SERVER if error.why is Why.TOOL_MISSING else Outcome.NOT_REACHED
    return outcome(said)


def outcome(said: str) -> Outcome:
    """What an answer means; words that we don't know mean that it did not work."""
    found = ANSWER.match(said)
    words = found.group(1).removeprefix("Failed: ") if found else ""
    return next((result for start, result in WORDS if words.startswith(start)), Outcome.NOT_REACHED)
