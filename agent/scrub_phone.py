"""Takes a person out of a phone's answers: only words that are Android's or the probes' own stay, all else is faked."""

import re
from collections.abc import Mapping

from agent.collect.android.camera_apps import CALLED_CAMERA
from agent.collect.android.commands import PROPERTIES
from agent.collect.android.commands import SETTINGS as TABLES
from agent.collect.android.remote_wipe_products import FAMILIES
from agent.collect.android.screen_lock_delay import LOCK_AFTER
from agent.collect.android.usb_debugging import KEY_START
from agent.scrub_fakes import Fakes, Kind
from agent.scrub_phone_slots import Layout, Part, pieces
from agent.vocabulary import WORD, phone_words

KEPT_LINES = 50_000
"""Lines that are remembered: dumps repeat themselves."""
LAYOUTS: Mapping[tuple[str, ...], Layout] = {
    PROPERTIES.argv: Layout.PROPERTIES,
    **{command.argv: Layout.SETTINGS for command in TABLES.values()},
}
STRANGE = re.compile(r"[^\w\s\x20-\x7e]")
"""Neither a letter nor a blank nor a mark of ASCII: emoji, controls, halves of characters."""
EVIDENCE = ("screen_off_timeout", "lock_screen_lock_after_timeout", "maximumTimeToUnlock",
            "adb_allowed_connection_time", "uid")  # fmt: skip
"""Keys whose long numbers decide something."""
FOREVER = frozenset({"2147483647", "9223372036854775807"})
SMALL = 5
"""Digits of a number that may stay."""
TOKENS = re.compile(
    r"(?P<base64>[A-Za-z0-9+/=]{100,})"
    r"|(?P<address>\w[\w.+-]{0,63}@[\w.-]{1,255})"
    r"|(?P<hex>(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}"
    r"|(?:[0-9a-fA-F]{2}[:-]){5}[0-9a-fA-F]{2}|(?:[0-9a-fA-F]{0,4}:){3,7}[0-9a-fA-F]{0,4})(?!\w))"
    rf"|(?P<evidence>(?:{'|'.join(EVIDENCE)})=[1-9][0-9]{{0,9}}(?!\w))"
    r"|(?P<numbers>[0-9]+(?:[ .,:/+()-]{1,2}[0-9]+)+(?![^\W_]))"
    r"|(?P<key>[A-Za-z]{1,40}(?:_[A-Za-z]{1,40}){0,9}(?==(?!=)))"
    r"|(?P<name>[^\W\d]\w*(?:\.\w+)+)"
    r"|(?P<word>\w+)"
)
UID = re.compile(r"u[0-9]{1,5}(?:[ais]{1,2}[0-9]{1,6})?")
"""u0a123: the 123rd app of user 0."""
PERIOD = re.compile(r"(?=[0-9])(?:[0-9]{1,5}d)?(?:[0-9]{1,2}h)?(?:[0-9]{1,2}m)?(?:[0-9]{1,2}s)?(?:[0-9]{1,3}ms)?")
HEXADECIMAL = re.compile(r"[0-9a-fA-F]+")
LONG_WORD = 8
LONG_HEX = re.compile(r"0x[0-9a-fA-F]{9,}")
MASK = re.compile(r"0x[0-9a-fA-F]{1,8}")
FLAGS = re.compile(r"[0-9a-f]{1,8}")
PRECISE = re.compile(r"\.[0-9]{2}")
ROOTS = frozenset({"android", "java", "ro", "sys", "persist", "service", "init"})
"""With these begin names of Android's own, of which each part is looked at by itself."""
HUMP = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
MOST_PARTS = 20


