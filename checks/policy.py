"""The policy in force: layers stacked, hospital over practice over baseline, each value with its origin."""

import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import time
from enum import StrEnum
from typing import Any, TypeVar

from checks.messaging_apps.products import named
from checks.model import Level, Ownership
from checks.policy_file import Contact, Layer, Path, Setting
from checks.policy_form import CHECK_IDS, GENERAL, LayerName, Value
from checks.policy_terms import MINUTES_BEFORE, BeforeShift, RecordKind, RecordSystemTerms, ReviewTerms
from checks.spec import Check, Rule

L = TypeVar("L")

BUILT_IN = "built-in"
"""Where a value comes from that no layer sets: the product's own default."""
UNNAMED = "no policy names this check, so it counts"

IMAGES = "clinical_images"
"""The one check whose limit a profile's `capture` and `allow_hours` set."""
MESSAGES = "messaging_apps"
"""The one check whose limit the general list of approved apps sets."""
GRACE_DAYS = 7
AUDIT_AT = ("07:00",)
JITTER_S = 600
ALLOW_HOURS = 24

_RANK = tuple(LayerName)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When devices are audited."""

    audit_at: tuple[time, ...]
    """By the device's own clock, earliest first, each once."""
    jitter_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A value, and who says so."""

    value: Value
    layer: str
    """hospital, practice, baseline, or built-in."""
    file: str
    """"" for built-in."""
    line: int
    """From 1; 0 for built-in."""
    reason: str
    """"" where the layer gives none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One effective value of a check with what it beat."""

    key: str
    won: Origin
    beaten: tuple[Origin, ...]
    """Highest first; the built-in default is left out where any layer speaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """All layers together.

    A higher layer beats a lower one, key by key. Within one layer, what stands under a profile beats what stands
    outside; but what a higher layer says of every device also beats what a lower layer says of one profile, since the
    hospital's word comes first. So a practice may loosen the shipped baseline, and nothing that the hospital sets.
    Lists and contacts are replaced as a whole: two lists of approved apps are never mixed.
    """

    layers: tuple[Layer, ...]
    """Highest first; at most one of each name."""
    defaults: Mapping[str, Mapping[str, Value]]
    """By check id: each key with the value that holds where no layer speaks."""

    @property
    def id(self) -> str:
        """The ids of all layers, such as `st-elsewhere+example-practice+scrubin-baseline`."""
        return "+".join(one.id for one in self.layers)

    @property
    def version(self) -> str:
        """The versions of all layers, such as `practice-7+baseline-1`: letters, digits, dots, hyphens and plus."""
        return "+".join(f"{one.name}-{one.version}" for one in self.layers)

    @property
    def digest(self) -> str:
        """Changes with whatever the layers say, even when somebody forgot to raise a version."""
        return "+".join(one.digest for one in self.layers)

    def rule(self, check: Check[Any, Any], ownership: Ownership) -> Rule[Any]:
        """What is asked of one check on one kind of device. KeyError for a check that `compose` was not given."""
        values = {row.key: row.won for row in self.why(check.id, ownership)}
        level, max_age, days = values["level"], values["max_age_days"].value, values["attestation_days"].value
        assert isinstance(max_age, int)
        assert isinstance(days, int)
        limits = _limits(check.limits, values)
        if check.id == MESSAGES and (apps := self._approved_above(values["approved"])) is not None:
            limits = replace(limits, approved=named(apps))
        hours = self._image_hours(ownership, values["max_age_hours"]) if check.id == IMAGES else None
        return Rule(
            level=Level(str(level.value)),
            limits=limits if hours is None else replace(limits, max_age_hours=hours),
            max_age_days=max_age,
            why=level.reason,
            layer=level.layer,
            attestation_counts=values["attestation_counts"].value is True,
            attestation_days=days,
        )

    def why(self, check_id: str, ownership: Ownership) -> tuple[Row, ...]:
        """Each value of one check with its origin. KeyError for an id that no policy may name."""
        tables = (("profiles", ownership.value, "checks", check_id), ("checks", check_id))
        return tuple(
            _row(self.layers, key, default, tuple((*table, key) for table in tables))
            for key, default in self.defaults[check_id].items()
        )

    def capture(self, ownership: Ownership) -> Row:
        """Whether clinical pictures may be taken on such a device (R19), with its origin."""
        return _row(self.layers, "capture", True, (("profiles", ownership.value, "capture"),))

    def capture_allowed(self, ownership: Ownership) -> bool:
        """Whether clinical pictures may be taken on such a device (R19)."""
        return self.capture(ownership).won.value is True

    def allow_hours(self, ownership: Ownership) -> int | None:
        """How long pictures may stay on a camera-only device; None for other devices, where the check's limit holds."""
        if ownership is not Ownership.DEDICATED_CAMERA:
            return None
        return self._number(_allow_hours(ownership), ALLOW_HOURS)

    def _image_hours(self, ownership: Ownership, limit: Origin) -> int | None:
        """How long a picture may stay by the device's profile: not at all where none may be taken (R19).

        None where the check's own limit holds: on other devices, and where a higher layer than the profile's set it.
        """
        if not self.capture_allowed(ownership):
            return 0
        by_profile = _row(self.layers, "allow_hours", ALLOW_HOURS, (_allow_hours(ownership),)).won
        return None if _rank(limit.layer) < _rank(by_profile.layer) else self.allow_hours(ownership)

    def _approved_above(self, limit: Origin) -> tuple[str, ...] | None:
        """The general list of approved apps; None where the check's own list stands in as high a layer, or higher."""
        apps = _row(self.layers, "approved", (), (("apps", "approved"),)).won
        return None if _rank(limit.layer) <= _rank(apps.layer) else self.approved_apps

    @property
    def contacts(self) -> Mapping[str, Contact]:
        """Whom to ask, by key; the highest layer's words of each."""
        return {name: one for layer in reversed(self.layers) for name, one in layer.contacts.items()}

    @property
    def schedule(self) -> Schedule:
        """When devices are audited."""
        times = self._times(("schedule", "audit_at"), AUDIT_AT)
        return Schedule(audit_at=times, jitter_s=self._number(("schedule", "jitter_s"), JITTER_S))

    @property
    def approved_apps(self) -> tuple[str, ...]:
        """Identifiers of apps that the practice approves."""
        apps = self._value(("apps", "approved"), ())
        assert isinstance(apps, tuple)
        return apps

    @property
    def grace_days(self) -> int:
        """How long unknown or error may last before it is IT's problem."""
        return self._number(("grace", "days"), GRACE_DAYS)

    @property
    def acknowledgement_required(self) -> bool:
        """Whether each person is to confirm that they know this policy (R12)."""
        return self._value(("acknowledgement", "required"), False) is True

    @property
    def record_system(self) -> RecordSystemTerms | None:
        """Where to ask whether a picture is stored; None where no layer names a place.

        The highest layer's table as a whole: one system's address with another's name or key would be a third that
        nobody meant.
        """
        layer = next((one for one in self.layers if ("record_system", "url") in one.settings), None)
        if layer is None:
            return None
        said = {path[1]: str(one.value) for path, one in layer.settings.items() if path[0] == "record_system"}
        url = said.pop("url").rstrip("/")
        return RecordSystemTerms(kind=RecordKind(said.pop("kind")), url=url, **said)

    @property
    def before_shift(self) -> BeforeShift | None:
        """When people are told whether they are ready for their shift; None where no layer says."""
        if not any(path[0] == "before_shift" for layer in self.layers for path in layer.settings):
            return None
        minutes = self._number(("before_shift", "minutes_before"), MINUTES_BEFORE)
        return BeforeShift(times=self._times(("before_shift", "times"), ()), minutes_before=minutes)

    @property
    def review(self) -> ReviewTerms:
        """What may be deleted beyond what is in the clinician's record."""
        return ReviewTerms(sender_may_file=self._value(("review", "sender_may_file"), False) is True)

    def _times(self, path: Path, default: tuple[str, ...]) -> tuple[time, ...]:
        """Earliest first, each once."""
        said = self._value(path, default)
        assert isinstance(said, tuple)
        return tuple(sorted({time.fromisoformat(one) for one in said}))

    def _value(self, path: Path, default: Value) -> Value:
        return _row(self.layers, path[-1], default, (path,)).won.value

    def _number(self, path: Path, default: int) -> int:
        value = self._value(path, default)
        assert isinstance(value, int)
        return value


