"""Recordings of phones in memory: read, scrubbed, judged."""

import functools
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fakes import phone, rule_for

from agent.collect.catalog import PROBES
from agent.collect.host import LocalHost
from agent.collect.observe import observe
from agent.collect.recorded import INDEX, RecordedHost, load
from agent.commands.record_phone import written
from checks.catalog import CATALOG
from checks.evaluate import evaluate
from checks.model import Platform, Status

TREE = Path(__file__).parents[2]
DEMO = sorted((TREE / "agent/demo/phones").iterdir())
RECORDED = sorted(path.parent for path in (TREE / "tests/recordings/android").rglob(INDEX))
Verdict = tuple[Status, Any]


@functools.cache
def recorded(folder: Path) -> RecordedHost:
    return load(str(folder), LocalHost())


def reread(files: Mapping[str, str]) -> RecordedHost:
    return RecordedHost(tomllib.loads(files[INDEX]), files)


@functools.cache
def scrubbed(folder: Path) -> Mapping[str, str]:
    return written(recorded(folder))


def judged(host: RecordedHost) -> dict[str, Verdict]:
    """Check -> its status and measures under the baseline's limits."""
    looks = PROBES[Platform.ANDROID]
    found: dict[str, Verdict] = {}
    for check in CATALOG:
        if check.id in looks:
            evidence = observe(looks[check.id].look, host)
            rule = rule_for(check.limits())
            finding = evaluate(check, phone(), evidence, rule, now=host.now(), profile="owner").finding
            found[check.id] = (finding.status, finding.measures)
    return found
