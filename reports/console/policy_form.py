"""The policy as a form: a field for each value that a policy may set, read back as changes of its text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from checks.catalog import CATALOG
from checks.model import Ownership
from checks.policy import ALLOW_HOURS, AUDIT_AT, GRACE_DAYS, JITTER_S
from checks.policy_form import GENERAL, Value, limit_shapes, policy_form
from checks.policy_shape import Choice, Flag, Many, Shape, Table, Text, Whole, defects
from checks.policy_terms import MINUTES_BEFORE, NEEDED
from checks.spec import Check
from reports.console.policies_loose import WHOSE
from reports.console.policies_text import baseline, value_at
from reports.web.entered import Entered

Path = tuple[str, ...]
NONE = "none"
"""What a person writes for a list that is meant to be empty; a blank field means the baseline's."""
LONGEST_LIST = 4000
BUILT_IN: Mapping[Path, Value] = {
    ("grace", "days"): GRACE_DAYS,
    ("schedule", "audit_at"): AUDIT_AT,
    ("schedule", "jitter_s"): JITTER_S,
    ("profiles", "dedicated_camera", "allow_hours"): ALLOW_HOURS,
    ("acknowledgement", "required"): False,
    ("apps", "approved"): (),
    ("before_shift", "times"): (),
    ("before_shift", "minutes_before"): MINUTES_BEFORE,
    ("review", "sender_may_file"): False,
}
NAMES: Mapping[Path, str] = {("record_system", "name"): "Name", ("record_system", "url"): "Address"}
"""Labels where a key's own word says too little."""
OWN_PAGE = {"record_system": "Record system", "before_shift": "Before the shift", "review": "What may be deleted"}
"""Sections about the clinician's own page, by their table."""
CONTACTS = {"it": "Practice IT", "privacy": "Privacy", "defence_organisation": "Defence organisation"}
LABELS = {
    "level": "Counts as",
    "reason": "Why",
    "max_age_days": "Evidence counts for, days",
    "attestation_counts": "The person's own look is enough",
    "attestation_days": "Their look holds for, days",
    "name": "Name of this policy",
    "capture": "Clinical pictures may be taken",
    "allow_hours": "Pictures may stay, hours",
    "label": "Name or role",
    "phone": "Phone",
    "email": "E-mail",
    "url": "Web page",
    "max_idle_s": "Locks within, seconds",
    "max_grace_s": "Grace after locking, seconds",
    "on_resume": "Asks after sleep",
    "allowed": "Allowed",
    "app_data_fails": "A backup of what apps keep is a fail",
    "accepted": "Accepted products",
    "max_age_hours": "May stay, hours",
    "min_score_percent": "Counts as clinical from, percent",
    "clean_weights_only": "Only the finder with stated licences",
    "read_documents": "Read the words of pages",
    "recordings_unknown": "Recordings leave it unknown",
    "system": "The system's files too",
    "swap": "Memory on disk too",
    "max_update_age_days": "Updated within, days",
    "max_patch_age_days": "Security patch of a phone within, days",
    "max_restart_days": "Restarted within, days",
    "automatic": "Updates by itself",
    "other_systems": "Accept other makers' systems",
    "never_altered": "Refuse what was altered before",
    "no_unlocking": "Unlocking must be forbidden",
    "max_people": "Most people",
    "hide_previews": "Notifications stay hidden",
    "allowed_profiles": "Allowed profiles",
    "unknown_apps": "Unknown apps leave it open",
    "max_lookup_days": "A look-up counts for, days",
    "max_computers": "Most trusted computers",
    "trust_ends": "Trust must run out",
    "days": "Days without an answer",
    "audit_at": "Times of day",
    "jitter_s": "Spread, seconds",
    "approved": "Approved apps",
    "required": "Ask people to acknowledge it",
    "kind": "What it speaks",
    "token_url": "Address for tokens",
    "client_id": "Client id",
    "times": "Also at these times",
    "minutes_before": "Before each shift, minutes",
    "sender_may_file": "Filed by the sender is enough to delete",
}
LEVELS = {"required": "Required", "recommended": "Recommended", "off": "Off"}
KINDS = {"dicomweb": "DICOMweb", "fhir": "FHIR R4"}


