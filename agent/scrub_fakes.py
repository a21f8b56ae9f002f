"""Fakes of the same shape: letters for letters, digits for digits, the same fake wherever the same thing stands."""

from collections.abc import Callable
from enum import StrEnum

LETTERS = "ghjklmnpqrstvwxz"
"""Neither vowels, so that no fake is a word, nor a to f, so that none looks like a hexadecimal number."""
HEX = "abcdef"
DIGITS = "123456789"
"""Without a zero: what was not nothing must not become nothing."""
OTHER = "ö"
"""For letters of other alphabets."""
TRIES = 10_000


class Kind(StrEnum):
    """Things that are numbered apart, so that one kind's fakes do not depend on another's."""

    WORD = "word"
    HEX = "hex"
    """What would stay as it is, is no fake of either."""
    PERSONAL = "personal"
    KEY_BEFORE = "key_before"
    KEY_AFTER = "key_after"


def _shape_of(character: str) -> str:
    if character.isdigit():
        return "9"
    if character in HEX or character in HEX.upper():
        return "f" if character.islower() else "F"
    return "z" if character.islower() else "Z"


WORD_SHAPE = {ord(one): _shape_of(one).replace("f", "z").replace("F", "Z") for one in map(chr, range(128))
              if one.isalnum()}  # fmt: skip
HEX_SHAPE = {ord(one): _shape_of(one) for one in map(chr, range(128)) if one.isalnum()}
ALPHABETS = {"9": DIGITS, "z": LETTERS, "Z": LETTERS.upper(), "f": HEX, "F": HEX.upper()}
FIRST = {ord(shape): alphabet[0] for shape, alphabet in ALPHABETS.items()}


class Fakes:
    """The n-th thing of a shape gets the n-th fake of that shape.

    Fakes that are replaced once more, in the same order, get themselves: a scrubbed text stays as it is.
    """

    def __init__(self, stays: Callable[[str], bool]) -> None:
        """`stays` says of a word whether it is left as it is."""
        self._stays = stays
        self._known: dict[tuple[Kind, str], str] = {}
        self._next: dict[tuple[Kind, str], int] = {}

    def of(self, kind: Kind, found: str) -> str:
        """The fake of a thing."""
        known = self._known.get((kind, found))
        if known is None:
            known = self._known[kind, found] = self._made(kind, found)
        return known

    def _made(self, kind: Kind, found: str) -> str:
        shape = found.translate(HEX_SHAPE if kind is Kind.HEX else WORD_SHAPE)
        if not shape.isascii():
            shape = "".join(one if one.isascii() else OTHER for one in shape)
        for _ in range(TRIES):
            number = self._next.get((kind, shape), 0)
            self._next[kind, shape] = number + 1
            made = written(number, shape)
            if kind not in (Kind.WORD, Kind.HEX) or not self._stays(made):
                return made
        return made


def written(number: int, shape: str) -> str:
    """A number in the letters and digits that a shape has room for; beyond that it starts again."""
    made = list(shape.translate(FIRST))
    for place in range(len(shape) - 1, -1, -1):
        if number == 0:
            break
        alphabet = ALPHABETS.get(shape[place])
        if alphabet is not None:
            number, rest = divmod(number, len(alphabet))
            made[place] = alphabet[rest]
    return "".join(made)
