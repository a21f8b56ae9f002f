"""Says when a policy would let nearly everything pass, so that nobody publishes one by a slip."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from checks.catalog import CATALOG
from checks.model import Level, Ownership
from checks.policy import Policy, Row
from checks.policy_form import limit_shapes
from checks.policy_shape import Choice, Many, Whole
from checks.spec import Check
from reports.console.policies_text import baseline, in_force

WHOSE = {
    Ownership.PERSONAL: "own devices",
    Ownership.PRACTICE_OWNED: "the practice's devices",
    Ownership.DEDICATED_CAMERA: "camera-only devices",
}


class Loosest(StrEnum):
    """Which end of what a limit may be lets most pass."""

    HIGH = "high"
    LOW = "low"
    TRUE = "true"
    FALSE = "false"
    ALL = "all"
    """Everything on the list."""


LIMITS: Mapping[tuple[str, str], Loosest] = MappingProxyType({
    ("screen_lock", "max_idle_s"): Loosest.HIGH,
    ("screen_lock", "max_grace_s"): Loosest.HIGH,
    ("screen_lock", "on_resume"): Loosest.FALSE,
    ("cloud_backup", "allowed"): Loosest.ALL,
    ("cloud_backup", "app_data_fails"): Loosest.FALSE,
    ("remote_wipe", "accepted"): Loosest.ALL,
    ("clinical_images", "max_age_hours"): Loosest.HIGH,
    ("clinical_images", "min_score_percent"): Loosest.HIGH,
    ("clinical_images", "clean_weights_only"): Loosest.FALSE,
    ("clinical_images", "read_documents"): Loosest.FALSE,
    ("clinical_images", "recordings_unknown"): Loosest.FALSE,
    ("encryption", "system"): Loosest.FALSE,
    ("encryption", "swap"): Loosest.FALSE,
    ("updates", "max_update_age_days"): Loosest.HIGH,
    ("updates", "max_patch_age_days"): Loosest.HIGH,
    ("updates", "max_restart_days"): Loosest.HIGH,
    ("updates", "automatic"): Loosest.FALSE,
    ("integrity", "other_systems"): Loosest.TRUE,
    ("integrity", "never_altered"): Loosest.FALSE,
    ("integrity", "no_unlocking"): Loosest.FALSE,
    ("shared_use", "max_people"): Loosest.HIGH,
    ("shared_use", "hide_previews"): Loosest.FALSE,
    ("users", "max_people"): Loosest.HIGH,
    ("users", "allowed_profiles"): Loosest.ALL,
    ("photo_access", "allowed"): Loosest.ALL,
    ("photo_access", "unknown_apps"): Loosest.FALSE,
    ("messaging_apps", "approved"): Loosest.ALL,
    ("geotagging", "max_lookup_days"): Loosest.LOW,
    ("usb_debugging", "max_computers"): Loosest.HIGH,
    ("usb_debugging", "trust_ends"): Loosest.FALSE,
})  # fmt: skip
"""Each limit of each check, by what happens when it is moved: a test holds the list complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """One reason to think again, as a sentence."""

    sentence: str


def loose(policy: Policy) -> tuple[Loose, ...]:
    """Everything that makes a policy much weaker than the baseline; empty for most policies."""
    found: dict[str, list[Ownership]] = {}
    for ownership in Ownership:
        for sentence in (*_levels(policy, ownership), *_limits(policy, ownership)):
            found.setdefault(sentence, []).append(ownership)
    return tuple(Loose(sentence=f"On {_whose(owners)}: {sentence}") for sentence, owners in found.items())


def _whose(owners: Sequence[Ownership]) -> str:
    return "all devices" if len(owners) == len(Ownership) else " and ".join(WHOSE[one] for one in owners)


def _levels(policy: Policy, ownership: Ownership) -> Iterator[str]:
    asked, before = _required(policy, ownership), _required(in_force(None), ownership)
    if not asked:
        yield "no check is required, so every one of them would be compliant, whatever it is like."
        return
    for one in CATALOG:
        if one.id in before - asked:
            yield f"“{one.title}” is required by the baseline, and not by this policy."


def _required(policy: Policy, ownership: Ownership) -> frozenset[str]:
    levels = {one.id: policy.rule(one, ownership).level for one in CATALOG}
    return frozenset(name for name, level in levels.items() if level is Level.REQUIRED)


def _limits(policy: Policy, ownership: Ownership) -> Iterator[str]:
    """Of required checks alone: what counts for nothing may be as loose as it likes."""
    asked = _required(policy, ownership)
    for check in CATALOG:
        if check.id not in asked:
            continue
        shapes = {one.name: shape for one, shape in limit_shapes(check.limits)}
        for row in policy.why(check.id, ownership):
            if row.won.layer != baseline().name and row.key in shapes and _at_end(check, row, shapes[row.key]):
                name = row.key.replace("_", " ")
                yield f"“{check.title}”: {name} is as loose as it can be written, {_value(row.won.value)}."


def _at_end(check: Check[Any, Any], row: Row, shape: Any) -> bool:
    """Whether a value stands at its loosest, and not where the product itself would have it."""
    value, default = row.won.value, next(one.default for one, _ in limit_shapes(check.limits) if one.name == row.key)
    if value == default:
        return False
    match LIMITS.get((check.id, row.key), Loosest.HIGH):
        case Loosest.HIGH:
            return isinstance(shape, Whole) and value == shape.maximum
        case Loosest.LOW:
            return isinstance(shape, Whole) and value == shape.minimum
        case Loosest.TRUE:
            return value is True
        case Loosest.FALSE:
            return value is False
        case Loosest.ALL:
            return isinstance(value, tuple) and _everything(value, shape)


def _everything(value: tuple[str, ...], shape: Any) -> bool:
    """`other` and the like can't be approved, so a list without them is whole."""
    if not isinstance(shape, Many) or not isinstance(shape.item, Choice):
        return False
    named = {str(one) for one in shape.item.options if not str(one).startswith("other")}
    return named <= set(value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{len(value)} of its list" if isinstance(value, tuple) else str(value)
