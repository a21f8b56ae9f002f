"""The text of a practice's policy as the console takes it: checked as devices check it, and numbered by us."""

import importlib.resources
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any

from checks.catalog import CATALOG
from checks.policy import Policy, compose
from checks.policy_file import Fault, Layer, PolicyError, read_layer
from checks.policy_form import SCHEMA, LayerName, Value
from checks.policy_lines import lines_by_key
from checks.policy_shape import Flaw
from reports.console.policy_form_patch import patched

FILE = "policy.toml"
"""What faults call it."""
LONGEST = 64 << 10
"""Characters. Every device fetches it."""
MOST_LINES = 1500
"""A policy that sets every value of every profile stays under half of it; more would be slow to compare."""


@cache
def baseline() -> Layer:
    """The layer that comes with the product."""
    return read_layer(baseline_text().encode(), file="baseline.toml", checks=CATALOG)


@cache
def baseline_text() -> str:
    """The text of the same."""
    return (importlib.resources.files("checks") / "policies" / "baseline.toml").read_text("utf-8")


def read(text: str, *, layer: LayerName) -> Layer:
    """The layer that a text says. Raises PolicyError, whose faults name lines and keys."""
    if len(text) > LONGEST or text.count("\n") > MOST_LINES:
        expected = f"at most {LONGEST >> 10} KB in {MOST_LINES} lines"
        raise PolicyError([_fault(Flaw.TOO_LARGE, expected=expected, found="more")])
    found = read_layer(text.encode("utf-8", "surrogatepass"), file=FILE, checks=CATALOG)
    if found.name is not layer:
        expected = f'"{layer.value}", since this console speaks for the {layer.value}'
        line = lines_by_key(text).get(("layer",), 1)
        fault = _fault(Flaw.NOT_ALLOWED, key="layer", line=line, expected=expected, found=f'"{found.name.value}"')
        raise PolicyError([fault])
    return found


def numbered(text: str, number: int, *, layer: LayerName) -> str:
    """A readable text with its version set to the number under which devices will know it, and whose it is."""
    return patched(text, {("version",): str(number), ("layer",): layer.value}).text


def tidy(text: str) -> str:
    """As browsers send it, with the line ends of a file, and one at its end."""
    whole = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    return f"{whole}\n"


def starting(practice: Any, *, number: int, layer: LayerName) -> str:
    """A first text: whose it is and whom to ask, and no rule, so that all of the baseline holds."""
    lines = [
        "# What your practice asks where it differs from the baseline. What is not named here stays as it is there.",
        "",
        f'schema = "{SCHEMA}"',
        f'layer = "{layer.value}"',
        'id = "practice"' if layer is LayerName.PRACTICE else f'id = "{layer.value}"',
        f'version = "{number}"',
        f"name = {json.dumps(practice.name[:80], ensure_ascii=False)}",
    ]
    contact = {
        "label": practice.contact_label[:60],
        "phone": practice.contact_phone,
        "email": practice.contact_email[:120],
    }
    if contact["label"]:
        said = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in contact.items() if value]
        lines += ["", "[contacts.it]", *said]
    return tidy("\n".join(lines))


def in_force(layer: Layer | None) -> Policy:
    """The layer over the baseline; the baseline alone where there is none."""
    return compose([baseline()] if layer is None else [layer, baseline()], CATALOG)


def data_of(text: str) -> Mapping[str, Any]:
    """A readable text as plain values."""
    return tomllib.loads(text)


def value_at(data: Mapping[str, Any], path: tuple[str, ...]) -> Value | None:
    """The value at a path; None where the text says nothing of it."""
    found: Any = data
    for name in path:
        if not isinstance(found, Mapping) or name not in found:
            return None
        found = found[name]
    return tuple(found) if isinstance(found, list) else found


def _fault(flaw: Flaw, *, expected: str, found: str, key: str = "", line: int = 1) -> Fault:
    return Fault(flaw=flaw, file=FILE, line=line, key=key, expected=expected, found=found)
