"""Linux tells how old it is: every part by itself, against a clock that may be wrong."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import NOON, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Host, LocalHost
from agent.collect.layered import PlantedHost
from agent.collect.linux import updates, updates_automatic, updates_restart
from agent.collect.linux.updates_clock import days
from agent.collect.recorded import RecordedHost
from checks.evidence import Why
from checks.model import Status
from checks.updates.check import CHECK, Limits
from checks.updates.fact import Updates

DEBIAN = 'ID=debian\nVERSION_ID="12"\n'
ENTRY = "Start-Date: 2026-11-18  06:41:11\nCommandline: {}\nUpgrade: curl:amd64 (7.88-1, 7.88-2)\nEnd-Date: {}\n"
UPGRADED = ENTRY.format("apt full-upgrade", "2026-11-18  06:41:25")
SECURITY_LIST = "/var/lib/apt/lists/deb.example.org_debian-security_dists_bookworm-security_InRelease"
FLAGS = {"/usr/bin/unattended-upgrade": ""}
PERIODIC = 'APT::Periodic "";\nAPT::Periodic::Update-Package-Lists "{}";\nAPT::Periodic::Unattended-Upgrade "{}";\n'
CANARIES = Path(updates.__file__).parent / "canary" / "updates"


def debian(files: Mapping[str, Any] | None = None, *, listed: datetime = NOON, **more: Any) -> RecordedHost:
    """A Debian 12 that was upgraded three days ago and runs its newest kernel."""
    values: dict[str, Any] = {
        "commands": {updates_automatic.PERIODIC.argv: PERIODIC.format(1, 1)},
        "folders": {"/lib/modules": ["6.1.0-37-amd64"]},
        "modified": {SECURITY_LIST: listed},
    }
    own = {
        "/etc/os-release": DEBIAN, "/var/log/apt/history.log": UPGRADED, SECURITY_LIST: "", **FLAGS,
        updates_restart.RUNNING: "6.1.0-37-amd64\n",
    }  # fmt: skip
    for key, value in more.items():
        values[key] = {**values.get(key, {}), **value}
    return recorded_host(files={**own, **(files or {})}, **values)


def why(call: Callable[[], object]) -> Why:
    with pytest.raises(CollectError) as caught:
        call()
    return caught.value.why


def gaps(seen: Updates) -> dict[str, Why]:
    return {gap.part: gap.why for gap in seen.gaps}


@pytest.mark.parametrize(
    ("ahead", "wanted"), [(timedelta(hours=14), 0), (timedelta(days=1), 0), (timedelta(days=-1), 1), (timedelta(0), 0)]
)
def test_a_time_zone_is_no_wrong_clock(ahead: timedelta, wanted: int) -> None:
    assert days(NOON, NOON + ahead) == wanted


def test_a_date_in_the_future_is_not_fresh() -> None:
    assert why(lambda: days(NOON, NOON + timedelta(days=1, seconds=1))) is Why.NOT_SAID
    host = debian({"/var/log/apt/history.log": UPGRADED.replace("2026", "2027")})
    assert gaps(updates.probe(host))["last_update"] is Why.NOT_SAID


class SlowClock(RecordedHost):
    """A host whose clock stands before the day on which our dates were looked up."""

    def now(self) -> datetime:
        return datetime(2024, 1, 1, tzinfo=UTC)


def test_a_clock_that_was_set_back_makes_nothing_young() -> None:
    behind = debian({updates_restart.MARK: ""})
    host = SlowClock(behind._index, {})
    seen = updates.probe(host)
    assert (seen.supported, seen.last_update_days, seen.restart_days) == (None, None, None)
    assert CHECK.judge(seen, Limits()).status is Status.UNKNOWN


@pytest.mark.parametrize(
    ("running", "installed", "wanted"),
    [
        ("6.1.0-37-amd64", ("6.1.0-37-amd64",), None),
        ("6.1.0-37-amd64", ("6.1.0-9-amd64", "6.1.0-37-amd64"), None),
        ("6.1.0-9-amd64", ("6.1.0-9-amd64", "6.1.0-37-amd64"), "6.1.0-37-amd64"),
        ("6.1.0-37-amd64", ("6.1.0-37-amd64", "6.1.0-38-rt-amd64"), None),
        ("6.12.41+deb13-amd64", ("6.12.41+deb13-amd64", "6.12.41+deb13+1-amd64"), "6.12.41+deb13+1-amd64"),
        ("6.8.9-300.fc40.x86_64", ("6.8.9-300.fc40.x86_64", "6.9.4-200.fc40.x86_64"), "6.9.4-200.fc40.x86_64"),
        ("6.1.0-37-amd64", ("6.1.0-37-amd64", "6.12.41+deb13-amd64"), "6.12.41+deb13-amd64"),
        ("5.10.0-9-amd64", ("5.10.0-9-amd64", "6.1.0-0.deb11.13-amd64"), "6.1.0-0.deb11.13-amd64"),
        ("6.17.8-arch1-1", ("6.17.9-arch1-1",), "6.17.9-arch1-1"),
        ("6.6.1-custom", ("6.1.0-37-amd64",), "6.1.0-37-amd64"),
    ],
)
def test_a_newer_kernel_waits_for_a_restart(running: str, installed: tuple[str, ...], wanted: str | None) -> None:
    assert updates_restart.waiting(running, installed) == wanted


def test_the_mark_of_the_distribution_is_enough() -> None:
    host = debian({updates_restart.MARK: ""}, modified={updates_restart.MARK: NOON - timedelta(days=4)})
    seen = updates.probe(host)
    assert (seen.restart_pending, seen.restart_days) == (True, 4)


def test_a_kernel_waits_since_its_folder_was_made() -> None:
    host = debian(folders={"/lib/modules": ["6.1.0-37-amd64", "6.1.0-38-amd64"]})
    assert gaps(updates.probe(host)) == {"restart": Why.NOT_FOUND}  # the folder's date is not recorded
    host = debian(folders={"/lib/modules": ["6.1.0-37-amd64"], "/lib/modules/6.1.0-38-amd64": []})
    assert (updates.probe(host).restart_pending, updates.probe(host).restart_days) == (True, 0)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"folders": {"/lib/modules": Why.NOT_FOUND}}, Why.NOT_FOUND),
        ({"folders": {"/lib/modules": []}}, Why.NOT_SAID),
        ({"files": {updates_restart.RUNNING: Why.NOT_PERMITTED}}, Why.NOT_PERMITTED),
        ({"files": {updates_restart.MARK: Why.NOT_PERMITTED}}, Why.NOT_PERMITTED),
        ({"files": {updates_restart.RUNNING: ""}}, Why.UNPARSABLE),
        ({"files": {updates_restart.RUNNING: "a kernel\n"}}, Why.UNPARSABLE),
        ({"files": {updates_restart.RUNNING: "6." + "1" * 1_000_000}}, Why.UNPARSABLE),
    ],
)
def test_a_restart_that_cannot_be_seen_is_a_gap(changes: dict[str, Any], reason: Why) -> None:
    seen = updates.probe(debian(**changes))
    assert (seen.restart_pending, gaps(seen)) == (None, {"restart": reason})


def test_a_mark_from_the_future_has_no_age() -> None:
    host = debian({updates_restart.MARK: ""}, modified={updates_restart.MARK: NOON + timedelta(days=9)})
    seen = updates.probe(host)
    assert (seen.restart_pending, seen.restart_days, gaps(seen)) == (True, None, {"restart": Why.NOT_SAID})


names = st.lists(st.text(min_size=1) | st.sampled_from(["6.1.0-37-amd64", "amd64", "6"]), min_size=1).map(tuple)


@given(running=st.text(), installed=names)
def test_any_names_of_kernels_are_an_answer(running: str, installed: tuple[str, ...]) -> None:
    assert updates_restart.waiting(running, installed) in (None, *installed)


def test_a_machine_that_says_nothing_is_unknown_in_every_part() -> None:
    seen = updates.probe(recorded_host())
    assert set(gaps(seen)) == {"support", "last_update", "automatic", "restart"}
    assert CHECK.judge(seen, Limits()).status is Status.UNKNOWN


def test_a_good_machine_passes() -> None:
    assert CHECK.judge(updates.probe(debian()), Limits(automatic=True)).status is Status.PASS


@pytest.mark.parametrize("behind", [recorded_host(), debian(), recorded_host(complete=False)])
def test_the_canary_is_found_on_any_machine(behind: Host) -> None:
    planted = {path: str(CANARIES / name) for path, name in updates.CANARY.files.items()}
    verdict = CHECK.judge(updates.probe(PlantedHost(behind, planted, source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
    assert updates.CANARY.reason in [str(point.reason) for point in verdict.points]


def test_this_machine_answers() -> None:
    seen = updates.probe(LocalHost())
    assert seen.supported is not None
    assert not {"support", "automatic"} & set(gaps(seen))
