"""GNOME, Cinnamon and MATE: what their settings make of the lock."""

from collections.abc import Mapping
from typing import Any

import pytest
from fakes import recorded_host

from agent.collect.host import CollectError, Output
from agent.collect.linux import screen_lock_cinnamon, screen_lock_gnome, screen_lock_mate
from agent.collect.recorded import RecordedHost
from checks.evidence import Why

MODULE = {"/usr/lib64/gio/modules/libdconfsettings.so": ""}
GNOME = {
    "org.gnome.desktop.screensaver": {"lock-enabled": "true", "lock-delay": "uint32 0"},
    "org.gnome.desktop.session": {"idle-delay": "uint32 300"},
    "org.gnome.desktop.lockdown": {"disable-lock-screen": "false"},
}
CINNAMON = {
    "org.cinnamon.desktop.screensaver": {
        "lock-enabled": "true", "lock-delay": "uint32 0", "idle-activation-enabled": "true",
        "custom-screensaver-command": "''",
    },
    "org.cinnamon.desktop.session": {"idle-delay": "uint32 900"},
    "org.cinnamon.desktop.lockdown": {"disable-lock-screen": "false"},
    "org.cinnamon.settings-daemon.plugins.power": {"lock-on-suspend": "true"},
}  # fmt: skip
MATE = {
    "org.mate.screensaver": {"lock-enabled": "true", "lock-delay": "0", "idle-activation-enabled": "true"},
    "org.mate.session": {"idle-delay": "5"},
    "org.mate.lockdown": {"disable-lock-screen": "false"},
    "org.mate.power-manager": {"lock-use-screensaver": "true", "lock-suspend": "true", "lock-hibernate": "true"},
}
LOCKER = [{"name": "mate-screensave"}]
Schemas = Mapping[str, Mapping[str, str]]


GDM = [{"name": "gdm3", "own": False}]


def host(schemas: Schemas, changes: Mapping[str, str | Why], processes: Any = GDM) -> RecordedHost:
    """`changes` maps "last.part key" of a schema to another value, or a whole schema to a reason."""
    commands: dict[str, str | Why | Output] = {}
    for schema, keys in schemas.items():
        short = schema.rsplit(".", 1)[-1]
        values = {key: changes.get(f"{short} {key}", value) for key, value in keys.items()}
        extra = {name.split()[1]: value for name, value in changes.items() if name.startswith(f"{short} ")}
        text = "".join(f"{schema} {key} {value}\n" for key, value in {**values, **extra}.items())
        whole = changes.get(short)
        commands[f"gsettings list-recursively {schema}"] = whole if isinstance(whole, Why) else text
    return recorded_host(commands=commands, files=MODULE, processes=processes)


@pytest.mark.parametrize(
    ("changes", "locks", "idle_s", "on_resume"),
    [
        ({}, True, 300, True),
        ({"screensaver lock-enabled": "false"}, False, 300, False),
        ({"lockdown disable-lock-screen": "true"}, False, 300, False),
        ({"session idle-delay": "uint32 0"}, True, 0, True),
        ({"session idle-delay": "uint32 0", "screensaver lock-delay": "uint32 60"}, True, 0, True),
        ({"session idle-delay": "uint32 1"}, True, 1, True),
        ({"session idle-delay": "uint32 240", "screensaver lock-delay": "uint32 30"}, True, 270, True),
        ({"screensaver ubuntu-lock-on-suspend": "false"}, True, 300, False),
        ({"screensaver ubuntu-lock-on-suspend": "true"}, True, 300, True),
        ({"screensaver idle-activation-enabled": "false"}, True, 300, True),
    ],
)  # fmt: skip
def test_gnome(changes: dict[str, str], locks: bool, idle_s: int, on_resume: bool) -> None:
    seen = screen_lock_gnome.lock(host(GNOME, changes))
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (locks, idle_s, 0, on_resume)


@pytest.mark.parametrize(
    ("running", "locks"),
    [([], None), (["gdm3"], True), (["gdm"], True), (["lightdm"], None), (["sddm"], None), (["gdm3", "lightdm"], True)],
)
def test_gnome_locks_only_where_gdm_signs_people_in(running: list[str], locks: bool | None) -> None:
    seen = screen_lock_gnome.lock(host(GNOME, {}, [{"name": name, "own": False} for name in running]))
    assert seen.locks is locks
    assert {gap.why for gap in seen.gaps} == (set() if locks else {Why.NOT_SAID})