class Control(StrEnum):
    """How a field is drawn."""

    LINE = "line"
    NUMBER = "number"
    CHOICE = "choice"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One value that the policy may set."""

    path: Path
    label: str
    doc: str
    control: Control
    shape: Shape
    options: tuple[tuple[str, str], ...]
    """Of a choice: what is sent, and the words. The first is blank: not set here."""
    words: tuple[str, ...]
    """Of a list: what may stand on it; empty where anything of the right form may."""
    default: Value | None
    """What holds where this policy says nothing; None where nothing does."""

    @property
    def name(self) -> str:
        """Of the form's field; no policy's key holds two hyphens."""
        return "--".join(self.path)

    @property
    def key(self) -> str:
        """As faults name it."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """Fields that belong together, such as those of one check."""

    id: str
    title: str
    about: str
    fields: tuple[Field, ...]
    by_owner: tuple[Field, ...]
    """What may differ by whose device it is; folded away."""


@cache
def sections() -> tuple[Section, ...]:
    """Checks first, in the order in which people read them, then the rest."""
    return (*(_check(one) for one in CATALOG), *_others())


@cache
def fields() -> tuple[Field, ...]:
    """All of them."""
    return tuple(one for section in sections() for one in (*section.fields, *section.by_owner))


def shown(data: Mapping[str, Any]) -> dict[str, str]:
    """A policy's values as the form shows them, by the field's name."""
    return {one.name: text_of(value_at(data, one.path)) for one in fields()}


def text_of(value: Value | None) -> str:
    """A value as a person would type it; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(value) or NONE
    return str(value)


def changes(entered: Entered, data: Mapping[str, Any]) -> dict[Path, Value | None]:
    """What the form says and the policy does not: None takes a value out. Faults are noted in `entered`.

    A field that the form did not send is left as it is.
    """
    made: dict[Path, Value | None] = {}
    present = entered.values
    for one in fields():
        if one.name not in present:
            continue
        value = _read(one, entered)
        if one.name not in entered.faults and value != value_at(data, one.path):
            made[one.path] = value
    _contacts(entered, data, made)
    _record_system(entered, data, made)
    return made


def _read(field: Field, entered: Entered) -> Value | None:
    text = entered.raw(field.name).strip()
    if not text:
        return None
    value = _typed(field, text)
    plain = list(value) if isinstance(value, tuple) else value
    for defect in defects(field.shape, plain, field.path):
        entered.wrong(field.name, f"{field.label}: expected {defect.expected}, found {defect.found}.")
    return value


def _typed(field: Field, text: str) -> Value:
    """What the text would be in the file; a text that is nothing of the kind stays text, and its shape says so."""
    match field.shape:
        case Flag():
            return {"yes": True, "no": False}.get(text, text)
        case Whole():
            return int(text) if re.fullmatch(r"-?[0-9]{1,12}", text, re.ASCII) else text
        case Many():
            words = tuple(filter(None, re.split(r"[,\s]+", text[:LONGEST_LIST])))
            return () if words == (NONE,) else words
        case _:
            return text


def _contacts(entered: Entered, data: Mapping[str, Any], made: dict[Path, Value | None]) -> None:
    """A contact is nothing without who it is."""
    for key in CONTACTS:
        ways = [("contacts", key, one) for one in ("phone", "email", "url")]
        label = ("contacts", key, "label")
        left = [path for path in (label, *ways) if made.get(path, value_at(data, path)) is not None]
        if left and label not in left:
            entered.wrong("--".join(label), f"{CONTACTS[key]}: say who it is, or leave all of it blank.")


def _record_system(entered: Entered, data: Mapping[str, Any], made: dict[Path, Value | None]) -> None:
    """It can be asked only where all is known that this takes; where nothing is left, its reason goes too."""
    table = "record_system"
    names = [one.path[1] for one in fields() if one.path[0] == table]
    left = [one for one in names if made.get((table, one), value_at(data, (table, one))) is not None]
    if not left and value_at(data, (table, "reason")) is not None:
        made[(table, "reason")] = None
    for name in NEEDED:
        if left and name not in left:
            entered.wrong(f"{table}--{name}", f"{OWN_PAGE[table]}: this is needed, or leave all of it blank.")


def _check(check: Check[Any, Any]) -> Section:
    table = ("checks", check.id)
    general = _shapes()[table]
    limits = [(one.name, shape) for one, shape in limit_shapes(check.limits)]
    defaults = {**GENERAL, **{one.name: _plain(one.default) for one, _ in limit_shapes(check.limits)}}
    names = ("level", *(name for name, _ in limits), "max_age_days", "attestation_counts", "attestation_days", "reason")
    return Section(
        id=check.id,
        title=check.title,
        about=f"{check.severity.value} severity; answers {', '.join(check.requirements)}",
        fields=tuple(_field((*table, name), general[name], defaults.get(name)) for name in names),
        by_owner=tuple(_by_owner(check, limits)),
    )


def _by_owner(check: Check[Any, Any], limits: Sequence[tuple[str, Shape]]) -> Iterator[Field]:
    general = _shapes()[("checks", check.id)]
    numbers = [name for name, shape in limits if isinstance(shape, Whole)]
    for ownership in Ownership:
        for name in ("level", *numbers):
            path = ("profiles", ownership.value, "checks", check.id, name)
            yield _field(path, general[name], None, label=f"{_label(name)}, on {WHOSE[ownership]}")


