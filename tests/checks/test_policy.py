"""Layers stack: hospital over practice over baseline, key by key, and each value knows where it comes from."""

import itertools
import re
from dataclasses import FrozenInstanceError, replace
from datetime import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_example import CHECK, CHECKS, Authority, Limits, layer

from checks.clinical_images.check import CHECK as CLINICAL_IMAGES
from checks.model import Level, Ownership
from checks.policy import BUILT_IN, UNNAMED, Origin, Policy, compose
from checks.policy_file import read_layer
from checks.policy_form import CHECK_IDS
from checks.spec import Rule

PERSONAL, OWNED, CAMERA = Ownership.PERSONAL, Ownership.PRACTICE_OWNED, Ownership.DEDICATED_CAMERA


def policy(hospital: str | None = None, practice: str | None = None, baseline: str = "") -> Policy:
    bodies = {"hospital": hospital, "practice": practice, "baseline": baseline}
    return compose([layer(body, name) for name, body in bodies.items() if body is not None], CHECKS)


def row(where: Policy, key: str, ownership: Ownership = PERSONAL, check_id: str = "screen_lock"):
    return next(one for one in where.why(check_id, ownership) if one.key == key)


def test_without_layers_the_checks_own_defaults_hold_and_the_check_counts():
    assert compose([], CHECKS).rule(CHECK, PERSONAL) == Rule(
        level=Level.REQUIRED, limits=Limits(), max_age_days=7, why=UNNAMED, layer=BUILT_IN
    )


def test_a_rule_gathers_what_the_layers_say():
    where = policy(
        hospital='[checks.screen_lock]\nmax_idle_s = 60\nauthority = "mdm"\nall_of = ["device", "mdm"]\n',
        practice='[checks.screen_lock]\nlevel = "recommended"\nreason = "a trial"\nmax_age_days = 3\nword = "w"\n',
        baseline='[checks.screen_lock]\nlevel = "required"\non_resume = false\nmost = 0\napps = []\n',
    )
    assert where.rule(CHECK, PERSONAL) == Rule(
        level=Level.RECOMMENDED,
        limits=Limits(
            max_idle_s=60,
            most=0,
            on_resume=False,
            word="w",
            apps=(),
            authority=Authority.MDM,
            all_of=(Authority.DEVICE, Authority.MDM),
        ),
        max_age_days=3,
        why="a trial",
        layer="practice",
    )
    assert type(where.rule(CHECK, PERSONAL).limits.authority) is Authority
    assert {type(one) for one in where.rule(CHECK, PERSONAL).limits.all_of} == {Authority}


GENERAL, PROFILE = "[checks.screen_lock]\n", "[profiles.personal.checks.screen_lock]\n"
ORDER = [("hospital", PROFILE), ("hospital", GENERAL), ("practice", PROFILE), ("practice", GENERAL)]
ORDER += [("baseline", PROFILE), ("baseline", GENERAL)]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_the_hospitals_word_comes_first_and_a_profile_before_the_rest_of_its_layer(first):
    said = dict.fromkeys(("hospital", "practice", "baseline"), "")
    for place, (name, table) in list(enumerate(ORDER))[first:]:
        said[name] += f"{table}max_idle_s = {100 + place}\n"
    found = row(policy(**said), "max_idle_s")
    assert (found.won.value, found.won.layer) == (100 + first, ORDER[first][0])
    assert [one.value for one in found.beaten] == [100 + place for place in range(first + 1, len(ORDER))]


def test_a_practice_may_loosen_the_baseline():
    where = policy(practice='[checks.screen_lock]\nlevel = "off"', baseline='[checks.screen_lock]\nlevel = "required"')
    assert where.rule(CHECK, PERSONAL).level is Level.OFF


@pytest.mark.parametrize("table", ["checks.screen_lock", "profiles.personal.checks.screen_lock"])
def test_a_practice_loosens_nothing_that_the_hospital_sets(table):
    where = policy(hospital='[checks.screen_lock]\nlevel = "required"', practice=f'[{table}]\nlevel = "off"')
    assert where.rule(CHECK, PERSONAL).level is Level.REQUIRED


def test_a_profile_speaks_of_its_own_devices_only():
    where = policy(practice='[profiles.dedicated_camera.checks.screen_lock]\nlevel = "off"\nmax_idle_s = 30')
    assert [where.rule(CHECK, one).level for one in (PERSONAL, OWNED, CAMERA)] == ["required", "required", "off"]
    assert [where.rule(CHECK, one).limits.max_idle_s for one in (PERSONAL, OWNED, CAMERA)] == [300, 300, 30]


