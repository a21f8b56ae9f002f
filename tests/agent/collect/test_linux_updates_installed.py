"""Linux shows when everything was last updated; installing one program does not look like that."""

import contextlib
import gzip
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fakes import NOON, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Command, Host, LocalHost, Output
from agent.collect.linux import updates_apt, updates_installed
from agent.collect.linux.updates_clock import days
from agent.collect.recorded import RecordedHost
from checks.evidence import Why

ENTRY = "Start-Date: 2026-11-18  06:41:11\nCommandline: {}\nUpgrade: curl:amd64 (7.88-1, 7.88-2)\nEnd-Date: {}\n"
UPGRADED = ENTRY.format("apt full-upgrade", "2026-11-18  06:41:25")
SECURITY_LIST = "/var/lib/apt/lists/deb.example.org_debian-security_dists_bookworm-security_InRelease"


def debian(files: Mapping[str, Any] | None = None, *, listed: datetime = NOON, **more: Any) -> RecordedHost:
    """A Debian that was upgraded three days ago."""
    dated = {SECURITY_LIST: listed, **more.pop("modified", {})}
    own = {updates_apt.LOG: UPGRADED, SECURITY_LIST: ""}
    return recorded_host(files={**own, **(files or {})}, modified=dated, **more)


def age(host: Host) -> int:
    return days(host.now(), updates_apt.installed(host))


def why(call: Callable[[], object]) -> Why:
    with pytest.raises(CollectError) as caught:
        call()
    return caught.value.why


@pytest.mark.parametrize(
    "command",
    [
        "apt upgrade", "apt-get -qqy upgrade", "apt-get -o Dpkg::Options::=--force-confold dist-upgrade",
        "apt full-upgrade", "aptitude safe-upgrade", "/usr/bin/python3 /usr/bin/unattended-upgrade",
        "/usr/bin/unattended-upgrade",
        "packagekit role='update-packages'", "aptdaemon role='role-upgrade-system' sender=':1.90'",
        "aptdaemon role='role-commit-packages' sender=':1.90'", "/usr/sbin/synaptic --non-interactive", "nala upgrade",
    ],
)  # fmt: skip
def test_an_update_of_everything_counts(command: str) -> None:
    at = datetime(2026, 11, 18, 6, 41, 25, tzinfo=UTC)
    assert updates_apt.parse(ENTRY.format(command, "2026-11-18  06:41:25")) == at


@pytest.mark.parametrize(
    "entry",
    [
        ENTRY.format("apt install gimp", "2026-11-18  06:41:25"),
        ENTRY.format("apt-get --only-upgrade install curl", "2026-11-18  06:41:25"),
        ENTRY.format("apt install upgrade", "2026-11-18  06:41:25"),
        ENTRY.format("packagekit role='install-packages'", "2026-11-18  06:41:25"),
        ENTRY.format("something", "2026-11-18  06:41:25"),
        UPGRADED + "Error: Sub-process /usr/bin/dpkg returned an error code (1)\n",
        UPGRADED.replace("End-Date", "Ended"),
        UPGRADED.replace("Upgrade:", "Install:"),
        UPGRADED.replace("Commandline", "Asked"),
        ENTRY.format("synaptic", "2026-11-18  06:41:25") + "Install: gimp:amd64 (2.10), libx:amd64 (1, automatic)\n",
    ],
)
def test_anything_less_than_an_update_of_everything_does_not_count(entry: str) -> None:
    assert updates_apt.parse(entry) is None


def test_what_an_update_pulls_in_by_itself_is_no_installation() -> None:
    entry = ENTRY.format("synaptic", "2026-11-18  06:41:25") + "Install: linux-image-x:amd64 (6.1, automatic)\n"
    assert updates_apt.parse(entry) is not None


