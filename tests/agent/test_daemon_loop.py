"""The loop under a clock that tests turn by hand."""

import contextlib
import logging
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from daemon_fakes import SPRING, Rig

from agent.daemon import Reason, Schedule, Scope, last_audit
from agent.daemon.loop import DELIVERY_AT_LEAST_S, LONGEST_SLEEP_S, RETRY_S
from agent.notify import Notifier

SYDNEY = ZoneInfo("Australia/Sydney")


def test_it_audits_at_the_practices_time_every_day(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY).run_for(days=3)
    assert rig.reasons == ["schedule"] * 3
    assert rig.moments == ["22 07:00", "23 07:00", "24 07:00"]


def test_it_sleeps_and_does_not_tick(tmp_path: Path) -> None:
    rig = Rig(tmp_path).run_for(hours=1)
    assert len(rig.clock.waits) <= 3600 / LONGEST_SLEEP_S + 1


def test_the_start_audits_once_and_sends_what_waits(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.loop.begin()
    rig.run_for(minutes=10)
    assert rig.reasons == ["start"]
    assert rig.deliveries == [SPRING]


def test_audits_missed_while_off_are_made_up_for_once_by_the_start(tmp_path: Path) -> None:
    rig = Rig(tmp_path, since=SPRING - timedelta(days=5))
    rig.loop.begin()
    rig.run_for(minutes=10)
    assert rig.reasons == ["start"]


def test_a_start_that_is_taken_up_at_once_makes_up_for_them_too(tmp_path: Path) -> None:
    rig = Rig(tmp_path, since=SPRING - timedelta(days=5))
    rig.loop.begin()
    work = rig.backlog.take()
    assert work is not None
    rig.worker.do(work)
    assert rig.run_for(minutes=10).reasons == ["start"]


def test_an_audit_missed_in_sleep_is_made_up_for_once(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY).run_for(minutes=1)
    rig.clock.set(timedelta(days=2))
    rig.run_for(hours=1)
    assert rig.reasons == ["schedule"]
    assert rig.audits[0][0] - SPRING <= timedelta(days=2, minutes=1, seconds=LONGEST_SLEEP_S)


def test_a_clock_set_back_by_days_does_not_silence_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY).run_for(days=1)
    rig.clock.set(timedelta(days=-30))
    rig.run_for(days=2)
    assert rig.moments == ["22 07:00", "23 12:00", "24 07:00", "25 07:00"]


@pytest.mark.parametrize(
    ("night", "expected"),
    [("2026-10-03T12:00+10:00", ["04 03:30", "05 02:30"]), ("2026-04-04T12:00+11:00", ["05 02:30", "06 02:30"])],
)
def test_daylight_saving_costs_no_audit_and_adds_none(tmp_path: Path, night: str, expected: list[str]) -> None:
    rig = Rig(tmp_path, at=datetime.fromisoformat(night), zone=SYDNEY, schedule=Schedule(times=("02:30",), jitter_s=0))
    assert rig.run_for(days=2).moments == expected


def test_jitter_delays_each_audit(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY, schedule=Schedule(times=("07:00",), jitter_s=600), random=0.5)
    assert rig.run_for(days=2).moments == ["22 07:05", "23 07:05"]


