"""The real settings tools of each desktop write, our probe reads, through the real door and as any account."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from agent.collect.host import CollectError, Host, LocalHost, Process
from agent.collect.layered import PlantedHost
from agent.collect.linux import gsettings, screen_lock_kde, screen_lock_xfce, screen_lock_xfconf
from agent.collect.linux.screen_lock import probe
from checks.evidence import Why
from checks.screen_lock.fact import ScreenLock

GNOME_SAVER = "org.gnome.desktop.screensaver"
DEADLINE_S = 30.0
RUNS = {
    "GNOME": frozenset({"gdm3", "gnome-shell"}), "X-Cinnamon": frozenset({"cinnamon-session"}),
    "KDE": frozenset({"plasmashell"}),
}  # fmt: skip


class ClinHost(PlantedHost):
    """This machine as the account clin, whoever runs the tests; a session of the named desktop in place of its own."""

    def __init__(self, home: Path, **environ: str) -> None:
        passwd = home / "passwd"
        passwd.write_text(f"clin:x:1001:1001::{home}:/bin/bash\n")
        door = LocalHost(environ={"HOME": str(home), **environ})
        super().__init__(door, {"/etc/passwd": str(passwd)}, source=door)
        self._runs = RUNS.get(environ.get("XDG_CURRENT_DESKTOP", ""), frozenset())

    @property
    def account(self) -> str:
        return "clin"

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        return tuple(Process(name=name, argv=(), own=not name.startswith("gdm")) for name in names & self._runs)


def on_a_bus(home: Path, *argv: str) -> None:
    """Run a tool in a session of its own with a private home folder."""
    environ = {"HOME": str(home), "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    subprocess.run(["dbus-run-session", "--", *argv], env=environ, check=True, capture_output=True, timeout=60)


def seen_by(home: Path, desktop: str, **environ: str) -> ScreenLock:
    return probe(ClinHost(home, XDG_CURRENT_DESKTOP=desktop, **environ))


def wait_for(look: Callable[[], bool]) -> None:
    """Wait until something is so. xfconfd writes its files some seconds late."""
    deadline = time.monotonic() + DEADLINE_S
    while not look():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def why_of(host: Host) -> Why:
    with pytest.raises(CollectError) as caught:
        gsettings.settings(host, GNOME_SAVER)
    return caught.value.why


def test_gnomes_defaults_are_read(tmp_path: Path) -> None:
    seen = seen_by(tmp_path, "GNOME")
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (True, 300, 0, True)


def test_what_gsettings_writes_on_a_bus_is_read_without_one(tmp_path: Path) -> None:
    on_a_bus(tmp_path, "gsettings", "set", GNOME_SAVER, "lock-enabled", "false")
    on_a_bus(tmp_path, "gsettings", "set", "org.gnome.desktop.session", "idle-delay", "1234")
    seen = seen_by(tmp_path, "GNOME")
    assert (seen.locks, seen.idle_s) == (False, 1234)


def test_what_dconf_writes_is_read(tmp_path: Path) -> None:
    on_a_bus(tmp_path, "dconf", "write", "/org/gnome/desktop/lockdown/disable-lock-screen", "true")
    assert seen_by(tmp_path, "GNOME").locks is False


@pytest.mark.parametrize(
    "trap",
    [
        {"GSETTINGS_BACKEND": "memory"}, {"GSETTINGS_BACKEND": "keyfile"}, {"DCONF_PROFILE": "/nowhere"},
        {"GSETTINGS_SCHEMA_DIR": "/nowhere"}, {"SNAP": "/snap/scrubin/1"},
    ],
)  # fmt: skip
def test_a_trap_that_shows_defaults_is_refused(tmp_path: Path, trap: Mapping[str, str]) -> None:
    on_a_bus(tmp_path, "gsettings", "set", GNOME_SAVER, "lock-enabled", "false")
    seen = seen_by(tmp_path, "GNOME", **trap)
    assert seen.locks is None
    assert {gap.why for gap in seen.gaps if gap.part == "idle"} == {Why.UNTRUSTED_CONTEXT}


def test_the_memory_backend_is_a_trap_indeed(tmp_path: Path) -> None:
    on_a_bus(tmp_path, "gsettings", "set", GNOME_SAVER, "lock-enabled", "false")
    command = ("gsettings", "get", GNOME_SAVER, "lock-enabled")
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    trapped = subprocess.run(command, env={**environ, "GSETTINGS_BACKEND": "memory"}, capture_output=True, check=True)
    free = subprocess.run(command, env=environ, capture_output=True, check=True)
    assert (trapped.stdout, free.stdout) == (b"true\n", b"false\n")


def test_a_database_that_is_no_file_is_not_a_default(tmp_path: Path) -> None:
    (tmp_path / ".config/dconf/user").mkdir(parents=True)
    assert why_of(ClinHost(tmp_path)) is Why.UNTRUSTED_CONTEXT


def test_a_warning_of_the_real_dconf_is_heard(tmp_path: Path) -> None:
    """A file where dconf wants its cache folder makes it warn, print defaults and exit 0."""
    (tmp_path / ".cache").write_text("")
    (tmp_path / ".config/dconf").mkdir(parents=True)
    assert why_of(ClinHost(tmp_path)) is Why.UNTRUSTED_CONTEXT


def test_a_schema_that_is_not_installed_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(CollectError) as caught:
        gsettings.settings(ClinHost(tmp_path), "org.example.nothing")
    assert caught.value.why is Why.NOT_FOUND


def schema_folder(folder: Path, **schemas: str) -> str:
    """A data folder with schemas that only big packages bring; keys, types and defaults are those of Debian 12."""
    place = folder / "glib-2.0/schemas"
    place.mkdir(parents=True)
    listed = "".join(
        f'<schema id="{name}" path="/{name.replace(".", "/")}/">{keys}</schema>' for name, keys in schemas.items()
    )
    (place / "test.gschema.xml").write_text(f"<schemalist>{listed}</schemalist>")
    subprocess.run(["glib-compile-schemas", str(place)], check=True, capture_output=True)
    return f"{folder}:/usr/share"


def test_mate_counts_minutes(tmp_path: Path) -> None:
    key = '<key name="idle-delay" type="i"><default>5</default></key>'
    folders = schema_folder(tmp_path / "data", **{"org.mate.session": key})
    host = ClinHost(tmp_path, XDG_DATA_DIRS=folders)
    assert gsettings.number(gsettings.settings(host, "org.mate.session"), "idle-delay") == 5
    values = gsettings.settings(host, "org.mate.screensaver")
    assert (gsettings.flag(values, "lock-enabled"), gsettings.number(values, "lock-delay")) == (True, 0)
    assert gsettings.flag(gsettings.settings(host, "org.mate.power-manager"), "lock-use-screensaver") is True
    assert gsettings.flag(gsettings.settings(host, "org.mate.lockdown"), "disable-lock-screen") is False


def test_cinnamon_does_not_lock_after_sleep_until_told_to(tmp_path: Path) -> None:
    key = '<key name="lock-on-suspend" type="b"><default>false</default></key>'
    folders = schema_folder(tmp_path / "data", **{"org.cinnamon.settings-daemon.plugins.power": key})
    seen = seen_by(tmp_path, "X-Cinnamon", XDG_DATA_DIRS=folders)
    assert (seen.locks, seen.idle_s, seen.on_resume) == (True, 900, False)


def test_xfconfs_file_is_read(tmp_path: Path) -> None:
    settings = [("/lock/enabled", "bool", "false"), ("/saver/idle-activation/delay", "int", "30")]
    writes = [f"xfconf-query -c xfce4-screensaver -n -p {path} -t {kind} -s {value}" for path, kind, value in settings]
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "LC_ALL": "C"}
    session = subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", f"{' && '.join(writes)} && read held"], env=environ,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    host = ClinHost(tmp_path)
    with session:
        wait_for(lambda: len(screen_lock_xfconf.channel(host, "xfce4-screensaver")) == len(settings))
    seen = screen_lock_xfce.xfce4_screensaver(host)
    assert (seen.locks, seen.idle_s) == (False, 1800)


KDE_FILES = [
    ("", ""), ("[Daemon]\nAutolock=true\n", "[Daemon]\nAutolock=false\nTimeout=9\n"),
    ("[Daemon][$i]\nAutolock=true\n", "[Daemon]\nAutolock=false\nTimeout=9\n"),
    ("[Daemon]\nAutolock[$i]=true\n", "[Daemon]\nAutolock=false\nTimeout=9\n"),
    ("[$i]\n[Daemon]\nTimeout=7\n", "[Daemon]\nTimeout=9\n"), ("[Daemon]\nTimeout=7\n[$i]\n", "[Daemon]\nTimeout=9\n"),
    ("[Daemon]\nTimeout=7\n[Daemon][$i]\n", "[Daemon]\nTimeout=9\n"), ("[Other][$i]\na=1\n", "[Daemon]\nTimeout=9\n"),
    ("[Daemon]\nTimeout[$i]\nTimeout=7\n", "[Daemon]\nTimeout=9\n"), ("[Daemon][$i]\n", "[Daemon]\nTimeout=9\n"),
    ("[Daemon]\nTimeout=7\n", "[Daemon]\nTimeout[$d]\n"),
    ("", "[Daemon][Sub]\nTimeout=9\n"), ("", "[ Daemon ]\nTimeout=9\n"),
    ("", "[Daemon]\n Timeout = 9 \nTimeout=11\n# Timeout=12\n"), ("", "Timeout=4\n  [Daemon]\nautolock=false\n"),
    ("", "[$Version]\nx=y\n\n[Daemon]\nTimeout=60\nLockGrace=300\n\n[Greeter][Wallpaper][org.kde.image]\nTimeout=1\n"),
    ("[Daemon]\nAutolock[$i]=true\nAutolock=false\n", ""), ("[Daemon][$i]\nTimeout=7\nTimeout=8\n", ""),
    ("[Daemon]\nTimeout[$i]=7\n", "[Daemon]\nTimeout[$d]\n"), ("[Daemon]\nTimeout[$di]\n", "[Daemon]\nTimeout=9\n"),
    ("", "[Daemon]\n[]\nTimeout=9\n"), ("", "[Daemon]\n[[Other]\nTimeout=9\n"), ("", "[Daemon]\nAutolock=\n"),
    ("[Daemon]\nAutolock[$i]=true\nAutolock=false\n", "[Daemon]\nAutolock=true\n"), ("", "[Daemon]\r\nTimeout=4\r\n"),
]  # fmt: skip


def kde_reads(folder: Path, key: str, *, system: str, own: str) -> str:
    """What Plasma's own reader makes of a system's file and a person's."""
    for name, text in (("system", system), ("own", own)):
        (folder / name).mkdir(exist_ok=True)
        (folder / name / "kscreenlockerrc").write_bytes(text.encode())
    environ = {"XDG_CONFIG_HOME": str(folder / "own"), "XDG_CONFIG_DIRS": str(folder / "system")}
    command = ["kreadconfig5", "--file", "kscreenlockerrc", "--group", "Daemon", "--key", key]
    answer = subprocess.run(
        command, env={**environ, "HOME": str(folder), "PATH": os.defpath}, capture_output=True, check=True
    )
    return answer.stdout.decode().removesuffix("\n")


