"""Xfce: which locker runs, and what its settings say."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError
from agent.collect.linux import screen_lock_xfconf, screen_lock_xscreensaver
from agent.collect.linux.screen_lock_xfce import lock, parse
from checks.evidence import Why

FOLDER = "xfce4/xfconf/xfce-perchannel-xml"
USER = f"/home/clin/.config/{FOLDER}/xfce4-screensaver.xml"
SYSTEM = f"/etc/xdg/{FOLDER}/xfce4-screensaver.xml"
OFF = (
    '<channel name="xfce4-screensaver"><property name="lock"><property name="enabled" value="{}"/></property></channel>'
)
SLEEP = "/xfce4-power-manager/lock-screen-suspend-hibernate"


def running(*names: str, files: Mapping[str, str | Why] | None = None, commands: Any = None) -> Any:
    rows: Sequence[Mapping[str, Any]] = [{"name": name} for name in ("xfce4-session", *names)]
    return recorded_host(processes=rows, files=files, commands=commands)


@pytest.mark.parametrize(
    ("saver", "locks", "idle_s", "on_resume"),
    [
        ({}, True, 300, True),
        ({"/lock/enabled": "false"}, False, 300, False),
        ({"/lock/saver-activation/enabled": "false"}, False, 300, True),
        ({"/saver/enabled": "false", "/lock/saver-activation/delay": "2"}, True, 0, True),
        ({"/saver/idle-activation/enabled": "false"}, True, 0, True),
        ({"/saver/idle-activation/delay": "30"}, True, 1800, True),
        ({"/saver/idle-activation/delay": "1", "/lock/saver-activation/delay": "2"}, True, 180, True),
        ({"/saver/idle-activation/delay": "0"}, True, 600, True),
        ({"/lock/saver-activation/delay": "-3"}, True, 300, True),
        ({"/lock/sleep-activation": "false"}, True, 300, False),
    ],
)  # fmt: skip
def test_xfce4_screensaver_counts_minutes(saver: dict[str, str], locks: bool, idle_s: int, on_resume: bool) -> None:
    seen = parse(saver, {})
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (locks, idle_s, 0, on_resume)


def test_the_power_manager_has_its_say_on_sleep() -> None:
    text = f'<channel><property name="{SLEEP[1:]}" value="false"/></channel>'
    files = {USER.replace("screensaver", "power-manager"): text}
    assert lock(running("xfce4-screensav", files=files)).on_resume is False
    assert parse({}, {SLEEP: "false"}).on_resume is False
    assert parse({}, {SLEEP: "true"}).on_resume is True


@pytest.mark.parametrize(("mode", "idle_s", "parts"), [("true", None, ["idle"]), ("false", 300, [])])
def test_presentation_mode_holds_the_locker_back(mode: str, idle_s: int | None, parts: list[str]) -> None:
    text = f'<channel><property name="xfce4-power-manager/presentation-mode" value="{mode}"/></channel>'
    seen = lock(running("xfce4-screensav", files={USER.replace("screensaver", "power-manager"): text}))
    assert (seen.locks, seen.idle_s, [gap.part for gap in seen.gaps]) == (True, idle_s, parts)
    files = {USER.replace("screensaver", "power-manager"): text, USER: OFF.format("false")}
    assert lock(running("xfce4-screensav", files=files)).idle_s == 300


@pytest.mark.parametrize(
    "saver", [{"/lock/enabled": "1"}, {"/saver/idle-activation/delay": "soon"}, {"/lock/enabled": ""}]
)
def test_another_value_is_not_guessed(saver: dict[str, str]) -> None:
    with pytest.raises(CollectError):
        parse(saver, {})


def test_the_person_wins_over_the_system() -> None:
    files = {SYSTEM: OFF.format("false"), USER: OFF.format("true")}
    assert lock(running("xfce4-screensav", files=files)).locks is True
    assert lock(running("xfce4-screensaver", files={SYSTEM: OFF.format("false")})).locks is False


@pytest.mark.parametrize("names", [("light-locker", "xscreensaver"), ("xfce4-screensav", "xss-lock"), ("i3lock",)])
def test_two_lockers_or_a_strange_one_are_not_read(names: tuple[str, ...]) -> None:
    seen = lock(running(*names))
    assert (seen.locks, seen.on_resume) == (None, None)
    assert {gap.why for gap in seen.gaps} == {Why.NOT_SAID}


def test_nothing_that_could_lock_is_a_lock_that_is_off() -> None:
    seen = lock(running())
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume, seen.gaps) == (False, 0, 0, False, ())


@pytest.mark.parametrize("path", ["/usr/bin/xfce4-screensaver", "/usr/local/bin/xautolock", "/usr/bin/light-locker"])
def test_an_installed_locker_that_does_not_run_leaves_us_in_doubt(path: str) -> None:
    assert lock(running(files={path: ""})).locks is None


def test_without_the_session_nothing_is_shown() -> None:
    assert lock(recorded_host()).locks is None
    other = recorded_host(processes=[{"name": "xfce4-session", "own": False}, {"name": "xscreensaver", "own": False}])
    assert lock(other).locks is None


@pytest.mark.parametrize(("after", "locks", "idle_s"), [("0", False, 0), ("5", None, None)])
def test_light_locker_counts_from_blanking_that_we_cannot_see(
    after: str, locks: bool | None, idle_s: int | None
) -> None:
    schema = "apps.light-locker"
    text = f"{schema} lock-after-screensaver uint32 {after}\n{schema} lock-on-suspend false\n"
    seen = lock(
        running(
            "light-locker",
            files={"/usr/lib/gio/modules/libdconfsettings.so": ""},
            commands={f"gsettings list-recursively {schema}": text},
        )
    )
    assert (seen.locks, seen.idle_s, seen.on_resume) == (locks, idle_s, False)
    assert [gap.part for gap in seen.gaps] == ([] if after == "0" else ["idle"])


@pytest.mark.parametrize(
    ("text", "locks", "idle_s"),
    [
        ("", False, 600), ("lock: True\n", True, 600), ("lock:\tTrue\ntimeout:\t1:02:03\n", True, 3723),
        ("*lock: on\ntimeout: 0:04:00\nlockTimeout: 0:01:00\n", True, 300), ("lock: True\nmode: off\n", True, 0),
        ("lock: True\nmode: Off\n", True, 0),
        ("lock: True\ntimeout: 0:00:00\n", True, 0), ("lock: True\nprograms: lock: False\n", True, 600),
    ],
)  # fmt: skip
def test_xscreensaver(text: str, locks: bool, idle_s: int) -> None:
    seen = screen_lock_xscreensaver.parse([text], watched=True)
    assert (seen.locks, seen.idle_s, seen.on_resume) == (locks, idle_s, locks)


def test_xscreensaver_without_its_sleep_helper_says_nothing_of_sleep() -> None:
    seen = screen_lock_xscreensaver.parse(["lock: True\n"], watched=False)
    assert (seen.on_resume, [gap.part for gap in seen.gaps]) == (None, ["resume"])
    assert screen_lock_xscreensaver.parse([], watched=False).on_resume is False


def test_xscreensavers_own_file_wins_over_the_systems() -> None:
    files = {
        "/etc/X11/app-defaults/XScreenSaver": "*lock: False\n*timeout: 0:05:00\n",
        "/home/clin/.xscreensaver": "lock: True\n",
    }
    seen = lock(running("xscreensaver", "xscreensaver-systemd", files=files))
    assert (seen.locks, seen.idle_s, seen.on_resume) == (True, 300, True)


@pytest.mark.parametrize("line", ["lock: maybe", "timeout: 10", "timeout: 0:00:00:00", "lockTimeout: x"])
def test_xscreensaver_values_are_not_guessed(line: str) -> None:
    with pytest.raises(CollectError):
        screen_lock_xscreensaver.parse([f"lock: True\n{line}\n"], watched=True)


HOSTILE = [
    ('<!DOCTYPE c [<!ENTITY a "b">]><channel/>', Why.UNPARSABLE),
    ("<channel>" + "<property name='a'>" * 100_000, Why.UNPARSABLE),
    ("<channel", Why.UNPARSABLE), ("", Why.UNPARSABLE), ("\udc80", Why.UNPARSABLE), ("text", Why.UNPARSABLE),
    ('<channel name="c" locked="*"/>', Why.NOT_SAID),
    ('<channel><property name="a" unlocked="x"/></channel>', Why.NOT_SAID),
]  # fmt: skip


@pytest.mark.parametrize(("text", "why"), HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_xml_is_refused(text: str, why: Why) -> None:
    with pytest.raises(CollectError) as caught:
        screen_lock_xfconf.parse(text)
    assert caught.value.why is why


def test_values_lie_under_the_names_around_them() -> None:
    text = '<?xml version="1.0" encoding="UTF-16"?><channel name="c"><property name="a"><property name="b" value="1"/>'
    assert screen_lock_xfconf.parse(text + '</property><property name="d" value=""/></channel>') == {
        "/a/b": "1",
        "/d": "",
    }


@given(st.text(alphabet='<>/="?! abcdehlnopty\n'))
def test_any_xml_is_values_or_an_error(text: str) -> None:
    try:
        why = None if isinstance(screen_lock_xfconf.parse(text), dict) else "nothing"
    except CollectError as error:
        why = error.why
    assert why in {None, Why.UNPARSABLE, Why.NOT_SAID}


@given(st.text(alphabet="lockTimeu:0159 TrueFals\n*."))
def test_any_xscreensaver_file_is_a_lock_or_an_error(text: str) -> None:
    try:
        answer: object = screen_lock_xscreensaver.parse([text], watched=True).locks
    except CollectError as error:
        answer = error.why
    assert answer in {True, False, Why.UNPARSABLE}
