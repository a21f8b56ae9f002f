"""An audit whose screen lock the device does not show, for the tests of the person's own word."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from fakes import NOON, laptop, recorded_host, rule_for

from agent.collect.catalog import PROBES, Probe
from agent.collect.host import CollectError, LocalHost
from agent.runner import Audit, Subject, audit
from checks.catalog import CATALOG
from checks.evidence import Why
from checks.model import Device, Platform, Word
from checks.screen_lock.fact import Desktop, ScreenLock
from checks.spec import Saw

BARE = next(one for one in CATALOG if one.id == "screen_lock")
LOCK = replace(BARE, saw=Saw(good=Word.ON, bad=Word.OFF))
OTHER = replace(BARE, id="shared_use", saw=None)
WELL = ScreenLock(
    desktop=Desktop.GNOME, locks=True, idle_s=300, grace_s=0, on_resume=True, password=True, auto_login=False
)
OPEN = replace(WELL, grace_s=None)
MORE_OPEN = replace(OPEN, on_resume=None)
BAD = replace(WELL, locks=False)
REAL = PROBES[Platform.LINUX]["screen_lock"]


class Counting:
    """A policy that counts the person's word, unless told otherwise."""

    id, version = "example", "practice-7"

    def __init__(self, **changes: Any) -> None:
        self._changes = {"attestation_counts": True, **changes}

    def rule(self, check: Any, ownership: Any) -> Any:
        return rule_for(check.limits(), **self._changes)


def probe(fact: ScreenLock | Why) -> Probe:
    """Answers so on the laptop, and as the real one does on what was planted."""

    def look(host: Any) -> Any:
        if type(host).__name__ == "PlantedHost":
            return REAL.look(host)
        if isinstance(fact, Why):
            raise CollectError(fact, "")
        return fact

    # Beside the screen lock's own: a check of another name looks for its canary in another folder.
    files = {path: f"../screen_lock/{name}" for path, name in REAL.canary.files.items()}
    return Probe(look=look, canary=replace(REAL.canary, files=files))


def audited(
    lock: ScreenLock | Why, *, device: Device | None = None, policy: Any = None, at: datetime = NOON, **changes: Any
) -> Audit:
    """The screen lock as given, and beside it a check that passes. The evidence is dated NOON."""
    probes: Mapping[str, Probe] = {"screen_lock": probe(lock), "shared_use": probe(WELL)}
    given = {"checks": (LOCK, OTHER), "probes": probes, **changes}
    subject = Subject(device=device or laptop(), host=recorded_host(), door=LocalHost(), **given)
    return audit(subject, policy or Counting(max_age_days=90), clock=lambda: at)
