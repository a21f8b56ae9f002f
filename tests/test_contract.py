"""What every check, probe and word must have. A new one that lacks something fails here, with what to add."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from agent.collect.catalog import PROBES
from agent.runner import CANARIES
from checks.catalog import CATALOG, IDS
from checks.guidance import guidance
from checks.model import LAPTOPS, Platform
from checks.spec import Check

ROOT = Path(__file__).parent.parent
RECORDINGS = ROOT / "tests" / "recordings"
REQUIREMENTS = {f"R{number}" for number in range(1, 31)}
"""The numbers of checks/REQUIREMENTS.md."""
NO_PROBE_YET = {"clinical_images"}
CHECKS = pytest.mark.parametrize("check", CATALOG, ids=[one.id for one in CATALOG])


def test_catalog_and_folders_agree() -> None:
    folders = {path.parent.name for path in (ROOT / "checks").glob("*/check.py")}
    assert folders == {one.id for one in CATALOG}, "add the check to checks/catalog.py"
    assert len({one.id for one in CATALOG}) == len(CATALOG)
    assert folders <= set(IDS), "a new id is a promise to policies and consoles: add it to IDS"


@CHECKS
def test_check_is_complete(check: Check[Any, Any]) -> None:
    assert check.requirements, "name the requirement that it answers"
    assert set(check.requirements) <= REQUIREMENTS
    assert not check.title.startswith(("Check", "Ensure")), "the title states the good state"
    assert not check.title.endswith(".")
    assert "reasons" not in check.measures, "reasons are added by evaluate"
    assert (ROOT / "checks" / check.id / "guidance.toml").exists()


@CHECKS
def test_steps_exist_for_the_platform_whatever_the_desktop(check: Check[Any, Any]) -> None:
    words = guidance(check.id)
    for code, one in words.reasons.items():
        if one.steps and check.platforms & LAPTOPS:
            assert {"linux", "any"} & set(one.steps), f"{check.id}: {code} has no steps for an unknown desktop"
    assert words.by_hand, f"{check.id}: say in [by_hand] how to find out when nothing can be seen"


@CHECKS
def test_check_is_recorded_as_passing_failing_and_unclear(check: Check[Any, Any]) -> None:
    if check.id in NO_PROBE_YET:
        assert not any(check.id in probes for probes in PROBES.values())
        return
    seen = set()
    for path in RECORDINGS.rglob("expected.toml"):
        wanted = tomllib.loads(path.read_text())
        if check.id in wanted:
            seen.add(wanted[check.id]["status"])
    assert {"pass", "fail", "unknown", "error"} <= seen, f"{check.id} lacks recordings"


@pytest.mark.parametrize(("platform", "check_id"), [(p, c) for p, probes in PROBES.items() for c in probes])
def test_probe_carries_a_canary_whose_files_are_shipped(platform: Platform, check_id: str) -> None:
    canary = PROBES[platform][check_id].canary
    assert canary.files or canary.answers
    for name in (*canary.files.values(), *canary.answers.values()):
        assert (CANARIES / platform / "canary" / check_id / name).is_file(), name
    check = next(one for one in CATALOG if one.id == check_id)
    assert canary.reason in set(check.reasons)


def test_limits_say_what_they_mean() -> None:
    for check in CATALOG:
        for field in check.limits.__dataclass_fields__.values():
            assert field.metadata.get("doc", "").endswith("."), f"{check.id}.{field.name}: use limit(doc=...)"


def test_requirements_are_listed_with_the_checks_that_answer_them() -> None:
    text = (ROOT / "checks" / "REQUIREMENTS.md").read_text()
    rows = {line.split("|")[1].strip(): line for line in text.splitlines() if line.startswith("| R")}
    assert set(rows) == REQUIREMENTS
    for check in CATALOG:
        assert all(f"`{check.id}`" in rows[number] for number in check.requirements), check.id
