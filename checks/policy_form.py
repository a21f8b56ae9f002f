"""What a policy file may say: one description, from which both the validator and the editors' schema work."""

import types
import typing
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import Field, fields, replace
from enum import StrEnum
from typing import Any

from checks.model import Level, Ownership
from checks.policy_shape import Choice, Flag, Many, Named, Shape, Table, Text, Whole
from checks.policy_terms import NEEDED, terms_fields
from checks.spec import Check

SCHEMA = "scrubin/policy/1"

CHECK_IDS = (
    "screen_lock",
    "cloud_backup",
    "remote_wipe",
    "clinical_images",
    "encryption",
    "updates",
    "shared_use",
    "integrity",
    "usb_debugging",
    "geotagging",
    "messaging_apps",
    "photo_access",
    "users",
)
"""Stable: policies may name these before the product has the check, which then reports unknown."""

LARGEST_LIMIT = 2**31 - 1
"""For a limit whose check names no maximum."""

Value = int | bool | str | tuple[str, ...]
"""What a setting may be once it is read."""


class LayerName(StrEnum):
    """Whose policy it is."""

    HOSPITAL = "hospital"
    PRACTICE = "practice"
    BASELINE = "baseline"


GENERAL: Mapping[str, Value] = types.MappingProxyType(
    {"level": Level.REQUIRED.value, "max_age_days": 7, "attestation_counts": False, "attestation_days": 30}
)
"""What holds for a check that no layer names. Required, since silence must not let a device pass."""

_REASON = Text(doc="Why, in one sentence; shown to whoever asks where a value comes from.", longest=300)


def policy_form(checks: Sequence[Check[Any, Any]]) -> Table:
    """The whole file. `checks` are those whose limits are known; other stable ids take the general keys only."""
    per_check = _check_tables(checks)
    profiles = {one.value: _profile(one, per_check) for one in Ownership}
    return Table(
        doc="A policy of the practice, of the hospital, or the shipped baseline.",
        needed=("schema", "layer", "id", "version", "name"),
        fields={
            **_header(),
            **_sections(),
            "checks": Table(doc="What is asked of each check.", fields=per_check),
            "profiles": Table(doc="What differs by whose device it is.", fields=profiles),
        },
    )


def _header() -> dict[str, Shape]:
    return {
        "schema": Choice(doc="The form of this file.", options=(SCHEMA,)),
        "layer": Choice(doc="Whose policy this is; hospital beats practice beats baseline.", options=tuple(LayerName)),
        "id": Text(
            doc="A short name of the policy, for reports.",
            longest=40,
            form="small letters, digits and hyphens",
            pattern="^[a-z0-9][a-z0-9-]*$",
        ),
        "version": Text(
            doc="Changes whenever the policy does.",
            longest=24,
            form='letters, digits, dots and hyphens, such as "7" or "2026-11-21"',
            pattern="^[A-Za-z0-9][A-Za-z0-9.-]*$",
        ),
        "name": Text(doc="Who speaks, as people know them.", longest=80),
    }


def _sections() -> dict[str, Shape]:
    return {
        "contacts": Named(
            doc="Whom to ask: it, privacy, defence_organisation or any other name.",
            names=Text(
                doc="The key of a contact.",
                longest=32,
                form="a name of small letters, digits and _",
                pattern="^[a-z][a-z0-9_]*$",
            ),
            item=_contact(),
            most=12,
        ),
        "apps": _section("Apps of the practice.", approved=_approved()),
        "acknowledgement": _section(
            "Whether people confirm that they know the policy.",
            required=Flag(doc="Ask each person to acknowledge each version."),
        ),
        "grace": _section(
            "How long a check may stay without an answer.",
            days=Whole(doc="After so many days, unknown or error becomes IT's problem.", minimum=0, maximum=90),
        ),
        "schedule": _section(
            "When devices are audited.",
            audit_at=Many(doc="Times of day, by the device's own clock.", item=_time_of_day(), most=24),
            jitter_s=Whole(doc="Each device waits up to so many seconds more.", minimum=0, maximum=3600),
        ),
        **_own_page(),
    }