class PhoneScrubber:
    """Replaces the same thing by the same fake in all answers of one phone, so that its lists still match."""

    def __init__(self) -> None:
        self._known = phone_words()
        self._telling = self._known.keys | self._known.names
        self._fakes = Fakes(self._stays)
        self._apps: dict[str, str] = {}
        self._lines: dict[tuple[Layout, str], str] = {}

    def text(self, text: str, argv: tuple[str, ...]) -> str:
        """An answer to a command, line by line; its lines stay as many and their layout as it is."""
        layout = LAYOUTS.get(argv, Layout.DUMP)
        return "\n".join(self._line(line, layout) for line in text.split("\n"))

    def _line(self, line: str, layout: Layout) -> str:
        clean = self._lines.get((layout, line))
        if clean is None:
            shown = STRANGE.sub("·", line)
            clean = "".join(self._piece(part, text) for part, text in pieces(shown, layout, self._telling))
            if len(self._lines) < KEPT_LINES:
                self._lines[layout, line] = clean
        return clean

    def _piece(self, part: Part, text: str) -> str:
        if part is Part.AS_IT_IS:
            return text
        if part is Part.TEXT:
            return TOKENS.sub(self._token, text)
        if part is Part.PERSONAL:
            return TOKENS.sub(self._personal, text)
        return self._setting(text) if part is Part.SETTING else WORD.sub(self._word, text)

    def _token(self, found: re.Match[str]) -> str:
        match found.lastgroup:
            case "base64":
                return self._base64(found[0])
            case "address":
                return self._fakes.of(Kind.PERSONAL, found[0])
            case "hex":
                return self._hex(found[0])
            case "evidence":
                return found[0]
            case "numbers":
                return self._numbers(found[0])
            case "key":
                return self._key(found[0])
            case "name":
                return self._name(found)
            case _:
                return found[0] if _flags(found) else WORD.sub(self._word, found[0])

    def _personal(self, found: re.Match[str]) -> str:
        """As a token, and no word that we know is spared."""
        if found.lastgroup in ("base64", "address", "hex"):
            return self._token(found)
        return WORD.sub(lambda one: self._owned(one[0]), found[0])

    def _owned(self, word: str) -> str:
        short = len(word) <= SMALL if word.isdigit() else len(word) == 1
        return self._fakes.of(Kind.PERSONAL, word) if short else self._faked(word)

    def _word(self, found: re.Match[str]) -> str:
        return found[0] if self._stays(found[0]) else self._faked(found[0])

    def _faked(self, word: str) -> str:
        if LONG_HEX.fullmatch(word):
            return word[:2] + self._fakes.of(Kind.HEX, word[2:])
        return self._fakes.of(Kind.HEX if _hexadecimal(word) else Kind.WORD, word)

    def _stays(self, word: str) -> bool:
        if word.isascii() and word.isdigit():
            return len(word) <= SMALL or word in FOREVER or not word.strip("0")
        return (
            (len(word) == 1 and word.isascii())
            or word.lower() in self._known.words
            or UID.fullmatch(word) is not None
            or PERIOD.fullmatch(word) is not None
            or MASK.fullmatch(word) is not None
        )

    def _key(self, key: str) -> str:
        """mFirstCount and first_count, part by part."""
        return HUMP.sub(lambda part: part[0] if self._part(part[0]) else self._faked(part[0]), key)

    def _part(self, part: str) -> bool:
        return len(part) == 1 or part.lower() in self._known.parts or part.lower() in self._known.words

    def _hex(self, text: str) -> str:
        return self._fakes.of(Kind.HEX, text) if re.search("[1-9a-fA-F]", text) else text

    def _numbers(self, text: str) -> str:
        """Addresses, telephone numbers, places, moments; not `1.0`, nor a few small numbers in a row."""
        digits = re.sub("[^0-9]", "", text)
        if not digits.strip("0") or (len(digits) <= SMALL and not PRECISE.search(text)):
            return text
        return self._fakes.of(Kind.PERSONAL, text)

    def _base64(self, text: str) -> str:
        """The key of a computer is the same one wherever it stands, whatever stands before it."""
        if not re.search("[A-Za-z0-9]", text):
            return text
        start = text.find(KEY_START)
        if start < 0:
            return self._fakes.of(Kind.PERSONAL, text)
        before = self._fakes.of(Kind.PERSONAL, text[:start])
        return f"{before}{KEY_START}{self._fakes.of(Kind.PERSONAL, text[start + len(KEY_START) :])}"

    def _setting(self, key: str) -> str:
        """A probe tells by the order of the keys whether the list was cut, so each stays on its side."""
        if key in self._known.keys or all(self._part(one) for one in WORD.findall(key)):
            return key
        after = key > LOCK_AFTER
        fake = self._fakes.of(Kind.KEY_AFTER if after else Kind.KEY_BEFORE, key)
        return f"z{fake[1:]}" if after else fake

    def _name(self, found: re.Match[str]) -> str:
        """A name with dots; behind a slash it is a class or a folder, of which each part is looked at by itself."""
        name, text = found[0], found.string
        if name.partition(".")[0] in ROOTS or text[found.start() - 1 : found.start()] in ("/", "."):
            return WORD.sub(self._word, name)
        return self._app(name)

    def _app(self, name: str) -> str:
        if name in self._known.names:
            return name
        base, mark, rest = name.rpartition("_")
        if mark:  # a library with its version, which the short list of apps has without
            return f"{self._app(base)}_{WORD.sub(self._word, rest)}"
        family = next((one for one in FAMILIES if name.startswith(f"{one}.")), None)
        if family is not None:
            return family + WORD.sub(self._word, name[len(family) :])
        if "." not in name or name.count(".") >= MOST_PARTS:
            return WORD.sub(self._word, name)
        if name not in self._apps:
            self._apps[name] = self._numbered(name)
        return self._apps[name]

    def _numbered(self, name: str) -> str:
        """A name of as many parts. That an app is a camera decides something."""
        number = len(self._apps) + 1
        parts = ["app", "example", *("x" for _ in range(MOST_PARTS))][: name.count(".")]
        return ".".join([*parts, f"a{number}{'camera' if CALLED_CAMERA.search(name) else ''}"])


def _hexadecimal(word: str) -> bool:
    """As an id is: letters with digits, or more of these letters than a word has."""
    if word.isdigit() or HEXADECIMAL.fullmatch(word) is None:
        return False
    return len(word) >= LONG_WORD or any(one.isdigit() for one in word)


def _flags(found: re.Match[str]) -> bool:
    """Whether a word stands as the flags of a user do: `:4c13}`."""
    text, start, end = found.string, found.start(), found.end()
    return text[start - 1 : start] == ":" and text[end : end + 1] == "}" and FLAGS.fullmatch(found[0]) is not None
