"""What starts by itself on Linux: desktop entries, units, timers, crontabs, scripts, and the command lines in them."""

from typing import Any

import pytest
from fakes import HOME, recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import Host, Output
from agent.collect.linux.cloud_backup_commands import calls, expand, flags, of_process
from agent.collect.linux.cloud_backup_schedules import cron_commands, entry_command, scheduled, unit_commands
from checks.cloud_backup.fact import Product
from checks.evidence import Gap, Why

AUTOSTART = f"{HOME}/.config/autostart"
UNITS = f"{HOME}/.config/systemd/user"


def found(host: Host) -> tuple[list[tuple[str, tuple[str, ...]]], list[Why]]:
    gaps: list[Gap] = []
    seen = [(call.name, call.argv) for call in scheduled(host, gaps)]
    assert {gap.part for gap in gaps} <= {"schedules"}
    return seen, [gap.why for gap in gaps]


def names(files: dict[str, str | Why], **more: Any) -> list[str]:
    seen, gaps = found(recorded_host(files=files, **more))
    assert gaps == []
    return [name for name, _ in seen]


def entry(command: str, *more: str) -> str:
    return "\n".join(["[Desktop Entry]", "Type=Application", f"Exec={command}", *more, ""])


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("/usr/bin/nextcloud --background", [("nextcloud", ("--background",))]),
        ("env X=1 nice -n 10 /opt/Nextcloud", [("nextcloud", ())]),
        ("flatpak run --branch=stable com.dropbox.Client", [("com.dropbox.client", ())]),
        ("sh -c 'sleep 5; rclone copy $HOME/a b: && echo done'", [("rclone", ("copy", f"{HOME}/a", "b:"))]),
        ("rclone copy a b:>/dev/null 2>&1", [("rclone", ("copy", "a", "b:"))]),
        ("rclone sync a b: | restic forget", [("rclone", ("sync", "a", "b:")), ("restic", ("forget",))]),
        ("rclone copy 'a b' c:", [("rclone", ("copy", "a b", "c:"))]),
        ("rclone copy ~/a unclosed'quote", [("rclone", ("copy", f"{HOME}/a", "unclosed'quote"))]),
        ("/usr/bin/true", []), ("", []), ("nextclouds", []),
    ],
)  # fmt: skip
def test_known_programs_are_found_in_a_line(line: str, wanted: list[Any]) -> None:
    assert [(call.name, call.argv) for call in calls(line, HOME)] == wanted


@pytest.mark.parametrize(("word", "path"), [
    ("~", HOME), ("~/x", f"{HOME}/x"), ("$HOME/x", f"{HOME}/x"), ("${HOME}/x", f"{HOME}/x"), ("%h/x", f"{HOME}/x"),
    ("~other/x", "~other/x"), ("/x", "/x"), ("$HOMEX/x", "$HOMEX/x"),
])  # fmt: skip
def test_only_the_persons_home_is_filled_in(word: str, path: str) -> None:
    assert expand(word, HOME) == path


def test_flags_are_read_in_both_forms() -> None:
    assert list(flags(("sync", "--a=b", "--c", "d", "-e"))) == [("--a", "b"), ("--c", "d"), ("-e", "")]
    assert list(flags(())) == []


@pytest.mark.parametrize(
    ("name", "argv", "product"),
    [
        ("rclone", (), Product.RCLONE), ("dropbox", ("/home/x/.dropbox-dist/dropbox",), Product.DROPBOX),
        ("mainthread", ("/opt/maestral",), Product.DROPBOX),
        ("duplicati-main", ("/usr/bin/mono", "Duplicati.Server.exe"), Product.DUPLICATI),
        ("bash", ("/bin/bash", "/usr/bin/vorta"), None),
        ("cloud-drive-dae", ("/opt/x/cloud-drive-daemon",), Product.SYNOLOGY_DRIVE),
        ("vorta", ("/usr/bin/python3", "/usr/bin/vorta"), Product.VORTA),
        ("mono", ("mono", "/usr/lib/duplicati/Duplicati.Server.exe"), Product.DUPLICATI),
        ("python3", ("/usr/bin/python3", "/usr/bin/other"), None), ("bash", (), None), ("python3", (), None),
    ],
)  # fmt: skip
def test_processes_are_named_by_program_or_by_what_an_interpreter_runs(
    name: str, argv: tuple[str, ...], product: Product | None
) -> None:
    call = of_process(name, argv)
    assert (call.product if call is not None else None) is product


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (entry("nextcloud"), "nextcloud"), (entry("nextcloud", "Hidden=true"), None),
        (entry("nextcloud", "X-GNOME-Autostart-enabled=false"), None), (entry("x", "Hidden=false"), "x"),
        ("[Desktop Action new]\nExec=nextcloud\n", None), ("", None), ("\0garbage", None),
        (entry("x") + "[Desktop Action y]\nExec=z\n", "x"),
    ],
)  # fmt: skip
def test_desktop_entries_that_are_switched_off_start_nothing(text: str, command: str | None) -> None:
    assert entry_command(text) == command


