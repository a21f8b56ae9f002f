"""Finds known programs in command lines: those of running processes, units, desktop entries, crontabs and scripts."""

import posixpath
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_names import INSIDE, INTERPRETERS, PROGRAMS
from checks.cloud_backup.fact import Product
from checks.evidence import Why

LONGEST_LINE = 8192
OPERATORS = ";&|<>()"
KNOWN = re.compile("|".join(re.escape(name) for name in sorted(PROGRAMS, key=len, reverse=True)), re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A known program with its arguments."""

    product: Product
    name: str
    """As in PROGRAMS or INSIDE."""
    argv: tuple[str, ...]
    """The arguments after the program's name; () where they are hidden or not recorded."""


def calls(line: str, home: str) -> Iterator[Call]:
    """Every known program in a shell line, whatever runs it (env, nice, sh -c, flatpak run). Raises UNPARSABLE.

    A program that is only named, as in `pkill nextcloud`, is found too: what it can do is then asked of its settings.
    """
    if KNOWN.search(line) is None:  # reading a line as a shell does is slow, and most name nothing
        return
    if len(line) > LONGEST_LINE:
        raise CollectError(Why.UNPARSABLE, "a command line of an absurd length")
    yield from _known(_words(line), home, nested=True)


def of_process(name: str, argv: Sequence[str]) -> Call | None:
    """A running program, or the client inside an interpreter; None for a stranger."""
    for one in (name, _program(argv[0]) if argv else ""):
        if one in PROGRAMS:
            return Call(product=PROGRAMS[one], name=one, argv=tuple(argv[1:]))
    if name in INTERPRETERS or (argv and _program(argv[0]) in INTERPRETERS):
        head = " ".join(argv[1:5]).lower()
        for inside, product in INSIDE.items():
            if inside in head:
                return Call(product=product, name=inside, argv=tuple(argv[2:]))
    return None


def expand(word: str, home: str) -> str:
    """A path as the shell or systemd would read it, for the person's home folder only."""
    for prefix in ("~", "$HOME", "${HOME}", "%h"):
        if word == prefix or word.startswith(prefix + "/"):
            return home.rstrip("/") + word.removeprefix(prefix)
    return word


def flags(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    """(flag, value) for `--flag value` and `--flag=value`; the value of a flag without one means nothing."""
    for number, word in enumerate(argv):
        name, equals, value = word.partition("=")
        if name.startswith("-"):
            following = argv[number + 1] if number + 1 < len(argv) else ""
            yield name, (value if equals else following).strip("\"'")


def _known(words: Sequence[str], home: str, *, nested: bool) -> Iterator[Call]:
    for number, word in enumerate(words):
        product = PROGRAMS.get(_program(word))
        if product is not None:
            rest = tuple(expand(one, home) for one in _until_operator(words[number + 1 :]))
            yield Call(product=product, name=_program(word), argv=rest)
        elif nested and any(blank in word for blank in " \t"):
            yield from _known(_words(word), home, nested=False)


def _words(line: str) -> list[str]:
    try:
        lexer = shlex.shlex(line, posix=True, punctuation_chars=OPERATORS)
        lexer.whitespace_split = True
        lexer.commenters = ""
        return list(lexer)
    except ValueError:  # a quote without its partner: words still tell which program it is
        return line.split()


def _until_operator(words: Sequence[str]) -> Iterator[str]:
    """The words of one command. What stands inside `$(...)` is another command, and this one goes on behind it."""
    depth, before = 0, ""
    for word in words:
        if not word or any(letter not in OPERATORS for letter in word):
            if depth == 0:
                yield word
        elif depth or (word.startswith("(") and before.endswith("$")):
            depth = max(0, depth + word.count("(") - word.count(")"))
            if depth == 0 and set(word) - {"(", ")"}:
                return
        else:
            return
        before = word


def _program(word: str) -> str:
    return posixpath.basename(word).lower()
