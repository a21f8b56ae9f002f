"""A check with one limit of each type, and policy files about it, for the tests of policies."""

import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from checks.evidence import Fact
from checks.model import LAPTOPS, Point, Severity, Status, Verdict
from checks.policy_file import Layer, read_layer
from checks.spec import Check, limit


class Reason(StrEnum):
    KEPT = "kept"


class Authority(StrEnum):
    DEVICE = "device"
    MDM = "mdm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    max_idle_s: int = limit(300, doc="Seconds until it locks.", minimum=30, maximum=3600)
    most: int = limit(5, doc="How many at most.")
    on_resume: bool = limit(True, doc="Locks after sleep.")
    word: str = limit("plain", doc="A word.")
    apps: tuple[str, ...] = limit(("one",), doc="Some apps.")
    authority: Authority = limit(Authority.DEVICE, doc="Whose word counts.")  # noqa: RUF009 - as each check does
    all_of: tuple[Authority, ...] = limit((Authority.MDM,), doc="Whose words count.")


def _judge(fact: Fact, limits: Limits) -> Verdict:
    return Verdict(status=Status.PASS, points=(Point(reason=Reason.KEPT, because="kept"),))


CHECK: Check[Any, Any] = Check(
    id="screen_lock",
    title="Screen locks",
    severity=Severity.HIGH,
    fact=Fact,
    limits=Limits,
    judge=_judge,
    reasons=Reason,
    measures={},
    requirements=("R1",),
    platforms=LAPTOPS,
)
CHECKS = (CHECK,)


def header(layer: str = "practice", version: str = "7") -> str:
    """The five lines that each policy file begins with."""
    name = {"hospital": "St Elsewhere", "practice": "Example Practice", "baseline": "Shipped"}.get(layer, layer)
    return (
        f'schema = "scrubin/policy/1"\nlayer = "{layer}"\nid = "the-{layer}"\nversion = "{version}"\nname = "{name}"\n'
    )


def layer(body: str = "", name: str = "practice", version: str = "7") -> Layer:
    """A layer whose first own line is line 6 of `<name>.toml`."""
    return read_layer((header(name, version) + body).encode(), file=f"{name}.toml", checks=CHECKS)


def toml(value: Any) -> str:
    """A value of a JSON kind in TOML, tables inline."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
        case list():
            return "[" + ", ".join(map(toml, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items()) + "}"
        case _:
            return repr(value)


def toml_text(document: dict[str, Any]) -> str:
    """A whole document, each top key on a line of its own."""
    return "".join(f"{toml(key)} = {toml(one)}\n" for key, one in document.items())
