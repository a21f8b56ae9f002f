"""The shipped baseline is a right policy, says something of every check, and cites the guidance."""

import re
from importlib.resources import files

import pytest

from checks.catalog import CATALOG
from checks.model import Level, Ownership
from checks.policy import compose
from checks.policy_file import Layer, read_layer
from checks.policy_form import CHECK_IDS, LayerName

REQUIRED = {"screen_lock", "cloud_backup", "remote_wipe", "clinical_images", "encryption"}


def baseline() -> Layer:
    raw = (files("checks") / "policies" / "baseline.toml").read_bytes()
    return read_layer(raw, file="baseline.toml", checks=CATALOG)


def test_the_four_of_the_guidance_and_encryption_count():
    rows = {one: compose([baseline()], CATALOG).why(one, Ownership.PERSONAL)[0].won for one in CHECK_IDS}
    assert {name for name, one in rows.items() if one.value == Level.REQUIRED} == REQUIRED
    assert {one.value for one in rows.values()} == {Level.REQUIRED, Level.RECOMMENDED}
    assert {one.layer for one in rows.values()} == {LayerName.BASELINE}


def test_each_value_has_a_reason_that_cites_a_requirement():
    for path, one in baseline().settings.items():
        assert re.match(r"R([1-9]|[12][0-9]|30)(, R\d+)*: .+\.$", one.reason), path


@pytest.mark.parametrize("ownership", Ownership)
def test_it_forbids_no_device_and_leaves_limits_to_the_checks(ownership):
    policy = compose([baseline()], CATALOG)
    assert policy.capture_allowed(ownership)
    for check in CATALOG:
        assert policy.rule(check, ownership).limits == check.limits()
        assert policy.rule(check, ownership).layer == "baseline"


def test_its_other_settings():
    policy = compose([baseline()], CATALOG)
    assert (policy.id, policy.version) == ("scrubin-baseline", "baseline-1")
    assert (policy.grace_days, policy.schedule.jitter_s, policy.allow_hours(Ownership.DEDICATED_CAMERA)) == (7, 600, 24)
    assert (policy.approved_apps, policy.acknowledgement_required, policy.contacts) == ((), False, {})
