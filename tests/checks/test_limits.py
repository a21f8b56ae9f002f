"""What a policy may ask for: defaults and bounds are promises to practices, held as a table."""

from dataclasses import fields

import pytest

from checks.catalog import CATALOG

LIMITS = {
    ("screen_lock", "max_idle_s"): (300, 30, 3600),
    ("screen_lock", "max_grace_s"): (10, 0, 300),
    ("screen_lock", "on_resume"): (True, None, None),
    ("cloud_backup", "allowed"): ((), None, None),
    ("remote_wipe", "accepted"): ((), None, None),
    ("clinical_images", "max_age_hours"): (24, 0, 8760),
    ("clinical_images", "min_score_percent"): (80, 1, 100),
    ("encryption", "system"): (False, None, None),
    ("encryption", "swap"): (False, None, None),
    ("updates", "max_update_age_days"): (30, 1, 365),
    ("updates", "max_restart_days"): (7, 0, 90),
    ("updates", "automatic"): (False, None, None),
    ("shared_use", "max_people"): (1, 1, 50),
    ("shared_use", "hide_previews"): (False, None, None),
}


def test_no_limit_is_missing_from_the_table() -> None:
    assert {(check.id, one.name) for check in CATALOG for one in fields(check.limits)} == set(LIMITS)


@pytest.mark.parametrize(("check_id", "name"), LIMITS)
def test_limit_has_its_default_and_bounds(check_id: str, name: str) -> None:
    (check,) = [one for one in CATALOG if one.id == check_id]
    (field,) = [one for one in fields(check.limits) if one.name == name]
    assert (field.default, field.metadata["minimum"], field.metadata["maximum"]) == LIMITS[check_id, name]