def test_an_entry_of_the_person_replaces_the_systems() -> None:
    system = {"/etc/xdg/autostart/a.desktop": entry("nextcloud")}
    assert names(system) == ["nextcloud"]
    assert names({**system, f"{AUTOSTART}/a.desktop": entry("nextcloud", "Hidden=true")}) == []
    assert names({**system, f"{AUTOSTART}/b.desktop": entry("nextcloud", "Hidden=true")}) == ["nextcloud"]


def test_only_desktop_files_are_entries() -> None:
    assert names({f"{AUTOSTART}/nextcloud.desktop.bak": entry("nextcloud")}) == []


def unit(command: str) -> str:
    return f"[Unit]\nDescription=x\n[Service]\nExecStart={command}\n"


def test_enabled_units_count_and_others_do_not() -> None:
    files: dict[str, str | Why] = {
        f"{UNITS}/a.service": unit("rclone copy /a b:"),
        f"{UNITS}/b.service": unit("dropbox"),
    }
    assert names(files) == []
    assert names(files, folders={f"{UNITS}/default.target.wants": ["a.service"]}) == ["rclone"]


def test_the_vendors_unit_counts_when_an_administrator_enabled_it() -> None:
    files: dict[str, str | Why] = {"/usr/lib/systemd/user/onedrive.service": unit("onedrive --monitor")}
    assert names(files, folders={"/etc/systemd/user/default.target.wants": ["onedrive.service"]}) == ["onedrive"]


def test_a_masked_unit_does_not_start() -> None:
    files: dict[str, str | Why] = {"/usr/lib/systemd/user/onedrive.service": unit("onedrive --monitor")}
    wants = {"/etc/systemd/user/default.target.wants": ["onedrive.service"]}
    assert names(files, folders=wants, links={f"{UNITS}/onedrive.service": "/dev/null"}) == []


@pytest.mark.parametrize(("timer", "service"), [("[Timer]\n", "a.service"), ("[Timer]\nUnit=b.service\n", "b.service")])
def test_a_timer_starts_its_unit(timer: str, service: str) -> None:
    files: dict[str, str | Why] = {f"{UNITS}/a.timer": timer, f"{UNITS}/{service}": unit("rclone copy /a b:")}
    assert names(files, folders={f"{UNITS}/timers.target.wants": ["a.timer"]}) == ["rclone"]


def test_an_instance_fills_its_template() -> None:
    files: dict[str, str | Why] = {"/usr/lib/systemd/user/rclone@.service": unit("rclone mount %i: %h/%i")}
    host = recorded_host(files=files, folders={f"{UNITS}/default.target.wants": ["rclone@box.service"]})
    assert found(host) == ([("rclone", ("mount", "box:", f"{HOME}/box"))], [])


def test_system_units_count_too() -> None:
    files: dict[str, str | Why] = {"/usr/lib/systemd/system/syncthing@.service": unit("/usr/bin/syncthing serve")}
    wants = {"/etc/systemd/system/multi-user.target.wants": ["syncthing@clin.service"]}
    assert names(files, folders=wants) == ["syncthing"]


def test_long_commands_go_on_over_lines() -> None:
    assert unit_commands("ExecStart=-/bin/a \\\n  b\nExecStartPre = c\nExecStart=\nExecStop=d\n") == (
        "/bin/a    b",
        "c",
    )


def test_crontabs_are_commands_without_comments_and_settings() -> None:
    assert cron_commands("# rclone\n\nMAILTO=x\n PATH = /bin\n0 * * * * a\n@reboot b\n") == ("0 * * * * a", "@reboot b")