def test_the_newest_entry_counts_wherever_it_stands() -> None:
    older = UPGRADED.replace("2026-11-18", "2026-10-18")
    assert updates_apt.parse(f"\n{UPGRADED}\n{older}") == updates_apt.parse(UPGRADED)


@pytest.mark.parametrize("text", ["garbage", UPGRADED.replace("2026-11-18  06:41:25", "18. November 2026")])
def test_a_log_of_another_form_is_not_understood(text: str) -> None:
    assert why(lambda: updates_apt.parse(text)) is Why.UNPARSABLE


def test_an_update_of_three_days_ago_is_three_days_old() -> None:
    assert age(debian()) == 3


def test_a_package_database_that_changed_today_proves_nothing() -> None:
    host = debian({"/var/log/apt/history.log": "", "/var/lib/dpkg/status": ""})
    assert why(lambda: updates_apt.installed(host)) is Why.NOT_SAID


def test_the_daily_job_counts_without_an_entry_in_the_log() -> None:
    host = debian(
        {"/var/log/apt/history.log": Why.NOT_FOUND, updates_apt.STAMP: ""},
        modified={updates_apt.STAMP: NOON - timedelta(hours=5)},
    )
    assert age(host) == 0


def test_right_after_the_end_of_a_month_the_log_before_is_read() -> None:
    host = debian(
        {"/var/log/apt/history.log": "", updates_apt.ROTATED: ""}, commands={updates_apt.UNPACK.argv: UPGRADED}
    )
    assert age(host) == 3


def test_a_rotated_log_that_cannot_be_unpacked_is_a_gap() -> None:
    broken = Output(exit_code=1, stdout="", stderr="gzip: not in gzip format")
    host = debian({"/var/log/apt/history.log": "", updates_apt.ROTATED: ""}, commands={updates_apt.UNPACK.argv: broken})
    assert why(lambda: updates_apt.installed(host)) is Why.TOOL_FAILED


@pytest.mark.parametrize(("list_age", "days"), [(3, 3), (10, 3), (12, 5), (100, 93)])
def test_an_update_from_old_lists_is_as_old_as_the_lists(list_age: int, days: int) -> None:
    """A security archive may be quiet for a week; after that the list was no longer fetched."""
    assert age(debian(listed=NOON - timedelta(days=list_age))) == days


@pytest.mark.parametrize("name", ["x_dists_bookworm_InRelease", "x_dists_jammy-apps-security_InRelease"])
def test_without_a_security_archive_updates_prove_nothing(name: str) -> None:
    host = debian({SECURITY_LIST: Why.NOT_FOUND, f"/var/lib/apt/lists/{name}": ""})
    assert why(lambda: updates_apt.installed(host)) is Why.NOT_SAID


def test_lists_dated_at_the_end_of_time_do_no_harm() -> None:
    assert age(debian(listed=datetime(9999, 12, 31, tzinfo=UTC))) == 3


@pytest.mark.parametrize(("error", "reason"), [(Why.NOT_PERMITTED, Why.NOT_PERMITTED), (Why.TOO_LARGE, Why.TOO_LARGE)])
def test_a_log_that_cannot_be_read_is_a_gap(error: Why, reason: Why) -> None:
    assert why(lambda: updates_apt.installed(debian({"/var/log/apt/history.log": error}))) is reason


@pytest.mark.parametrize("path", [updates_apt.STAMP, SECURITY_LIST])
def test_a_date_that_cannot_be_read_is_no_answer(path: str) -> None:
    assert why(lambda: updates_apt.installed(debian({path: Why.NOT_PERMITTED}))) is Why.NOT_PERMITTED


@pytest.mark.parametrize(("entry_at", "list_age"), [("2026-11-23", 0), ("2026-11-23", 4), ("2027-02-01", 8)])
def test_an_entry_from_the_future_is_not_made_fresh_by_the_lists(entry_at: str, list_age: int) -> None:
    host = debian({updates_apt.LOG: UPGRADED.replace("2026-11-18", entry_at)}, listed=NOON - timedelta(days=list_age))
    assert why(lambda: updates_apt.installed(host)) is Why.NOT_SAID


