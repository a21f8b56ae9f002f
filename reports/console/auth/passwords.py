"""Passwords: which are taken, and how they are kept (argon2id)."""

import contextlib
import re
import threading
from collections.abc import Iterator

import argon2

from reports.console.model import Refusal

SHORTEST = 12
LONGEST = 200
AT_ONCE = 3
"""Passwords that one process works on at a time: each takes 64 MB while it does."""
FIRST_TRIED = (
    "administrator changeme changemenow clinicalphotos correcthorsebatterystaple doctordoctor dragondragon football "
    "helloworld iloveyou iloveyousomuch letmein letmeinplease medicalcentre medicalpractice monkeymonkey mypassword "
    "newpassword password passwordpassword passw0rd p@ssword p@ssw0rd pa55word practicemanager princess qwerty "
    "qwertyqwerty qwertyuiop qwertyuiopas scrubin scrubinscrubin secret secretsecret sunshine superman temporary "
    "thisismypassword trustno1 welcome welcomehome welcomewelcome zxcvbnm asdfghjkl asdfghjklasdf"
)
"""What is tried first, without the digits and marks that people put behind."""
RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiopasdfghjklzxcvbnm")
TAIL = re.compile(r"[\W\d_]*\Z", re.ASCII)
COMMON = frozenset(FIRST_TRIED.split())
WAITING = 12
"""Requests that may wait for their turn: whoever floods the sign-in must not take up every thread there is."""
_HASHER = argon2.PasswordHasher()
_TURN = threading.BoundedSemaphore(AT_ONCE)
_ROOM = threading.BoundedSemaphore(AT_ONCE + WAITING)
_NOBODYS = _HASHER.hash("the hash of no account")
"""Verified against where there is no account, so that an answer takes as long."""


def fault_of(password: str, *, about: str = "") -> str | None:
    """Why it is not taken, as a sentence; None if it is. `about`: the account's e-mail address."""
    if len(password) < SHORTEST:
        return f"Take at least {SHORTEST} characters. Three or four words that don't belong together do well."
    if len(password) > LONGEST:
        return f"Take at most {LONGEST} characters."
    plain = password.casefold()
    bare = TAIL.sub("", plain) if not plain.isdecimal() else plain
    if bare in COMMON or plain in COMMON or len(set(plain)) < 5 or _is_run(plain):
        return "This is one of the first that anybody would try. Take another."
    if about and plain in (about.casefold(), about.casefold().partition("@")[0]):
        return "This is your e-mail address. Take something that isn't written next to it."
    return None


def _is_run(plain: str) -> bool:
    """Along the keyboard or the alphabet, forwards or backwards, or one short piece again and again."""
    if any(plain in way or plain in way[::-1] for way in RUNS):
        return True
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, 5))


def kept(password: str) -> str:
    """As it is kept. Takes a moment. Raises Refusal."""
    with _turn():
        return _HASHER.hash(password)


def matches(password: str, password_hash: str | None) -> bool:
    """Whether it is the one. Takes as long where there is none. Raises Refusal."""
    try:
        with _turn():
            return _HASHER.verify(password_hash or _NOBODYS, password[: LONGEST + 1]) and password_hash is not None
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    if not _ROOM.acquire(blocking=False):
        sentence = "Too many people sign in at this moment. Try again in a few seconds."
        raise Refusal(status=503, code="busy", sentence=sentence, headers={"retry-after": "5"})
    try:
        with _TURN:
            yield
    finally:
        _ROOM.release()


def outdated(password_hash: str) -> bool:
    """Whether it was made with weaker settings than today's."""
    return _HASHER.check_needs_rehash(password_hash)