def _others() -> Iterator[Section]:
    whole = _shapes()
    for ownership in Ownership:
        table = ("profiles", ownership.value)
        names = [one for one in ("capture", "allow_hours") if one in whole[table]]
        made = tuple(_field((*table, one), whole[table][one], True if one == "capture" else None) for one in names)
        title = f"Pictures on {WHOSE[ownership]}"
        yield Section(id=ownership.value, title=title, about="whose device it is", fields=made, by_owner=())
    general = [("acknowledgement", "required"), ("grace", "days"), ("schedule", "audit_at"), ("schedule", "jitter_s")]
    paths: list[Path] = [("name",), ("apps", "approved"), *general]
    made = tuple(_field(path, whole[path[:-1]][path[-1]], None) for path in paths)
    yield Section(id="general", title="For all devices", about="apps, times and words", fields=made, by_owner=())
    for name, title in OWN_PAGE.items():
        made = tuple(_field((name, key), shape, None) for key, shape in whole[(name,)].items() if key != "reason")
        yield Section(id=name, title=title, about="the clinician's own page", fields=made, by_owner=())
    for key, title in CONTACTS.items():
        ways = whole[("contacts", "")]
        made = tuple(_field(("contacts", key, one), ways[one], None) for one in ("label", "phone", "email", "url"))
        yield Section(id=f"contact-{key}", title=f"Whom to ask: {title}", about="", fields=made, by_owner=())


@cache
def _shapes() -> Mapping[Path, Mapping[str, Shape]]:
    """The shapes of the keys of each table that the form edits."""
    top = policy_form(CATALOG).fields
    named = {one: top[one] for one in ("apps", "acknowledgement", "grace", "schedule", *OWN_PAGE)}
    tables: dict[Path, Any] = {(name,): one for name, one in named.items()}
    tables |= {("checks", name): one for name, one in _inner(top["checks"]).items()}
    tables |= {("profiles", name): one for name, one in _inner(top["profiles"]).items()}
    contact = getattr(top["contacts"], "item")  # noqa: B009 - a Named, by its place
    return {(): top, ("contacts", ""): _inner(contact), **{path: _inner(one) for path, one in tables.items()}}


def _inner(shape: Shape) -> Mapping[str, Shape]:
    assert isinstance(shape, Table)
    return shape.fields


def _field(path: Path, shape: Shape, built_in: Value | None, *, label: str = "") -> Field:
    setting = baseline().settings.get(path)
    default = BUILT_IN.get(path, built_in) if setting is None else setting.value
    # The baseline's reason is about the baseline's value.
    default = None if path[-1] == "reason" else default
    return Field(
        path=path,
        label=label or NAMES.get(path) or _label(path[-1]),
        doc=_doc(shape),
        control=_control(shape),
        shape=shape,
        options=_options(path, shape, default),
        words=_words(shape),
        default=default,
    )


def _label(name: str) -> str:
    return LABELS.get(name, name.replace("_", " ").capitalize())


def _doc(shape: Shape) -> str:
    match shape:
        case Whole():
            return f"{shape.doc} From {shape.minimum} to {shape.maximum}."
        case Many():
            return f'{shape.doc} With commas between; "{NONE}" for an empty list.'
        case _:
            return shape.doc


def _words(shape: Shape) -> tuple[str, ...]:
    match shape:
        case Many(item=Choice() as item):
            return tuple(str(one) for one in item.options)
        case _:
            return ()


def _control(shape: Shape) -> Control:
    match shape:
        case Flag() | Choice():
            return Control.CHOICE
        case Whole():
            return Control.NUMBER
        case Many():
            return Control.LIST
        case _:
            assert isinstance(shape, Text)
            return Control.LINE


def _options(path: Path, shape: Shape, default: Value | None) -> tuple[tuple[str, str], ...]:
    match shape:
        case Flag():
            named: tuple[tuple[str, str], ...] = (("yes", "Yes"), ("no", "No"))
        case Choice():
            named = tuple((str(one), {**LEVELS, **KINDS}.get(str(one), str(one))) for one in shape.options)
        case _:
            return ()
    words = dict(named).get(text_of(default), "")
    unset = "The same as on other devices" if path[0] == "profiles" else "Not set"
    blank = f"As in the baseline: {words}" if words else unset
    return (("", blank), *named)


def _plain(value: Any) -> Value:
    """A limit's own default as a policy would write it."""
    return tuple(str(one) for one in value) if isinstance(value, tuple) else value
