"""Each check of a phone has recordings of old, middle and new releases that pass, fail and leave it unknown."""

import re
import tomllib
from pathlib import Path

import pytest

from agent.collect.catalog import PROBES
from checks.catalog import CATALOG
from checks.model import Platform, Status

ROOT = Path(__file__).parent / "recordings" / "android"
FAMILIES = {"26-29": range(8, 11), "30-33": range(11, 14), "34 and later": range(14, 100)}
"""API levels -> releases of Android. What a phone prints changed between these most."""
UNSEEN = frozenset({Status.UNKNOWN, Status.ERROR})


def recorded(check_id: str, releases: range) -> set[Status]:
    """What the recordings of these releases come to."""
    found = set()
    for path in ROOT.rglob("expected.toml"):
        said = tomllib.loads((path.parent / "meta.toml").read_text())
        release = re.match(r"Android (\d+)", f"{said['os']} {said.get('version', '')}")
        wanted = tomllib.loads(path.read_text())
        if check_id in wanted and release is not None and int(release[1]) in releases:
            found.add(Status(wanted[check_id]["status"]))
    return found


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("check_id", sorted(PROBES[Platform.ANDROID]))
def test_check_has_recordings_of_each_outcome(check_id: str, family: str) -> None:
    found = recorded(check_id, FAMILIES[family])
    assert {Status.PASS, Status.FAIL} <= found
    assert found & UNSEEN


def test_every_check_of_phones_but_the_images_has_a_probe() -> None:
    asked = {one.id for one in CATALOG if Platform.ANDROID in one.platforms}
    assert asked - set(PROBES[Platform.ANDROID]) == {"clinical_images"}