def test_the_real_gzip_unpacks_a_rotated_log(tmp_path: Path) -> None:
    log = tmp_path / "history.log.1.gz"
    log.write_bytes(gzip.compress(UPGRADED.encode()))
    answer = LocalHost().run(Command(argv=(*updates_apt.UNPACK.argv[:-1], str(log))))
    assert updates_apt.parse(answer.stdout) is not None


def test_rpm_names_the_newest_base_package() -> None:
    text = "1763276460\npackage kernel-default is not installed\n1794812400\n"
    assert updates_installed.parse_rpm(text) == datetime.fromtimestamp(1794812400, UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", Why.NOT_SAID),
        ("package sudo is not installed\n", Why.NOT_SAID),
        ("Paket sudo ist nicht installiert\n", Why.UNPARSABLE),
        ("error: cannot open Packages database in /var/lib/rpm\n", Why.UNPARSABLE),
        ("17633\n", Why.UNPARSABLE),
        ("-1763276460\n", Why.UNPARSABLE),
    ],
)
def test_other_answers_of_rpm_are_no_date(text: str, reason: Why) -> None:
    assert why(lambda: updates_installed.parse_rpm(text)) is reason


PACMAN = (
    "[2026-11-19T19:58:01+0100] [PACMAN] Running 'pacman -Syu'\n"
    "[2026-11-19T19:58:01+0100] [PACMAN] synchronizing package lists\n"
    "[2026-11-19T19:58:04+0100] [PACMAN] starting full system upgrade\n"
    "[2026-11-19T20:00:01+0100] [ALPM] transaction started\n"
    "[2026-11-19T20:00:01+0100] [ALPM-SCRIPTLET] anything ==> [x]\n"
    "[2026-11-19T20:00:11+0100] [ALPM] transaction completed\n"
)


def test_pacman_logs_a_full_upgrade() -> None:
    wanted = datetime(2026, 11, 19, 19, 0, 11, tzinfo=UTC)
    later = PACMAN.replace("starting full system upgrade", "nothing").replace("11-19", "11-20")
    assert updates_installed.parse_pacman("1-1)\n" + PACMAN + later) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "", "garbage\n",
        PACMAN.replace("[PACMAN] synchronizing", "[PACMAN] not synchronizing"),
        PACMAN.replace("starting full", "starting a small"),
        PACMAN.replace("completed", "interrupted"),
        PACMAN.replace("[ALPM] transaction started", "[PACMAN] Running 'pacman -S gimp'"),
        PACMAN.replace("[PACMAN]", "[OTHER]"),
    ],
)  # fmt: skip
def test_anything_less_is_no_full_upgrade(text: str) -> None:
    assert why(lambda: updates_installed.parse_pacman(text)) is Why.NOT_SAID


def test_an_impossible_date_in_the_log_of_pacman_is_not_understood() -> None:
    text = PACMAN.replace("2026-11-19T20:00:11", "2026-13-99T20:00:11")
    assert why(lambda: updates_installed.parse_pacman(text)) is Why.UNPARSABLE


PARSERS: list[Callable[[str], object]] = [
    updates_apt.parse,
    updates_installed.parse_rpm,
    updates_installed.parse_pacman,
]
ODD = st.text() | st.lists(
    st.sampled_from(
        ["Start-Date: ", UPGRADED, PACMAN, "1763276460", "9" * 11, "[2026-11-19T19:58:01+9999] [PACMAN] x", "\n\n"]
    )
    | st.text()
).map("\n".join)


@pytest.mark.parametrize("parser", PARSERS)
@given(text=ODD)
def test_any_text_is_an_answer_or_a_collect_error(parser: Callable[[str], object], text: str) -> None:
    with contextlib.suppress(CollectError):
        parser(text)