@pytest.mark.parametrize(("system", "own"), KDE_FILES, ids=range(len(KDE_FILES)))
def test_kdes_own_reader_agrees_with_ours(tmp_path: Path, system: str, own: str) -> None:
    ours = screen_lock_kde.cascade([system, own])
    for key in screen_lock_kde.DEFAULTS:
        assert ours.get(key, "") == kde_reads(tmp_path, key, system=system, own=own), key


@pytest.mark.parametrize(
    "own",
    [
        "[Daemon]x\nTimeout=9\n", "[Daemon]\n[Other\nTimeout=9\n", "[Daemon] [Sub]\nTimeout=9\n",
        "[Da\\x65mon]\nTimeout=9\n", "[Daemon]\nTimeou\\x74=9\n", "[Daemon]\n[$i\nTimeout=9\n",
    ],
)  # fmt: skip
def test_headings_and_keys_that_only_kde_understands_are_refused(tmp_path: Path, own: str) -> None:
    assert kde_reads(tmp_path, "Timeout", system="", own=own) == "9"
    with pytest.raises(CollectError):
        screen_lock_kde.cascade([own])


def test_what_kwriteconfig_writes_is_read(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": os.defpath}
    for key, value in (("Timeout", "3"), ("LockGrace", "60"), ("LockOnResume", "false")):
        command = ["kwriteconfig5", "--file", "kscreenlockerrc", "--group", "Daemon", "--key", key, value]
        subprocess.run(command, env=environ, check=True, capture_output=True)
    seen = seen_by(tmp_path, "KDE")
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (True, 180, 60, False)