def test_gnome_that_is_told_not_to_lock_does_not_under_any_sign_in() -> None:
    changes = {"screensaver lock-enabled": "false"}
    assert screen_lock_gnome.lock(host(GNOME, changes, [{"name": "lightdm", "own": False}])).locks is False


@pytest.mark.parametrize(
    ("changes", "locks", "idle_s", "on_resume"),
    [
        ({}, True, 900, True),
        ({"screensaver lock-enabled": "false"}, False, 900, True),
        ({"lockdown disable-lock-screen": "true"}, False, 900, False),
        ({"session idle-delay": "uint32 0", "screensaver lock-delay": "uint32 30"}, True, 0, True),
        ({"session idle-delay": "uint32 1"}, True, 1, True),
        ({"screensaver lock-delay": "uint32 30"}, True, 930, True),
        ({"power lock-on-suspend": "false"}, True, 900, False),
        ({"screensaver custom-screensaver-command": "'xlock'"}, None, None, None),
        ({"screensaver idle-activation-enabled": "false"}, None, None, None),
        ({"screensaver idle-activation-enabled": "false", "screensaver lock-enabled": "false"}, False, 900, True),
    ],
)  # fmt: skip
def test_cinnamon(changes: dict[str, str], locks: bool | None, idle_s: int | None, on_resume: bool | None) -> None:
    seen = screen_lock_cinnamon.lock(host(CINNAMON, changes))
    assert (seen.locks, seen.idle_s, seen.on_resume) == (locks, idle_s, on_resume)
    assert bool(seen.gaps) is (locks is None)


@pytest.mark.parametrize(
    ("changes", "locks", "idle_s", "on_resume"),
    [
        ({}, True, 300, True),
        ({"session idle-delay": "30"}, True, 1800, True),
        ({"screensaver lock-delay": "2"}, True, 420, True),
        ({"session idle-delay": "0", "screensaver lock-delay": "2"}, True, 0, True),
        ({"session idle-delay": "1"}, True, 60, True),
        ({"screensaver idle-activation-enabled": "false"}, True, 0, True),
        ({"screensaver lock-enabled": "false"}, False, 300, False),
        ({"lockdown disable-lock-screen": "true"}, False, 300, False),
        ({"power-manager lock-use-screensaver": "false"}, True, 300, True),
        ({"power-manager lock-use-screensaver": "false", "power-manager lock-suspend": "false"}, True, 300, False),
        ({"power-manager lock-use-screensaver": "false", "power-manager lock-hibernate": "false"}, True, 300, False),
        ({"power-manager lock-suspend": "false"}, True, 300, True),
    ],
)  # fmt: skip
def test_mate_counts_minutes(changes: dict[str, str], locks: bool, idle_s: int, on_resume: bool) -> None:
    seen = screen_lock_mate.lock(host(MATE, changes, LOCKER))
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume, seen.gaps) == (locks, idle_s, 0, on_resume, ())


def test_mate_without_its_power_manager_hides_sleep_only() -> None:
    seen = screen_lock_mate.lock(host(MATE, {"power-manager": Why.TIMED_OUT}, LOCKER))
    assert (seen.idle_s, seen.on_resume) == (300, None)
    assert [(gap.part, gap.why) for gap in seen.gaps] == [("resume", Why.TIMED_OUT)]


@pytest.mark.parametrize("processes", [[], [{"name": "mate-screensave", "own": False}]])
def test_mates_settings_mean_nothing_while_its_locker_does_not_run(processes: Any) -> None:
    assert screen_lock_mate.lock(host(MATE, {}, processes)).locks is None
    assert screen_lock_mate.lock(host(MATE, {"screensaver lock-enabled": "false"}, processes)).locks is False


@pytest.mark.parametrize(
    ("reader", "schemas", "schema"),
    [
        (screen_lock_gnome.lock, GNOME, "screensaver"), (screen_lock_gnome.lock, GNOME, "session"),
        (screen_lock_gnome.lock, GNOME, "lockdown"), (screen_lock_cinnamon.lock, CINNAMON, "power"),
        (screen_lock_cinnamon.lock, CINNAMON, "session"), (screen_lock_mate.lock, MATE, "session"),
    ],
)  # fmt: skip
def test_a_schema_that_does_not_answer_is_not_a_default(reader: Any, schemas: Schemas, schema: str) -> None:
    with pytest.raises(CollectError) as caught:
        reader(host(schemas, {schema: Why.TIMED_OUT}))
    assert caught.value.why is Why.TIMED_OUT