def test_each_value_knows_its_file_line_reason_and_what_it_beat():
    where = policy(
        practice='[checks.screen_lock]\nmax_idle_s = 120\nreason = "short wards"\n',
        baseline="[checks.screen_lock]\nmax_idle_s = 240\n",
    )
    found = row(where, "max_idle_s")
    assert found.won == Origin(value=120, layer="practice", file="practice.toml", line=7, reason="short wards")
    assert found.beaten == (Origin(value=240, layer="baseline", file="baseline.toml", line=7, reason=""),)
    assert row(where, "max_age_days").won == Origin(value=7, layer=BUILT_IN, file="", line=0, reason="")
    assert row(where, "max_age_days").beaten == ()
    assert row(where, "level").won == Origin(value="required", layer=BUILT_IN, file="", line=0, reason=UNNAMED)


def test_defaults_of_a_check_read_as_a_policy_would_write_them():
    values = {one.key: one.won.value for one in compose([], CHECKS).why("screen_lock", PERSONAL)}
    assert values == {
        "level": "required", "max_age_days": 7, "attestation_counts": False, "attestation_days": 30,
        "max_idle_s": 300, "most": 5, "on_resume": True, "word": "plain", "apps": ("one",), "authority": "device",
        "all_of": ("mdm",),
    }  # fmt: skip
    assert {type(values["level"]), type(values["authority"]), type(values["all_of"][0])} == {str}


def test_every_stable_check_can_be_asked_about_and_no_other():
    where = policy()
    assert {one: len(where.why(one, PERSONAL)) for one in CHECK_IDS} == {
        one: 11 if one == "screen_lock" else 4 for one in CHECK_IDS
    }
    with pytest.raises(KeyError):
        where.why("screen-lock", PERSONAL)


def test_a_persons_word_counts_only_where_a_layer_says_so():
    where = policy(
        hospital="[checks.screen_lock]\nattestation_days = 7\n",
        practice="[profiles.personal.checks.screen_lock]\nattestation_counts = true\nattestation_days = 9\n",
    )
    rules = [where.rule(CHECK, one) for one in (PERSONAL, OWNED)]
    assert [one.attestation_counts for one in rules] == [True, False]
    assert [one.attestation_days for one in rules] == [7, 7]
    assert not policy().rule(CHECK, PERSONAL).attestation_counts
    assert policy().rule(CHECK, PERSONAL).attestation_days == 30


def test_no_capture_is_the_profiles_own_and_the_hospitals_word_holds():
    where = policy(
        hospital='[profiles.personal]\ncapture = false\nreason = "contract"\n',
        practice="[profiles.personal]\ncapture = true\n[profiles.practice_owned]\ncapture = true\n",
    )
    assert [where.capture_allowed(one) for one in (PERSONAL, OWNED, CAMERA)] == [False, True, True]
    assert where.capture(PERSONAL).won == Origin(
        value=False, layer="hospital", file="hospital.toml", line=7, reason="contract"
    )
    assert [one.value for one in where.capture(PERSONAL).beaten] == [True]
    assert where.capture(CAMERA).won.layer == BUILT_IN


def test_pictures_may_stay_for_hours_on_the_camera_only_device_alone():
    assert [policy().allow_hours(one) for one in (PERSONAL, OWNED, CAMERA)] == [None, None, 24]
    assert policy(practice="[profiles.dedicated_camera]\nallow_hours = 8\n").allow_hours(CAMERA) == 8
    assert policy(practice="[profiles.dedicated_camera]\nallow_hours = 0\n").allow_hours(CAMERA) == 0


def test_settings_of_the_practice_have_defaults():
    where = policy()
    assert (where.grace_days, where.acknowledgement_required, where.approved_apps) == (7, False, ())
    assert (where.schedule.audit_at, where.schedule.jitter_s) == ((time(7),), 600)
    assert where.contacts == {}


def test_settings_of_the_practice_come_from_the_highest_layer_key_by_key():
    where = policy(
        hospital="[schedule]\njitter_s = 0\n[apps]\napproved = ['a']\n",
        practice="[schedule]\njitter_s = 60\naudit_at = ['17:30', '07:00', '17:30']\n[apps]\napproved = ['b']\n"
        "[grace]\ndays = 0\n[acknowledgement]\nrequired = true\n",
        baseline="[grace]\ndays = 9\n[schedule]\naudit_at = []\n",
    )
    assert where.schedule.audit_at == (time(7), time(17, 30))
    assert where.schedule.jitter_s == 0
    assert where.approved_apps == ("a",)
    assert (where.grace_days, where.acknowledgement_required) == (0, True)


