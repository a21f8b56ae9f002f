"""What the words of a page say: whether it belongs to somebody's care. Knows the vocabulary, keeps no text.

Words come from OCR, so that one wrong letter in a long word, a lost space or a digit for a letter does not hide them.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from agent.photos.identifiers import LINE_LIMIT, identifiers
from agent.photos.image import Words

PERSON = "person"
ORDINARY = "ordinary"
NAMES_SOMEBODY = 0.8
"""A hit of PERSON with such a weight speaks of one patient; "doctor" and "hospital" stand in every leaflet."""
OF_KIND = 1.0
"""Points from which a page may be of a kind: one good word, or some weak ones."""
UNNAMED = 2.5
"""Where nobody is named a page needs so many times its points."""
FROM_OTHERS = 0.5
"""A page of one kind holds words of others; they count half."""
LONG = 8
"""Letters from which one wrong letter is forgiven."""
GLUED = 9
"""Letters from which a term is looked for inside a longer word: OCR loses spaces."""
LINES_LIMIT = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What reading a page came to."""

    words: Words
    weight: float
    """0..1: how strongly the words speak for somebody's care; from 0.5 on they are CLINICAL. 0 where UNREAD."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A term of the vocabulary that stands on the page."""

    kind: str
    term: str
    """As the vocabulary writes it, never as the page does."""
    weight: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a page of one kind must come to."""

    threshold: float
    alone: bool
    """Its own words are proof enough where nobody is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """vocabulary.toml, ready to search."""

    kinds: Mapping[str, Needs]
    terms: Mapping[str, tuple[tuple[tuple[str, ...], Hit], ...]]
    """First word -> all terms that begin with it."""
    glued: tuple[tuple[str, Hit], ...]
    near: Mapping[str, str]
    """A long word less one letter -> the word."""
    known: frozenset[str]
    """Words of terms, and ordinary ones that must not be taken for them."""
    patterns: tuple[tuple[re.Pattern[str], Hit], ...]
    identifiers: Mapping[tuple[str, str], float]
    """Proof and kind -> weight."""


def verdict(lines: Sequence[str]) -> Page:
    """What all lines of a page say together."""
    return judge({hit for line in lines[:LINES_LIMIT] for hit in hits(line)})


def judge(found: Iterable[Hit]) -> Page:
    """Weigh what was found."""
    weight = max(0.0, strength(found))
    return Page(words=Words.CLINICAL if weight >= 1 else Words.ORDINARY, weight=weight / (1 + weight))


def strength(found: Iterable[Hit]) -> float:
    """How many times over the page is clinical: 1 just is, below 0 it speaks against it.

    Each term counts once, a number by its best proof: a label and the number behind it are one thing.
    """
    best: dict[tuple[str, str], float] = {}
    for hit in found:
        best[hit.kind, hit.term] = max(best.get((hit.kind, hit.term), 0.0), hit.weight)
    points = dict.fromkeys((ORDINARY, *vocabulary().kinds), 0.0)
    for (kind, _), weight in best.items():
        points[kind] += weight
    named = any(kind == PERSON and weight >= NAMES_SOMEBODY for (kind, _), weight in best.items())
    return max(
        _ratio(kind, needs, points, named=named)
        for kind, needs in vocabulary().kinds.items()
        if kind == PERSON or points[kind] >= OF_KIND
    )


def _ratio(kind: str, needs: Needs, points: Mapping[str, float], *, named: bool) -> float:
    person = points[PERSON]
    others = sum(points[other] for other in vocabulary().kinds if other not in (kind, PERSON))
    own = person if kind == PERSON else points[kind] + person
    balance = own + FROM_OTHERS * others - points[ORDINARY]
    proven = named or (needs.alone and points[kind] >= needs.threshold / 2)
    return balance / (needs.threshold * (UNNAMED if balance > 0 and not proven else 1.0))


def hits(line: str) -> frozenset[Hit]:
    """The terms in one line of text."""
    line = unicodedata.normalize("NFKC", line[:LINE_LIMIT])[:LINE_LIMIT]
    return frozenset((*_terms(line), *_shapes(line.lower()), *_numbers(line)))


