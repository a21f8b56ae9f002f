"""The probe of the screen lock: parts by themselves, and contexts in which nothing may be believed."""

from importlib import resources
from typing import Any

import pytest
from fakes import NOON, laptop, observed, recorded_host, rule_for

from agent.collect.host import Host, LocalHost
from agent.collect.layered import PlantedHost
from agent.collect.linux.screen_lock import CANARY, READERS, probe
from agent.collect.recorded import RecordedHost
from checks.evaluate import Examined, evaluate
from checks.evidence import Why
from checks.model import Status
from checks.screen_lock.check import CHECK, Limits
from checks.screen_lock.fact import Desktop

KDE = {"XDG_CURRENT_DESKTOP": "KDE"}
GOOD: dict[str, Any] = {
    "environ": KDE,
    "processes": [{"name": "plasmashell"}],
    "commands": {"passwd -S": "clin P 2026-11-21 0 99999 7 -1\n"},
    "files": {"/etc/group": "root:x:0:\n", "/etc/passwd": "clin:x:1001:1001::/home/clin:/bin/bash\n"},
}


def judged(host: Host) -> Examined:
    return evaluate(CHECK, laptop(), observed(probe(host)), rule_for(Limits()), now=NOON, profile="owner")


def test_a_good_laptop_passes() -> None:
    assert judged(recorded_host(**GOOD)).finding.status is Status.PASS


def test_every_desktop_of_ours_has_its_reader() -> None:
    assert set(READERS) == set(Desktop) - {Desktop.OTHER, Desktop.NONE, Desktop.ANDROID}


def test_nothing_at_all_is_not_a_pass() -> None:
    fact = probe(recorded_host())
    assert fact.desktop is Desktop.NONE
    assert {gap.part: gap.why for gap in fact.gaps} == {
        "idle": Why.NO_SESSION, "grace": Why.NO_SESSION, "resume": Why.NO_SESSION, "password": Why.TOOL_MISSING,
    }  # fmt: skip
    assert judged(recorded_host()).finding.status is Status.ERROR


def test_an_incomplete_recording_is_an_error() -> None:
    fact = probe(recorded_host(complete=False))
    assert {gap.why for gap in fact.gaps if gap.part in {"password", "auto_login"}} == {Why.NOT_RECORDED}
    assert (fact.locks, fact.password, fact.auto_login) == (None, None, None)


@pytest.mark.parametrize(
    ("environ", "why"),
    [({"XDG_CURRENT_DESKTOP": "LXQt"}, Why.NO_PROBE), (KDE, Why.NO_SESSION), ({}, Why.NO_SESSION)],
)
def test_a_desktop_without_a_reader_leaves_the_other_parts(environ: dict[str, str], why: Why) -> None:
    fact = probe(recorded_host(**{**GOOD, "environ": environ, "processes": []}))
    assert (fact.locks, fact.password, fact.auto_login) == (None, True, False)
    assert {gap.why for gap in fact.gaps} == {why}


def test_a_home_that_is_not_the_accounts_hides_the_lock() -> None:
    files = {**GOOD["files"], "/etc/passwd": "clin:x:1001:1001::/srv/clin:/bin/bash\n"}
    fact = probe(recorded_host(**{**GOOD, "files": files}))
    assert (fact.desktop, fact.locks) == (Desktop.KDE, None)
    assert {gap.why for gap in fact.gaps} == {Why.UNTRUSTED_CONTEXT}


def test_a_failed_part_does_not_hide_a_broken_one() -> None:
    files = {**GOOD["files"], "/home/clin/.config/kscreenlockerrc": Why.NOT_PERMITTED}
    commands = {"passwd -S": "clin NP 2026-11-21 0 99999 7 -1\n"}
    seen = judged(recorded_host(environ=KDE, files=files, commands=commands))
    assert seen.finding.status is Status.FAIL
    assert seen.finding.measures["reasons"] == ("no_password", "idle_not_seen", "grace_not_seen", "resume_not_seen")


def planted(behind: RecordedHost) -> Host:
    folder = resources.files("agent.collect.linux") / "canary" / "screen_lock"
    files = {path: str(folder / name) for path, name in CANARY.files.items()}
    return PlantedHost(behind, files, source=LocalHost())


@pytest.mark.parametrize(
    "behind",
    [
        recorded_host(), recorded_host(**GOOD), recorded_host(complete=False),
        recorded_host(files={"/etc/lightdm/lightdm.conf": Why.NOT_PERMITTED, "/etc/gdm3/custom.conf": "garbled"}),
    ],
    ids=["empty", "good", "incomplete", "unreadable"],
)  # fmt: skip
def test_the_canary_is_found_on_any_machine(behind: RecordedHost) -> None:
    seen = judged(planted(behind))
    assert seen.finding.status is Status.FAIL
    assert CANARY.reason in seen.finding.measures["reasons"]
