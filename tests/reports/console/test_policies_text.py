"""The policy's text and its form: what is changed, what is refused, what is too loose, what differs."""

import tomllib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.datastructures import FormData

from checks.catalog import CATALOG
from checks.model import Ownership
from checks.policy_form import LayerName, limit_shapes
from reports.console import policies_text, policy_form
from reports.console.policies_loose import LIMITS, loose
from reports.console.policy_diff import Change, difference
from reports.console.policy_form_patch import patched
from reports.web.entered import Entered

PRACTICE = LayerName.PRACTICE
HEAD = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "p"\nversion = "1"\nname = "P"\n'
TEXT = f"""# Ours.
{HEAD}
[checks.screen_lock]  # the lock
level = "required"
max_idle_s = 300  # five minutes
reason = "R1"

# Pictures.
[checks.clinical_images]
max_age_hours = 72

[profiles.personal.checks.clinical_images]
max_age_hours = 48
"""


def entered(**fields: str) -> Entered:
    return Entered(FormData({name.replace("__", "--"): value for name, value in fields.items()}))


def test_one_value_is_changed_and_every_comment_stays() -> None:
    made = patched(TEXT, {("checks", "screen_lock", "max_idle_s"): 120})
    assert not made.rewritten
    assert made.text == TEXT.replace("max_idle_s = 300  #", "max_idle_s = 120  #")


def test_a_value_is_put_under_its_own_table_and_a_new_table_at_the_end() -> None:
    made = patched(TEXT, {("checks", "screen_lock", "on_resume"): True, ("grace", "days"): 3})
    assert 'reason = "R1"\non_resume = true\n\n# Pictures.' in made.text
    assert made.text.endswith("\n[grace]\ndays = 3\n")


def test_a_value_that_is_taken_out_leaves_the_rest() -> None:
    made = patched(TEXT, {("profiles", "personal", "checks", "clinical_images", "max_age_hours"): None})
    assert "48" not in made.text
    assert "# Pictures." in made.text


def test_a_text_that_can_not_be_followed_is_written_anew_and_says_so() -> None:
    inline = f'{HEAD}checks = {{ screen_lock = {{ level = "off" }} }}  # gone\n'
    made = patched(inline, {("checks", "screen_lock", "level"): "required"})
    assert made.rewritten
    assert tomllib.loads(made.text)["checks"] == {"screen_lock": {"level": "required"}}


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("[checks.screen_lock]", "[checks . 'screen_lock']"),
        f'{HEAD}checks.screen_lock.level = "off"\n[grace]\ndays = 4\n',
        f"{HEAD}[checks]\nscreen_lock.max_idle_s = 60\n",
        f'{HEAD}[apps]\napproved = [\n  "a", # one\n  "b",\n]\n',
        f"{HEAD}[checks.screen_lock]\n[checks.encryption]\nswap=true",
    ],
)
@given(st.dictionaries(st.sampled_from([one.path for one in policy_form.fields()]), st.integers(0, 9) | st.none()))
@settings(max_examples=40, deadline=None)
def test_whatever_the_layout_the_file_says_what_was_meant(text: str, changes: Any) -> None:
    made = tomllib.loads(patched(text, changes).text)
    for path, value in changes.items():
        assert policies_text.value_at(made, path) == value
    before = tomllib.loads(text)
    for one in policy_form.fields():
        if one.path not in changes:
            assert policies_text.value_at(made, one.path) == policies_text.value_at(before, one.path)


@given(st.text(max_size=200))
def test_any_text_is_written_as_a_text_of_toml(text: str) -> None:
    made = patched(HEAD, {("name",): text})
    assert tomllib.loads(made.text)["name"] == text


def test_the_form_has_every_limit_of_every_check_with_the_baseline_beside_it() -> None:
    known = {one.path: one for one in policy_form.fields()}
    for check in CATALOG:
        for limit, _ in limit_shapes(check.limits):
            assert limit.name in policy_form.LABELS
            assert known[("checks", check.id, limit.name)].default is not None
        assert {("profiles", one.value, "checks", check.id, "level") for one in Ownership} <= known.keys()
    assert known[("checks", "updates", "level")].default == "recommended"
    assert len(known) < 350  # a form of the console takes 400 fields


def test_only_what_differs_is_changed() -> None:
    data = tomllib.loads(TEXT)
    form = entered(checks__screen_lock__max_idle_s="300", checks__clinical_images__max_age_hours="24", grace__days="")
    assert policy_form.changes(form, data) == {("checks", "clinical_images", "max_age_hours"): 24}


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("checks__screen_lock__on_resume", "no", False),
        ("checks__screen_lock__level", "recommended", "recommended"),
        ("checks__messaging_apps__approved", "signal, whatsapp", ("signal", "whatsapp")),
        ("checks__messaging_apps__approved", "none", ()),
        ("apps__approved", "com.example.camera", ("com.example.camera",)),
        ("schedule__audit_at", "07:00 19:30", ("07:00", "19:30")),
        ("profiles__dedicated_camera__allow_hours", "8", 8),
        ("before_shift__times", "07:00, 15:00", ("07:00", "15:00")),
        ("before_shift__minutes_before", "20", 20),
        ("review__sender_may_file", "yes", True),
    ],
)
def test_a_field_is_read_as_what_it_is(field: str, typed: str, value: Any) -> None:
    form = entered(**{field: typed})
    assert policy_form.changes(form, {}) == {tuple(field.split("__")): value}
    assert form.faults == {}


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("checks__screen_lock__max_idle_s", "2 min", "a whole number from 30 to 3600"),
        ("checks__screen_lock__max_idle_s", "5", "a whole number from 30 to 3600"),
        ("checks__screen_lock__max_idle_s", "9" * 5000, "a whole number from 30 to 3600"),
        ("checks__screen_lock__level", "sometimes", "one of required"),
        ("checks__messaging_apps__approved", "carrier_pigeon", "one of"),
        ("contacts__it__url", "javascript:alert(1)", "https://"),
        ("contacts__it__phone", "03 9000 0000", "say who it is"),
        ("record_system__url", "http://pacs.example", "https://"),
        ("record_system__kind", "fhir", "Record system: this is needed"),
    ],
)
def test_what_can_not_be_is_said_at_its_field(field: str, typed: str, said: str) -> None:
    form = entered(**{field: typed})
    policy_form.changes(form, {})
    assert any(said in sentence for sentence in form.faults.values())