def _own_page() -> dict[str, Shape]:
    keys = terms_fields(_time_of_day())
    record = _section("The record system that is asked whether a picture is stored.", **keys["record_system"])
    return {
        "record_system": replace(record, needed=NEEDED),
        "before_shift": _section(
            "When people are told whether they are ready for their shift.", **keys["before_shift"]
        ),
        "review": _section("What may be deleted, beyond what is in the record.", **keys["review"]),
    }


def _section(doc: str, **own: Shape) -> Table:
    return Table(doc=doc, fields={**own, "reason": _REASON})


def _contact() -> Table:
    return Table(
        doc="One contact.",
        name="contact",
        needed=("label",),
        fields={
            "label": Text(doc="Who it is.", longest=60),
            "phone": Text(doc="Phone number, with hours if they matter.", longest=60),
            "email": Text(
                doc="E-mail address.", longest=120, form="an e-mail address", pattern=r'^[^@\s<>"]+@[^@\s<>"]+$'
            ),
            # Shown as a link: nothing but a web address may stand here.
            "url": Text(
                doc="Web page.",
                longest=200,
                form="an address that begins with https://",
                pattern=r'^https://[^\s<>"]+$',
            ),
        },
    )


def _approved() -> Many:
    app = Text(
        doc="One app.", longest=120, form="an app's identifier, without blanks", pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
    )
    return Many(doc="Identifiers of apps that may be used for clinical pictures.", item=app, most=200)


def _time_of_day() -> Text:
    return Text(
        doc="A time of day.",
        longest=5,
        form='a time of day such as "07:00"',
        pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
    )


def _profile(ownership: Ownership, per_check: Mapping[str, Shape]) -> Table:
    own: dict[str, Shape] = {"capture": Flag(doc="Clinical pictures may be taken on such a device.")}
    if ownership is Ownership.DEDICATED_CAMERA:
        own["allow_hours"] = Whole(doc="Pictures may stay so many hours.", minimum=0, maximum=720)
    return _section(
        "What differs on such a device.",
        **own,
        checks=Table(doc="What differs check by check.", fields=per_check),
    )


def _check_tables(checks: Sequence[Check[Any, Any]]) -> dict[str, Shape]:
    known = {check.id: check for check in checks}
    names = dict.fromkeys((*CHECK_IDS, *known))
    return {name: _check_table(name, known.get(name)) for name in names}


def _check_table(name: str, check: Check[Any, Any] | None) -> Table:
    limits = {one.name: shape for one, shape in limit_shapes(check.limits)} if check else {}
    general: dict[str, Shape] = {
        "level": Choice(doc="required counts, recommended is shown, off is not looked at.", options=tuple(Level)),
        "reason": _REASON,
        "max_age_days": Whole(doc="What was seen longer ago counts as unknown.", minimum=1, maximum=90),
        "attestation_counts": Flag(doc="A person's own word is enough where the device cannot tell."),
        "attestation_days": Whole(doc="A person's own word holds for so many days.", minimum=1, maximum=30),
    }
    taken = general.keys() & limits.keys()
    if taken:
        raise ValueError(f"{name}: a limit cannot be named {min(taken)}: every check has such a key")
    return Table(doc=check.title if check else f"The check {name}.", name=f"check_{name}", fields={**general, **limits})


def limit_shapes(limits: type[Any]) -> Iterator[tuple[Field[Any], Shape]]:
    """Each field of a check's `Limits` with its shape. TypeError where its type is none that a policy can hold."""
    types_of = typing.get_type_hints(limits)
    for one in fields(limits):
        yield one, _limit_shape(one, types_of[one.name])


def _limit_shape(one: Field[Any], kind: Any) -> Shape:
    doc = one.metadata["doc"]
    if kind is bool:
        return Flag(doc=doc)
    if kind is int:
        low, high = one.metadata["minimum"], one.metadata["maximum"]
        return Whole(doc=doc, minimum=0 if low is None else low, maximum=LARGEST_LIMIT if high is None else high)
    if typing.get_origin(kind) is tuple:
        return Many(doc=doc, item=_word(doc, typing.get_args(kind)[0]), most=100)
    return _word(doc, kind)


def _word(doc: str, kind: Any) -> Text | Choice:
    if kind is str:
        return Text(doc=doc, longest=200)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return Choice(doc=doc, options=tuple(kind))
    raise TypeError(f"a limit cannot be of the type {kind}")
