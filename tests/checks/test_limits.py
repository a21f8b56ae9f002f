"""What a policy may ask for: defaults and bounds are promises to practices, held as a table."""

from dataclasses import fields

import pytest

from checks.catalog import CATALOG

LIMITS = {
    ("screen_lock", "max_idle_s"): (300, 30, 3600),
    ("screen_lock", "max_grace_s"): (10, 0, 300),
    ("screen_lock", "on_resume"): (True, None, None),
    ("cloud_backup", "allowed"): ((), None, None),
    ("cloud_backup", "app_data_fails"): (False, None, None),
    ("remote_wipe", "accepted"): ((), None, None),
    ("clinical_images", "max_age_hours"): (24, 0, 8760),
    ("clinical_images", "min_score_percent"): (80, 1, 100),
    ("clinical_images", "clean_weights_only"): (False, None, None),
    ("clinical_images", "read_documents"): (True, None, None),
    ("clinical_images", "recordings_unknown"): (False, None, None),
    ("encryption", "system"): (False, None, None),
    ("encryption", "swap"): (False, None, None),
    ("updates", "max_update_age_days"): (30, 1, 365),
    ("updates", "max_restart_days"): (7, 0, 90),
    ("updates", "automatic"): (False, None, None),
    ("shared_use", "max_people"): (1, 1, 50),
    ("shared_use", "hide_previews"): (False, None, None),
    ("photo_access", "allowed"): ((), None, None),
    ("photo_access", "unknown_apps"): (True, None, None),
    ("geotagging", "max_lookup_days"): (7, 1, 90),
    ("messaging_apps", "approved"): ((), None, None),
    ("updates", "max_patch_age_days"): (90, 1, 365),
    ("integrity", "other_systems"): (False, None, None),
    ("integrity", "never_altered"): (False, None, None),
    ("integrity", "no_unlocking"): (False, None, None),
    ("users", "max_people"): (1, 1, 50),
    ("users", "allowed_profiles"): ((), None, None),
    ("usb_debugging", "max_computers"): (1, 0, 50),
    ("usb_debugging", "trust_ends"): (True, None, None),
}


def test_no_limit_is_missing_from_the_table() -> None:
    assert {(check.id, one.name) for check in CATALOG for one in fields(check.limits)} == set(LIMITS)


@pytest.mark.parametrize(("check_id", "name"), LIMITS)
def test_limit_has_its_default_and_bounds(check_id: str, name: str) -> None:
    (check,) = [one for one in CATALOG if one.id == check_id]
    (field,) = [one for one in fields(check.limits) if one.name == name]
    assert (field.default, field.metadata["minimum"], field.metadata["maximum"]) == LIMITS[check_id, name]