def crontab(answer: str | Output | Why) -> tuple[list[str], list[Why]]:
    seen, gaps = found(recorded_host(commands={("crontab", "-l"): answer}))
    return [name for name, _ in seen], gaps


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        ("0 * * * * rclone copy /a b:\n", (["rclone"], [])),
        (Output(exit_code=1, stdout="", stderr="no crontab for clin\n"), ([], [])),
        (Output(exit_code=1, stdout="", stderr="You (clin) are not allowed here\n"), ([], [Why.TOOL_FAILED])),
        (Why.TOOL_MISSING, ([], [])), (Why.TIMED_OUT, ([], [Why.TIMED_OUT])), (Why.TOO_LARGE, ([], [Why.TOO_LARGE])),
    ],
)  # fmt: skip
def test_the_persons_crontab_is_asked_for(answer: str | Output | Why, wanted: Any) -> None:
    assert crontab(answer) == wanted


def test_jobs_of_the_system_count() -> None:
    assert names({"/etc/cron.d/backup": "0 1 * * * root restic backup /home\n"}) == ["restic"]
    assert names({"/etc/cron.daily/backup": "#!/bin/sh\nborg create ssh://h/r::x /home\n"}) == ["borg"]
    assert names({"/etc/crontab": "0 1 * * * root rclone copy /a b:\n"}) == ["rclone"]


def test_what_an_administrator_closed_is_out_of_sight_and_no_gap() -> None:
    files = {"/etc/cron.d/x": Why.NOT_PERMITTED, "/etc/crontab": Why.NOT_PERMITTED}
    assert found(recorded_host(files=files, folders={"/etc/cron.daily": Why.NOT_PERMITTED})) == ([], [])


@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.UNREADABLE, Why.TOO_LARGE])
def test_what_the_person_keeps_and_we_cannot_read_is_a_gap(why: Why) -> None:
    assert found(recorded_host(folders={AUTOSTART: why})) == ([], [why])
    assert found(recorded_host(files={f"{AUTOSTART}/a.desktop": why})) == ([], [why])
    enabled = {f"{UNITS}/default.target.wants": ["a.service"]}
    assert found(recorded_host(files={f"{UNITS}/a.service": why}, folders=enabled)) == ([], [why])


def test_one_unreadable_entry_leaves_the_others() -> None:
    files = {f"{AUTOSTART}/a.desktop": Why.UNREADABLE, f"{AUTOSTART}/b.desktop": entry("dropbox start")}
    assert found(recorded_host(files=files)) == ([("dropbox", ("start",))], [Why.UNREADABLE])


def test_a_flood_of_entries_is_a_gap() -> None:
    assert found(recorded_host(folders={AUTOSTART: [f"{n}.desktop" for n in range(1001)]})) == ([], [Why.TOO_LARGE])


def test_a_command_of_a_million_letters_is_a_gap_and_hides_no_other() -> None:
    files: dict[str, str | Why] = {
        f"{AUTOSTART}/a.desktop": entry("rclone " + "x" * 1_000_000), f"{AUTOSTART}/b.desktop": entry("dropbox"),
    }  # fmt: skip
    assert found(recorded_host(files=files)) == ([("dropbox", ())], [Why.UNPARSABLE])


def test_a_script_of_the_person_is_looked_into() -> None:
    script = f"{HOME}/bin/nightly"
    files: dict[str, str | Why] = {script: "#!/bin/bash\n# rclone sync never\nrclone copy ~/Pictures box:p\n"}
    commands = {("crontab", "-l"): "0 1 * * * ~/bin/nightly\n"}
    assert names(files, commands=commands) == ["rclone"]
    assert names({script: "rclone copy, said a text that is no script\n"}, commands=commands) == []


@given(st.text(max_size=200) | st.text(st.sampled_from("rclone '\"\\;|&()<>$~/ "), max_size=60))
def test_any_line_is_calls_and_never_a_fault(line: str) -> None:
    assert all(call.name for call in calls(line, HOME))
    assert all(isinstance(one, str) for one in (*unit_commands(line), *cron_commands(line)))
    assert entry_command(line) is None or isinstance(entry_command(line), str)
