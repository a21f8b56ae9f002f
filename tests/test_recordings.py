"""Every recording is judged as its ground truth says. Adding a device is adding a folder."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from fakes import laptop, rule_for

from agent.collect.catalog import PROBES
from agent.collect.host import LocalHost
from agent.collect.observe import observe
from agent.collect.recorded import load
from checks.catalog import CATALOG
from checks.evaluate import evaluate
from checks.evidence import Observed

ROOT = Path(__file__).parent / "recordings"
CHECKS = {check.id: check for check in CATALOG}
CASES = [
    pytest.param(path.parent, check_id, id=f"{path.parent.relative_to(ROOT)}-{check_id}")
    for path in sorted(ROOT.rglob("expected.toml"))
    for check_id in tomllib.loads(path.read_text())
]


@pytest.mark.parametrize(("folder", "check_id"), CASES)
def test_recording_is_judged_as_its_ground_truth_says(folder: Path, check_id: str) -> None:
    wanted: dict[str, Any] = tomllib.loads((folder / "expected.toml").read_text())[check_id]
    host = load(str(folder), LocalHost())
    check = CHECKS[check_id]
    evidence = observe(PROBES[host.platform][check_id].look, host)
    limits = check.limits(**wanted.get("limits", {}))
    seen = evaluate(check, laptop(platform=host.platform), evidence, rule_for(limits), now=host.now(), profile="owner")
    assert seen.finding.status == wanted["status"], seen
    assert set(wanted.get("reasons", ())) <= set(seen.finding.measures["reasons"]), seen
    if "fact" in wanted:
        assert isinstance(evidence, Observed), evidence
        for field, value in wanted["fact"].items():
            assert getattr(evidence.fact, field) == value, field


def test_every_recording_says_where_it_comes_from() -> None:
    folders = {path.parent for path in ROOT.rglob("recording.toml")}
    assert folders
    for folder in folders:
        meta = tomllib.loads((folder / "meta.toml").read_text())
        assert meta["origin"] in {"recorded", "public", "made"}, folder
        assert {"source", "licence", "ground_truth", "os"} <= set(meta), folder
        assert meta["licence"] not in {"unstated", ""}, folder
        assert (folder / "expected.toml").exists(), folder