def _shapes(line: str) -> Iterator[Hit]:
    for pattern, hit in vocabulary().patterns:
        if pattern.search(line):
            yield hit


def _numbers(line: str) -> Iterator[Hit]:
    weights = vocabulary().identifiers
    for one in identifiers(line):
        yield Hit(kind=PERSON, term=f"number: {one.kind}", weight=weights[one.proof, one.kind])


def _terms(line: str) -> Iterator[Hit]:
    spoken = vocabulary()
    tokens = _tokens(line)
    resolved = [_resolve(token) for token in tokens]
    for place, word in enumerate(resolved):
        for term, hit in spoken.terms.get(word, ()):
            if tuple(resolved[place : place + len(term)]) == term:
                yield hit
        if word not in spoken.known and len(word) > GLUED:
            yield from (hit for term, hit in spoken.glued if term in word)


def _resolve(token: str) -> str:
    """The word of the vocabulary that is meant, or the token as it is."""
    known = vocabulary().known
    if token in known:
        return token
    if len(token) > 4 and token.endswith("s") and token[:-1] in known:
        return token[:-1]
    if len(token) < LONG - 1:
        return token
    return next((near for one in (token, *_shorter(token)) if (near := _near(one, token))), token)


def _near(shorter: str, token: str) -> str | None:
    """The long word that is one letter away from the token."""
    word = vocabulary().near.get(shorter)
    return word if word is not None and abs(len(word) - len(token)) <= 1 else None


def _shorter(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


_SAME = str.maketrans("01i|58", "olllsb")
_TOKEN = re.compile(r"[a-z0-9|]+")


def _tokens(text: str) -> list[str]:
    """Words in one spelling: no accents, and letters that OCR takes for one another made one."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(char))
    return [one if one.isdigit() else one.translate(_SAME) for one in _TOKEN.findall(plain)]


@cache
def vocabulary() -> Vocabulary:
    """Read once, when the first page asks for it."""
    return read(tomllib.loads(files("agent.photos").joinpath("vocabulary.toml").read_text(encoding="utf-8")))


def read(table: Mapping[str, Any]) -> Vocabulary:
    """The vocabulary in this table. Raises KeyError, re.error where it is not of the right form."""
    found = tuple(_listed(table))
    words = {word for term, _ in found for word in term}
    lookalikes = {token for one in _split(table["lookalikes"]["words"]) for token in _tokens(one)}
    first: dict[str, list[tuple[tuple[str, ...], Hit]]] = {}
    for term, hit in found:
        first.setdefault(term[0], []).append((term, hit))
    return Vocabulary(
        kinds={name: Needs(threshold=kind["threshold"], alone=kind.get("alone", False))
               for name, kind in table["kinds"].items()},
        terms={word: tuple(terms) for word, terms in first.items()},
        glued=tuple(("".join(term), hit) for term, hit in found if len("".join(term)) >= GLUED),
        near={shorter: word for word in sorted(words) if len(word) >= LONG for shorter in (word, *_shorter(word))},
        known=frozenset(words | lookalikes),
        patterns=tuple(_patterns(table["patterns"])),
        identifiers={(proof, kind): weight
                     for proof, kinds in table["identifiers"].items() for kind, weight in kinds.items()},
    )  # fmt: skip


def _listed(table: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Hit]]:
    kinds = {**table["kinds"], ORDINARY: table[ORDINARY]}
    for kind, terms in kinds.items():
        for size, weight in table["weights"].items():
            for term in _split(terms[size]):
                yield tuple(_tokens(term)), Hit(kind=kind, term=term, weight=weight)


def _split(terms: str) -> list[str]:
    return [" ".join(term.split()) for term in terms.split(",") if term.strip()]


def _patterns(rows: Sequence[Mapping[str, Any]]) -> Iterator[tuple[re.Pattern[str], Hit]]:
    for row in rows:
        yield re.compile(row["regex"]), Hit(kind=row["kind"], term=row["regex"], weight=row["weight"])
