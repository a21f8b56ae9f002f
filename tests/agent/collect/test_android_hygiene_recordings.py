"""Recordings of updates, integrity and debugging give their ground truth, and never a better one when they are cut."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import phone, rule_for

from agent.collect.android import integrity, updates, usb_debugging
from agent.collect.host import LocalHost
from agent.collect.observe import observe
from agent.collect.recorded import RecordedHost, load
from checks.evaluate import evaluate
from checks.integrity.check import CHECK as INTEGRITY
from checks.model import Finding, Status
from checks.updates.check import CHECK as UPDATES
from checks.usb_debugging.check import CHECK as USB_DEBUGGING

ROOT = Path(__file__).parents[2] / "recordings" / "android"
TOPICS: dict[str, tuple[Any, Any]] = {
    "updates": (updates, UPDATES), "integrity": (integrity, INTEGRITY), "debugging": (usb_debugging, USB_DEBUGGING)
}  # fmt: skip
FOLDERS = sorted(path for topic in TOPICS for path in (ROOT / topic).iterdir())
ALL = pytest.mark.parametrize("folder", FOLDERS, ids=lambda one: f"{one.parent.name}-{one.name}")


def wanted(folder: Path) -> dict[str, Any]:
    return next(iter(tomllib.loads((folder / "expected.toml").read_text()).values()))


def judged(folder: Path, host: RecordedHost) -> Finding:
    module, check = TOPICS[folder.parent.name]
    rule = rule_for(check.limits(**wanted(folder).get("limits", {})))
    return evaluate(check, phone(), observe(module.probe, host), rule, now=host.now(), profile="owner").finding


def mutants(lines: list[str]) -> Iterator[list[str]]:
    """Without each line, without the rest after it, without what stands before it, and backwards."""
    for place in range(len(lines)):
        yield lines[:place] + lines[place + 1 :]
        yield lines[:place]
        yield lines[place + 1 :]
    yield lines[::-1]


@ALL
def test_ground_truth(folder: Path) -> None:
    finding = judged(folder, load(str(folder), LocalHost()))
    assert finding.status == wanted(folder)["status"]
    assert set(wanted(folder)["reasons"]) <= set(finding.measures["reasons"])


@ALL
def test_a_recording_that_lost_something_never_becomes_a_pass(folder: Path) -> None:
    host = load(str(folder), LocalHost())
    if judged(folder, host).status is Status.PASS:
        return
    for name, text in host._payloads.items():
        for left in mutants(text.splitlines(keepends=True)):
            cut = RecordedHost(host._index, {**host._payloads, name: "".join(left)})
            assert judged(folder, cut).status is not Status.PASS, (name, left)


@ALL
def test_a_recording_without_one_of_its_answers_never_becomes_a_pass(folder: Path) -> None:
    host = load(str(folder), LocalHost())
    if judged(folder, host).status is Status.PASS:
        return
    for row in host._index["command"]:
        rest = [one for one in host._index["command"] if one is not row]
        cut = RecordedHost({**host._index, "command": rest}, host._payloads)
        assert judged(folder, cut).status is not Status.PASS, row["argv"]


def test_every_family_passes_fails_and_stays_unclear() -> None:
    for topic in TOPICS:
        seen: dict[str, set[str]] = {}
        for folder in (ROOT / topic).iterdir():
            system = tomllib.loads((folder / "meta.toml").read_text())["os"].removeprefix("Android ").split(".")[0]
            family = "26-29" if int(system) <= 10 else "30-33" if int(system) <= 13 else "34"
            seen.setdefault(family, set()).add(wanted(folder)["status"])
        assert all({"pass", "fail", "unknown"} <= found for found in seen.values()), (topic, seen)
        assert len(seen) == 3
