"""What the doctor makes of a laptop: each thing that was not seen, with the way to see it."""

from pathlib import Path
from typing import Any

import pytest
from fakes import laptop, rule_for

from agent.collect.catalog import PROBES
from agent.collect.host import LocalHost
from agent.collect.recorded import load
from agent.commands.doctor import HINTS, PACKAGES, Row, sight
from agent.runner import Subject, audit
from checks.catalog import CATALOG
from checks.model import Status

ROOT = Path(__file__).parents[1] / "recordings" / "linux"


class Everything:
    id, version = "example", "practice-1"

    def rule(self, check: Any, ownership: Any) -> Any:
        return rule_for(check.limits())


def rows(case: str, check_id: str) -> list[Row]:
    host = load(str(ROOT / case), LocalHost())
    checks = tuple(one for one in CATALOG if one.id == check_id)
    subject = Subject(device=laptop(), host=host, door=LocalHost(), checks=checks, probes=PROBES[host.platform])
    return list(sight(audit(subject, Everything(), clock=host.now)))


def test_missing_tool_comes_with_the_package_that_brings_it() -> None:
    found = rows("gnome-lock/tool-missing", "screen_lock")
    assert ("sudo apt install libglib2.0-bin",) in [one.steps for one in found]
    assert {one.status for one in found} == {Status.ERROR}


def test_untrusted_context_says_how_to_get_a_trusted_one() -> None:
    (row,) = rows("gnome-lock/ctx-memory-backend", "screen_lock")
    assert row.status is Status.UNKNOWN
    assert "GSETTINGS_BACKEND" in row.steps[0]


def test_parts_hidden_for_one_reason_are_one_line() -> None:
    (row,) = rows("encryption/plain-disk", "screen_lock")[:1]
    assert "," in row.text or row.text.count(":") == 1


def test_what_can_be_seen_is_said_in_one_line() -> None:
    assert [one.text for one in rows("laptops/gnome-good", "screen_lock")] == ["all of it can be seen"]


def test_check_without_a_probe_points_to_what_can_be_done_by_hand() -> None:
    (row,) = rows("laptops/gnome-good", "clinical_images")
    assert row.steps == ("We can't look at this yet. What to do by hand: scrubin explain clinical_images",)


@pytest.mark.parametrize("text", [*HINTS.values(), *PACKAGES.values()])
def test_hints_have_no_open_placeholder(text: str) -> None:
    assert "{" not in text.format(check="x")
