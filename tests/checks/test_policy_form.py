"""The form of policy files follows the checks' own limits."""

from dataclasses import dataclass, replace
from typing import Any

import pytest
from policy_example import CHECK, CHECKS

from checks.catalog import IDS
from checks.policy_form import CHECK_IDS, LARGEST_LIMIT, SCHEMA, LayerName, limit_shapes, policy_form
from checks.policy_shape import Choice, Flag, Many, Table, Text, Whole, defects
from checks.spec import limit

GENERAL_KEYS = ["level", "reason", "max_age_days", "attestation_counts", "attestation_days"]


def shapes() -> dict[str, Any]:
    return {one.name: shape for one, shape in limit_shapes(CHECK.limits)}


def test_each_type_of_limit_has_its_shape():
    assert LARGEST_LIMIT == 2147483647
    authority = Choice(doc="Whose words count.", options=("device", "mdm"))
    assert shapes() == {
        "max_idle_s": Whole(doc="Seconds until it locks.", minimum=30, maximum=3600),
        "most": Whole(doc="How many at most.", minimum=0, maximum=LARGEST_LIMIT),
        "on_resume": Flag(doc="Locks after sleep."),
        "word": Text(doc="A word.", longest=200),
        "apps": Many(doc="Some apps.", item=Text(doc="Some apps.", longest=200), most=100),
        "authority": replace(authority, doc="Whose word counts."),
        "all_of": Many(doc="Whose words count.", item=authority, most=100),
    }


@pytest.mark.parametrize("kind", [float, dict, int | None, tuple[int, ...]])
def test_a_limit_that_no_policy_can_hold_is_a_fault_of_the_check(kind):
    @dataclass(frozen=True)
    class Limits:
        odd: kind = limit(None, doc="")  # noqa: RUF009 - as each check does

    with pytest.raises(TypeError, match="a limit cannot be of the type"):
        list(limit_shapes(Limits))


def test_a_limit_cannot_take_the_name_of_a_general_key():
    @dataclass(frozen=True)
    class Limits:
        reason: str = limit("", doc="")

    with pytest.raises(ValueError, match="screen_lock: a limit cannot be named reason"):
        policy_form([replace(CHECK, limits=Limits)])


@pytest.mark.parametrize(("days", "taken"), [(0, False), (1, True), (30, True), (31, False)])
def test_a_persons_word_holds_for_a_month_at_most(days, taken):
    wrong = list(defects(policy_form(CHECKS).fields["checks"], {"users": {"attestation_days": days}}))
    assert (not wrong) is taken


def test_a_check_without_a_folder_takes_the_general_keys_only():
    tables = policy_form(CHECKS).fields["checks"].fields
    assert list(tables["users"].fields) == GENERAL_KEYS
    assert list(tables["screen_lock"].fields) == [*GENERAL_KEYS, *shapes()]
    assert (tables["users"].doc, tables["screen_lock"].doc) == ("The check users.", "Screen locks")
    assert (tables["users"].name, tables["screen_lock"].name) == ("check_users", "check_screen_lock")


def test_a_check_of_the_catalog_outside_the_stable_names_can_be_set_too():
    tables = policy_form([replace(CHECK, id="brand_new")]).fields["checks"].fields
    assert list(tables) == [*CHECK_IDS, "brand_new"]


def test_the_stable_names_are_those_of_the_catalog():
    assert CHECK_IDS == IDS


def test_hours_are_for_the_camera_only_device():
    profiles = policy_form(CHECKS).fields["profiles"].fields
    assert list(profiles) == ["personal", "practice_owned", "dedicated_camera"]
    assert [name for name, one in profiles.items() if "allow_hours" in one.fields] == ["dedicated_camera"]
    assert all({"capture", "checks", "reason"} <= set(one.fields) for one in profiles.values())


def test_the_head_of_a_file_is_needed():
    form = policy_form(CHECKS)
    assert form.needed == ("schema", "layer", "id", "version", "name")
    assert form.fields["schema"].options == (SCHEMA,) == ("scrubin/policy/1",)
    assert form.fields["layer"].options == tuple(LayerName) == ("hospital", "practice", "baseline")


def walk(shape: Any, path: str = "") -> Any:
    yield path, shape
    for name, one in getattr(shape, "fields", {}).items():
        yield from walk(one, f"{path}.{name}")
    if hasattr(shape, "item"):
        yield from walk(shape.item, f"{path}[]")
        yield from walk(shape.names, f"{path}<name>") if hasattr(shape, "names") else ()


BOUNDS = {
    ".grace.days": Whole(doc="", minimum=0, maximum=90),
    ".schedule.jitter_s": Whole(doc="", minimum=0, maximum=3600),
    ".profiles.dedicated_camera.allow_hours": Whole(doc="", minimum=0, maximum=720),
    ".checks.users.max_age_days": Whole(doc="", minimum=1, maximum=90),
}
LENGTHS = {
    ".id": 40, ".version": 24, ".name": 80, ".contacts<name>": 32, ".contacts[].label": 60, ".contacts[].phone": 60,
    ".contacts[].email": 120, ".contacts[].url": 200, ".apps.approved[]": 120, ".schedule.audit_at[]": 5,
    ".checks.users.reason": 300, ".grace.reason": 300,
}  # fmt: skip
MOST = {".contacts": 12, ".apps.approved": 200, ".schedule.audit_at": 24}


def test_bounds_are_those_of_the_documentation():
    found = dict(walk(policy_form(CHECKS)))
    assert {path: replace(found[path], doc="") for path in BOUNDS} == BOUNDS
    assert {path: found[path].longest for path in LENGTHS} == LENGTHS
    assert {path: found[path].most for path in MOST} == MOST


def test_every_part_is_explained_to_whoever_writes_a_policy():
    for path, shape in walk(policy_form(CHECKS)):
        assert shape.doc.endswith(".") or shape.doc == CHECK.title, path
        if isinstance(shape, Text):
            assert shape.form, path
        if isinstance(shape, Table):
            assert shape.fields, path
