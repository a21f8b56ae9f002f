"""Rationale, sentences and steps by check, reason and system, read from the guidance.toml beside each check."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from checks.evidence import MEANING, Why
from checks.model import Exact
from checks.plurals import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of one reason."""

    said: str
    """One sentence to the person; {placeholders} are filled from a point's exact values."""
    steps: Mapping[str, tuple[str, ...]]
    """Variant (a desktop, a product) or platform -> one action a line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """The words of one check."""

    name: str
    """Short, for lists."""
    rationale: str
    """Why it matters, one sentence."""
    reasons: Mapping[str, Words]
    by_hand: Mapping[str, tuple[str, ...]]
    """How to find out when nothing at all could be seen: a reason why, a variant or a platform -> one action a line."""


@cache
def guidance(check_id: str) -> Guidance:
    """The words of a check. Raises FileNotFoundError for a check that has none: a fault that a test finds."""
    text = resources.files("checks").joinpath(check_id, "guidance.toml").read_text("utf-8")
    return parse(tomllib.loads(text))


def parse(table: Mapping[str, Any]) -> Guidance:
    """Read the table of a guidance.toml."""
    reasons = {
        code: Words(said=words["said"], steps={key: tuple(steps) for key, steps in words.get("steps", {}).items()})
        for code, words in table["reasons"].items()
    }
    by_hand = {key: tuple(lines) for key, lines in table.get("by_hand", {}).items()}
    return Guidance(name=table["name"], rationale=table["rationale"], reasons=reasons, by_hand=by_hand)


def said(check_id: str, reason: str, exact: Exact) -> str:
    """The person's sentence for a reason. Reasons of no check's own, such as a missing tool, have theirs here."""
    words = guidance(check_id).reasons.get(reason)
    if words is not None:
        return fill(words.said, exact)
    if reason in COMMON:
        return COMMON[reason]
    return MEANING[Why(reason)][1].capitalize() + "."


def steps(check_id: str, reason: str, variants: Iterable[str], exact: Exact) -> tuple[str, ...]:
    """Steps for the first variant that has some; () where there are none. What was not seen is looked up by hand."""
    words = guidance(check_id)
    own = words.reasons.get(reason)
    unseen = words.by_hand if reason in set(Why) else {}
    table = own.steps if own is not None else unseen
    for variant in (reason, *variants):
        if variant in table:
            return tuple(fill(step, exact) for step in table[variant])
    return ()


COMMON: Mapping[str, str] = {
    "not_concerned": "It doesn't concern this kind of device.",
    "switched_off": "Your practice has switched this check off.",
    "no_probe": "We can't look at this yet: this version has no probe for it yet.",
    "not_consented": "You haven't agreed to your pictures being looked at.",
}


def fill(text: str, exact: Exact) -> str:
    """Put values where `{name}` stands; `{idle}` takes `idle_s` as a duration; an unfilled limit reads "the limit"."""
    values = dict(exact)
    for key, value in exact.items():
        if key.endswith("_s") and isinstance(value, int):
            values[key.removesuffix("_s")] = duration(value)
    for key, value in values.items():
        text = text.replace("{" + key + "}", str(value))
    return text.replace("{limit}", "the limit")


def duration(seconds: int) -> str:
    """90 -> "1 minute 30 seconds"; the two largest units that are not zero."""
    parts = []
    rest = seconds
    for size, name in ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        count, rest = divmod(rest, size)
        if count:
            parts.append(counted(count, name))
    return " ".join(parts[:2]) or "0 seconds"