SYSTEM = {
    "record_system__kind": "fhir",
    "record_system__name": "Our record",
    "record_system__url": "https://ehr.example/fhir",
}


def test_a_record_system_is_put_in_shown_and_taken_out_again_whole() -> None:
    asked = patched(HEAD, policy_form.changes(entered(**SYSTEM), tomllib.loads(HEAD))).text
    shown = policy_form.shown(policies_text.data_of(f'{asked}reason = "R24"\n'))
    assert {name: shown[name.replace("__", "--")] for name in SYSTEM} == SYSTEM
    text = f'{asked}reason = "R24"\n'
    made = patched(text, policy_form.changes(entered(**dict.fromkeys(SYSTEM, "")), tomllib.loads(text)))
    assert policies_text.read(made.text, layer=PRACTICE).settings == {}
    assert not made.rewritten


def test_half_a_record_system_is_not_taken() -> None:
    form = entered(record_system__kind="fhir", record_system__name="", record_system__url="http://plain.example")
    policy_form.changes(form, {})
    assert {name: "this is needed" in sentence for name, sentence in form.faults.items()} == {
        "record_system--name": True,
        "record_system--url": False,
    }


def test_a_contact_that_is_taken_out_leaves_no_table_that_says_nothing() -> None:
    text = f'{HEAD}[contacts.it]\nlabel = "IT"\n\n[grace]\ndays = 3\n'
    made = patched(text, {("contacts", "it", "label"): None})
    assert policies_text.read(made.text, layer=PRACTICE).contacts == {}
    assert (made.rewritten, "[grace]\ndays = 3" in made.text) == (False, True)


@given(st.sampled_from(policy_form.fields()), st.text(max_size=300))
@settings(max_examples=300, deadline=None)
def test_whatever_is_typed_what_the_form_takes_devices_take(field: policy_form.Field, typed: str) -> None:
    form = Entered(FormData({field.name: typed}))
    changed = policy_form.changes(form, tomllib.loads(HEAD))
    if not form.faults and changed.get(("name",), "x") is not None:
        policies_text.read(patched(HEAD, changed).text, layer=PRACTICE)


def test_every_limit_of_every_check_says_which_end_is_loose() -> None:
    assert set(LIMITS) == {(check.id, limit.name) for check in CATALOG for limit, _ in limit_shapes(check.limits)}


def sentences(more: str) -> str:
    layer = policies_text.read(f"{HEAD}{more}", layer=PRACTICE)
    return "\n".join(one.sentence for one in loose(policies_text.in_force(layer)))


def test_the_baseline_and_stricter_policies_raise_no_warning() -> None:
    assert sentences("") == ""
    assert sentences("[checks.screen_lock]\nmax_idle_s = 60\n[checks.updates]\nlevel = 'required'\n") == ""


def test_a_policy_that_asks_nothing_is_warned_of() -> None:
    off = "".join(f"[checks.{one.id}]\nlevel = 'off'\n" for one in CATALOG)
    assert sentences(off).startswith("On all devices: no check is required")


def test_fewer_required_checks_than_the_baseline_are_warned_of_by_name() -> None:
    said = sentences("[profiles.personal.checks.encryption]\nlevel = 'recommended'\n")
    assert "own devices" in said
    assert "What holds the home folder is encrypted" in said
    assert "camera-only" not in said


@pytest.mark.parametrize(
    "more",
    [
        "[checks.screen_lock]\nmax_idle_s = 3600\n",
        "[checks.clinical_images]\nmax_age_hours = 8760\n",
        "[checks.screen_lock]\non_resume = false\n",
        "[checks.clinical_images]\nmin_score_percent = 100\n",
    ],
)
def test_a_limit_at_its_loosest_is_warned_of(more: str) -> None:
    assert "as loose as it can be written" in sentences(more)


def test_a_loose_limit_of_a_check_that_does_not_count_is_nobodys_business() -> None:
    assert sentences("[checks.updates]\nmax_update_age_days = 365\n") == ""


def test_lines_are_compared_with_their_numbers_and_the_rest_is_left_out() -> None:
    before = "".join(f"line {number}\n" for number in range(40))
    made = difference(before, before.replace("line 20\n", "line twenty\nand more\n"))
    assert (made.removed, made.added) == (1, 2)
    (gone,) = [one for one in made.lines if one.change is Change.REMOVED]
    assert (gone.before, gone.after, gone.text) == (21, None, "line 20")
    assert [one.text for one in made.lines if one.change is Change.SKIPPED] == [
        "17 lines without a change",
        "16 lines without a change",
    ]
    assert difference(before, before).lines == ()


@given(st.lists(st.sampled_from("abc"), max_size=12), st.lists(st.sampled_from("abc"), max_size=12))
def test_both_texts_can_be_read_off_a_comparison(before: list[str], after: list[str]) -> None:
    lines = difference("\n".join(before), "\n".join(after)).lines
    if Change.SKIPPED not in {one.change for one in lines} and lines:
        assert [one.text for one in lines if one.before is not None] == before
        assert [one.text for one in lines if one.after is not None] == after