def compose(layers: Sequence[Layer], checks: Sequence[Check[Any, Any]]) -> Policy:
    """Stack layers, given in any order. ValueError where two have the same name: their order would be a guess."""
    names = [one.name for one in layers]
    if len(set(names)) < len(names):
        raise ValueError("two layers have the same name")
    ranked = sorted(layers, key=lambda one: _RANK.index(one.name))
    unnamed = dict.fromkeys(CHECK_IDS, GENERAL)
    known = {one.id: {**GENERAL, **_limit_defaults(one)} for one in checks}
    return Policy(layers=tuple(ranked), defaults={**unnamed, **known})


def _allow_hours(ownership: Ownership) -> Path:
    return ("profiles", ownership.value, "allow_hours")


def _rank(layer: str) -> int:
    """0 for the highest layer; what is built in comes last."""
    return next((place for place, one in enumerate(_RANK) if one.value == layer), len(_RANK))


def _row(layers: Sequence[Layer], key: str, default: Value, paths: Sequence[Path]) -> Row:
    """The value at the first of `paths` in the first of `layers` that has any, with those that it beat."""
    reason = UNNAMED if key == "level" else ""
    built_in = Origin(value=default, layer=BUILT_IN, file="", line=0, reason=reason)
    origins = tuple(
        _origin(layer, layer.settings[path]) for layer in layers for path in paths if path in layer.settings
    )
    won, *beaten = origins or (built_in,)
    return Row(key=key, won=won, beaten=tuple(beaten))


def _origin(layer: Layer, setting: Setting) -> Origin:
    return Origin(
        value=setting.value, layer=layer.name.value, file=layer.file, line=setting.line, reason=setting.reason
    )


def _limit_defaults(check: Check[Any, Any]) -> dict[str, Value]:
    """Enums as the words that a policy would use for them."""
    return {one.name: _plain(one.default) for one in fields(check.limits)}


def _plain(value: Any) -> Value:
    if isinstance(value, tuple):
        return tuple(str(one) for one in value)
    return str(value) if isinstance(value, StrEnum) else value


def _limits(limits: type[L], values: Mapping[str, Origin]) -> L:
    """A check's `Limits`, with words turned into the enums that its fields ask for."""
    kinds = typing.get_type_hints(limits)
    return limits(**{name: _typed(kinds[name], values[name].value) for name in kinds})


def _typed(kind: Any, value: Value) -> Any:
    if isinstance(value, tuple):
        item = typing.get_args(kind)[0]
        return tuple(item(one) for one in value)
    return kind(value)