def test_a_changed_folder_brings_its_checks_once_it_is_quiet(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for _ in range(10):
        rig.loop.happened(Reason.FOLDER)
        rig.run_for(seconds=1)
    assert rig.audits == []
    rig.run_for(seconds=20)
    [(_, trigger)] = rig.audits
    assert (trigger.scope, trigger.checks) == (Scope.LAPTOP, ("clinical_images",))


def test_a_plugged_phone_brings_an_audit_of_phones(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    for _ in range(3):
        rig.loop.happened(Reason.PHONE)
    rig.run_for(seconds=30)
    assert [trigger.scope for _, trigger in rig.audits] == [Scope.PHONES]


def test_a_phone_is_audited_while_the_person_still_stands_there(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.loop.happened(Reason.PHONE)
    rig.run_for(seconds=3)
    assert [(at - SPRING).total_seconds() <= 3 for at, _ in rig.audits] == [True]


def test_a_partial_audit_covers_no_daily_time(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY, at=SPRING + timedelta(hours=18, minutes=59, seconds=50))
    rig.loop.happened(Reason.PHONE)
    assert rig.run_for(minutes=2).reasons == ["phone", "schedule"]


def test_a_reload_takes_up_new_times_and_audits(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY)
    rig.schedule = Schedule(times=("15:00",), jitter_s=0)
    rig.loop.reload()
    rig.run_for(hours=4)
    assert rig.reasons == ["policy", "schedule"]
    assert rig.moments[1] == "21 15:00"


def test_a_new_policy_file_takes_up_new_times(tmp_path: Path) -> None:
    rig = Rig(tmp_path, zone=SYDNEY)
    rig.schedule = Schedule(times=("15:00",), jitter_s=0)
    rig.loop.happened(Reason.POLICY)
    assert rig.run_for(hours=4).moments == ["21 12:00", "21 15:00"]


def test_an_audit_that_raises_is_tried_again_and_ends_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path)
    rig.faults = [OSError(2, "gone", "/home/clin/wound.jpg")]
    rig.loop.begin()
    rig.run_for(seconds=RETRY_S + 60)
    assert rig.reasons == ["start", "start"]
    assert "FileNotFoundError(ENOENT) at" in caplog.text
    assert "wound" not in caplog.text


def test_three_failures_in_a_row_are_said_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path)
    rig.faults = [ValueError("x") for _ in range(5)]
    rig.loop.begin()
    rig.run_for(seconds=5 * RETRY_S + 60)
    assert caplog.text.count("3 audits in a row have failed") == 1
    assert len(rig.audits) == 6


def test_a_full_audit_that_succeeded_is_kept_over_restarts(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.loop.begin()
    rig.step()
    assert last_audit.read(str(tmp_path / "state"), now=rig.clock.now()) == SPRING


@pytest.mark.parametrize("case", ["failed", "stopped", "partial"])
def test_an_audit_that_did_not_look_at_everything_is_not_kept(tmp_path: Path, case: str) -> None:
    rig = Rig(tmp_path)
    if case == "failed":
        rig.faults = [ValueError("x")]
    if case == "stopped":
        rig.stop.set()
    rig.loop.happened(Reason.PHONE if case == "partial" else Reason.POLICY)
    rig.run_for(minutes=1)
    assert len(rig.audits) == 1
    assert last_audit.read(str(tmp_path / "state"), now=rig.clock.now()) is None


def test_a_stopped_worker_sends_nothing_more(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.stop.set()
    rig.loop.begin()
    rig.step()
    assert rig.deliveries == []


def test_a_delivery_comes_when_the_outbox_asked_for_it(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.next_delivery = lambda: SPRING + timedelta(minutes=20) if len(rig.deliveries) < 2 else None
    rig.loop.begin()
    rig.run_for(hours=3)
    assert rig.deliveries == [SPRING, SPRING + timedelta(minutes=20)]


def test_an_outbox_that_always_wants_now_is_held_back(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.next_delivery = rig.clock.now
    rig.loop.begin()
    rig.run_for(minutes=10)
    assert 10 <= len(rig.deliveries) <= 600 / DELIVERY_AT_LEAST_S + 1


def test_a_clock_set_back_does_not_hold_up_a_delivery(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.next_delivery = lambda: SPRING + timedelta(minutes=20)
    rig.loop.begin()
    rig.step()
    rig.clock.set(timedelta(minutes=-9))
    rig.run_for(minutes=20, seconds=10)
    assert rig.reasons == ["start"]
    assert rig.deliveries == [SPRING, SPRING + timedelta(minutes=11)]


def test_a_delivery_that_came_due_in_sleep_is_made_up_for(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.next_delivery = lambda: SPRING + timedelta(hours=2) if len(rig.deliveries) < 2 else None
    rig.loop.begin()
    rig.run_for(minutes=1)
    rig.clock.set(timedelta(hours=3))
    rig.run_for(seconds=LONGEST_SLEEP_S)
    assert len(rig.deliveries) == 2


def test_a_jump_of_the_clock_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(tmp_path).run_for(minutes=10)
    assert "clock was set" not in caplog.text
    caplog.set_level(logging.INFO)
    rig.clock.set(timedelta(hours=-2))
    rig.step()
    assert "-7200 s" in caplog.text


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.setblocking(False)
        yield listener


def heard(manager: socket.socket) -> list[str]:
    lines = []
    with contextlib.suppress(BlockingIOError):
        while True:
            lines.append(manager.recv(4096).decode())
    return lines


def notified(tmp_path: Path, manager: socket.socket, **parts: Any) -> Rig:
    return Rig(tmp_path, notifier=Notifier(address=manager.getsockname(), ping_every_s=90.0), **parts)


def heard_over(rig: Rig, manager: socket.socket, minutes: int) -> list[str]:
    """What the manager hears in this time. It listens each minute: a socket holds ten messages only."""
    lines = []
    for _ in range(minutes):
        rig.run_for(minutes=1)
        lines += heard(manager)
    return lines


def test_the_watchdog_is_fed_while_there_is_nothing_to_do(tmp_path: Path, manager: socket.socket) -> None:
    rig = notified(tmp_path, manager)
    assert heard_over(rig, manager, 15).count("WATCHDOG=1") == 10


def test_an_audit_without_a_sign_of_life_starves_the_watchdog(tmp_path: Path, manager: socket.socket) -> None:
    rig = notified(tmp_path, manager)
    rig.progress.mark()
    assert heard_over(rig, manager, 15).count("WATCHDOG=1") == 10
    lines = heard_over(rig, manager, 30)
    assert lines.count("WATCHDOG=1") <= 1
    assert "STATUS=The running audit shows no sign of life. Next audit Sat 07:00." in lines
    rig.progress.mark()
    assert "WATCHDOG=1" in heard_over(rig, manager, 2)


def test_a_dead_worker_starves_the_watchdog(tmp_path: Path, manager: socket.socket) -> None:
    rig = notified(tmp_path, manager)
    rig.worker.alive = False  # type: ignore[misc]
    assert "WATCHDOG=1" not in heard_over(rig, manager, 15)


def test_the_status_names_the_next_audit_and_no_person(tmp_path: Path, manager: socket.socket) -> None:
    rig = notified(tmp_path, manager, zone=SYDNEY)
    rig.faults = [ValueError("/home/jane") for _ in range(3)]
    rig.loop.begin()
    assert [line for line in heard_over(rig, manager, 60) if line.startswith("STATUS")] == [
        "STATUS=Running. Next audit Sun 07:00.",
        "STATUS=The last 3 audits failed; the log says where. Next audit Sun 07:00.",
        "STATUS=Running. Next audit Sun 07:00.",
    ]