def test_an_empty_list_of_times_means_none():
    assert policy(practice="[schedule]\naudit_at = []\n").schedule.audit_at == ()


def test_a_contact_is_taken_whole_from_the_highest_layer():
    where = policy(
        hospital="[contacts.it]\nlabel = 'Hospital IT'\n",
        practice="[contacts.it]\nlabel = 'Practice IT'\nphone = '1'\n[contacts.privacy]\nlabel = 'Officer'\n",
    )
    assert {name: str(one) for name, one in where.contacts.items()} == {"it": "Hospital IT", "privacy": "Officer"}


def test_id_and_version_name_all_layers_whatever_order_they_came_in():
    layers = [layer("", "baseline", "1"), layer("", "hospital", "2026-11-21"), layer("", "practice", "7.1")]
    for order in itertools.permutations(layers):
        where = compose(order, CHECKS)
        assert where.id == "the-hospital+the-practice+the-baseline"
        assert where.version == "hospital-2026-11-21+practice-7.1+baseline-1"
        assert where.digest == "+".join(one.digest for one in (layers[1], layers[2], layers[0]))


VERSIONS = st.from_regex(re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,23}", re.ASCII), fullmatch=True)


@given(VERSIONS, VERSIONS)
def test_versions_are_safe_in_urls_and_file_names(hospital, practice):
    where = compose([layer("", "hospital", hospital), layer("", "practice", practice)], CHECKS)
    assert re.fullmatch(r"[A-Za-z0-9.+-]+", where.version)
    assert where.version.split("+") == [f"hospital-{hospital}", f"practice-{practice}"]


def test_two_layers_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two layers have the same name"):
        compose([layer(), layer()], CHECKS)


def test_a_check_that_was_not_given_cannot_be_asked_about():
    with pytest.raises(KeyError):
        policy().rule(replace(CHECK, id="other"), PERSONAL)


def test_a_policy_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        policy().layers = ()


def images(**bodies: str) -> int:
    """The longest time that a picture may stay on a camera-only device."""
    head = 'schema = "scrubin/policy/1"\nlayer = "{}"\nid = "x"\nversion = "1"\nname = "X"\n'
    layers = [
        read_layer(f"{head.format(name)}{body}\n".encode(), file="x.toml", checks=(CLINICAL_IMAGES,))
        for name, body in bodies.items()
    ]
    return compose(layers, (CLINICAL_IMAGES,)).rule(CLINICAL_IMAGES, CAMERA).limits.max_age_hours


CAMERA_72 = "[profiles.dedicated_camera]\nallow_hours = 72"
AT_ONCE = "[checks.clinical_images]\nmax_age_hours = 1"


def test_what_the_hospital_says_of_pictures_is_not_loosened_by_a_lower_layers_profile() -> None:
    assert images(hospital=AT_ONCE, baseline=CAMERA_72) == 1
    assert images(hospital=AT_ONCE, practice=CAMERA_72, baseline=CAMERA_72) == 1
    assert (
        images(hospital="[profiles.dedicated_camera.checks.clinical_images]\nmax_age_hours = 1", practice=CAMERA_72)
        == 1
    )
    assert images(hospital=AT_ONCE) == 1


def test_a_profile_of_the_same_or_a_higher_layer_decides_about_pictures() -> None:
    assert images(practice=f"{AT_ONCE}\n{CAMERA_72}") == 72
    assert images(hospital=CAMERA_72, practice=AT_ONCE) == 72
    assert images(hospital=AT_ONCE, practice="[profiles.dedicated_camera]\ncapture = false") == 0


@pytest.mark.parametrize(
    ("profile", "ownership", "hours"),
    [
        ("", Ownership.PERSONAL, 24),
        ("[profiles.personal]\ncapture = false", Ownership.PERSONAL, 0),
        ("[profiles.personal]\ncapture = true", Ownership.PERSONAL, 24),
        ("[profiles.personal]\ncapture = false", Ownership.PRACTICE_OWNED, 24),
        ("[profiles.dedicated_camera]\nallow_hours = 72", Ownership.DEDICATED_CAMERA, 72),
        ("[profiles.dedicated_camera]\nallow_hours = 72\ncapture = false", Ownership.DEDICATED_CAMERA, 0),
    ],
)
def test_profile_says_how_long_a_picture_may_stay(profile: str, ownership: Ownership, hours: int) -> None:
    head = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "x"\nversion = "1"\nname = "X"\n'
    layer = read_layer(f"{head}{profile}\n".encode(), file="x.toml", checks=(CLINICAL_IMAGES,))
    assert compose((layer,), (CLINICAL_IMAGES,)).rule(CLINICAL_IMAGES, ownership).limits.max_age_hours == hours
