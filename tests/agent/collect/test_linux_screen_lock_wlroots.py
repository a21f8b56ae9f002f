"""sway and Hyprland: running idle daemons, their commands, their files."""

from typing import Any

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Process
from agent.collect.linux import screen_lock_hyprland, screen_lock_sway
from agent.collect.linux.screen_lock_command import effect, lockers
from agent.collect.linux.screen_lock_grace import grace_s
from agent.collect.linux.screen_lock_hyprlang import blocks
from agent.collect.linux.screen_lock_plan import Plan, idle_s, on_sleep
from agent.collect.linux.screen_lock_wlroots import lock
from checks.evidence import Why

SWAY = {"name": "sway"}
HYPRLAND = {"name": "hyprland"}
CONF = "/home/clin/.config/hypr/hypridle.conf"
HYPRIDLE = {"name": "hypridle", "argv": ["hypridle"]}
LOCK = "swaylock -f"


def swayidle(*argv: str, **more: Any) -> dict[str, Any]:
    return {"name": "swayidle", "argv": ["swayidle", *argv], **more}


@pytest.mark.parametrize(
    ("command", "wanted"),
    [
        ("swaylock -f -c 000000", True), ("/usr/bin/swaylock", True), ("gtklock -d", True), ("waylock", True),
        ("pidof hyprlock || hyprlock", True), ("exec swaylock", True), ("playerctl pause; swaylock -f", True),
        ("WAYLAND_DISPLAY=wayland-1 setsid swaylock &", True), ("swaylock -i $(cat ~/.wall)", True),
        ("swaylock && systemctl suspend", True), ("true\nswaylock", True),
        ("'swaylock' -f", True), ("A=x:y swaylock", True), ("echo " + "a" * 4091, False), ("echo " + "a" * 4092, None),
        ("true && echo x", False), ("hyprctl reload || echo x", False),
        ("swaymsg 'output * power off'", False), ("hyprctl dispatch dpms off", False),
        ("brightnessctl -s set 10", False),
        ("notify-send 'swaylock in 10 s'", False), ("pkill swaylock", False), ("echo swaylock", False), ("", False),
        ("true # swaylock", False), ("pidof swaylock", False), ("true # ; swaylock", False), ("#swaylock", False),
        ("true #; swaylock\nswaylock", True), ("swaylock -c '#000000'", True), ("echo 'a # b'; swaylock", None),
        ("sleep 600; swaylock", None), ("sleep 9 & swaylock", True), ("swaylock -f; sleep 1", True),
        ("~/away; swaylock", None), ("~/away & swaylock", True), ("~/away; true; swaylock", None),
        ("sleep 9; loginctl", None), ("sleep 1; echo x", False),
        ("~/bin/lock.sh", None), ("systemd-run --user swaylock", None), ("sh -c swaylock", None),
        ("hyprctl dispatch exec hyprlock", None), ("swaymsg exec swaylock", None), ("swaylock 'unbalanced", None),
        ("grep -q 0 /sys/class/power_supply/AC/online && swaylock", None), ("[ -e ~/.stay ] || swaylock", None),
        ("if true; then swaylock; fi", None), ("(swaylock)", None), ("systemctl reboot", None), ("loginctl", None),
        ("notswaylock", None), ("echo " + "a" * 5000, None),
    ],
)  # fmt: skip
def test_only_commands_that_surely_lock_count(command: str, wanted: bool | None) -> None:
    assert effect(command) is wanted


@pytest.mark.parametrize("answer", [True, False, None])
def test_a_signal_does_what_its_listener_does(answer: bool | None) -> None:
    assert effect("loginctl lock-session", on_signal=answer) is answer
    assert effect("loginctl lock-sessions", on_signal=answer) is answer
    assert effect("systemctl suspend", on_sleep=answer) is answer
    assert effect("systemctl -i hibernate", on_sleep=answer) is answer


def test_lockers_come_with_their_arguments() -> None:
    assert lockers("pidof hyprlock || /usr/bin/hyprlock --grace 3") == (("hyprlock", ("--grace", "3")),)


@pytest.mark.parametrize(
    ("timeouts", "seconds"),
    [
        (((300, LOCK),), 300), (((600, LOCK), (300, LOCK)), 300),
        (((100, "hyprctl dispatch dpms off"), (300, LOCK)), 300),
        (((0, LOCK), (300, LOCK)), 300), (((1, LOCK),), 1),
        (((0, LOCK),), 0), ((), 0), (((300, "swaymsg x"),), 0), (((300, "~/away"),), None),
        (((300, "~/away"), (600, LOCK)), 600), (((900, "systemctl suspend"),), 900),
        (((300, "loginctl lock-session"),), 300),
    ],
)  # fmt: skip
def test_the_first_sure_lock_counts(timeouts: tuple[tuple[int, str], ...], seconds: int | None) -> None:
    assert idle_s(Plan(timeouts=timeouts, before_sleep=(LOCK,), on_signal=(LOCK,))) == seconds


def test_sleep_and_signals_lock_only_when_told_to() -> None:
    assert idle_s(Plan(timeouts=((900, "systemctl suspend"),))) == 0
    assert idle_s(Plan(timeouts=((300, "loginctl lock-session"),))) == 0
    assert on_sleep(Plan(before_sleep=("loginctl lock-session",))) is False
    assert on_sleep(Plan(before_sleep=("loginctl lock-session",), on_signal=(LOCK,))) is True
    assert on_sleep(Plan(before_sleep=("~/away",))) is None
    assert on_sleep(Plan()) is False


def test_a_daemon_that_is_only_configured_locks_nothing() -> None:
    files = {"/home/clin/.config/swayidle/config": f"timeout 300 '{LOCK}'\n", CONF: "listener {\n"}
    for compositor in (SWAY, HYPRLAND):
        seen = lock(recorded_host(processes=[compositor], files=files))
        assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (False, 0, 0, None)
        assert [gap.part for gap in seen.gaps] == ["resume"]


def test_commands_of_the_persons_own_leave_gaps() -> None:
    seen = lock(recorded_host(processes=[SWAY, swayidle("timeout", "300", "~/away", "before-sleep", "~/away")]))
    assert (seen.locks, seen.idle_s, seen.on_resume) == (None, None, None)
    assert [(gap.part, gap.why) for gap in seen.gaps] == [("idle", Why.NOT_SAID), ("resume", Why.NOT_SAID)]


@pytest.mark.parametrize(
    ("command", "grace_s"),
    [
        ("pkill -USR1 swaylock", None), ("sleep 1; killall gtklock", None), ("loginctl unlock-session", None),
        ("swaymsg 'output * power on'", 0), ("pkill waybar", 0), ("notify-send swaylock", 0), ("", 0),
    ],
)  # fmt: skip
def test_a_locker_that_is_ended_when_somebody_is_back_locks_nobody_out(command: str, grace_s: int | None) -> None:
    for event in ("resume", "after-resume"):
        argv = ("timeout", "300", LOCK, event, command, "before-sleep", LOCK)
        assert lock(recorded_host(processes=[SWAY, swayidle(*argv)])).grace_s == grace_s
    for key in (
        "listener {{\ntimeout = 300\non-timeout = swaylock\non-resume = {}\n}}\n",
        "general {{\nafter_sleep_cmd = {}\n}}\nlistener {{\ntimeout = 300\non-timeout = swaylock\n}}\n",
    ):
        host = recorded_host(processes=[HYPRLAND, HYPRIDLE], files={CONF: key.format(command)})
        seen = lock(host)
        assert (seen.idle_s, seen.grace_s) == (300, grace_s)
        assert ("grace" in {gap.part for gap in seen.gaps}) is (grace_s is None)


def test_a_lock_after_a_second_is_a_lock() -> None:
    assert lock(recorded_host(processes=[SWAY, swayidle("timeout", "1", LOCK)])).locks is True


@pytest.mark.parametrize(
    ("processes", "why"),
    [
        ([], Why.NO_SESSION), ([{"name": "sway", "own": False}], Why.NO_SESSION),
        ([SWAY, swayidle("timeout", "300", LOCK), {"name": "stasis"}], Why.NOT_SAID),
    ],
)  # fmt: skip
def test_what_we_cannot_read_is_not_judged(processes: list[dict[str, Any]], why: Why) -> None:
    seen = lock(recorded_host(processes=processes))
    assert seen.locks is None
    assert {gap.why for gap in seen.gaps} == {why}


def test_another_persons_daemon_locks_another_persons_screen() -> None:
    other = swayidle("timeout", "300", LOCK, own=False)
    assert lock(recorded_host(processes=[SWAY, other])).locks is False


def test_two_daemons_add_up() -> None:
    host = recorded_host(
        processes=[HYPRLAND, swayidle("timeout", "600", LOCK, "lock", LOCK), HYPRIDLE],
        files={CONF: "listener {\n timeout = 300\n on-timeout = loginctl lock-session\n}\n"},
    )
    assert lock(host).idle_s == 300


def test_the_daemons_file_adds_to_its_arguments() -> None:
    files = {
        "/home/clin/.config/swayidle/config": f"# mine\n\ntimeout 240 '{LOCK}' resume 'echo'\nbefore-sleep '{LOCK}'\n"
    }
    seen = lock(recorded_host(processes=[SWAY, swayidle("-w", "timeout", "600", LOCK)], files=files))
    assert (seen.locks, seen.idle_s, seen.on_resume) == (True, 240, True)


def test_a_file_named_on_the_command_line_replaces_the_usual_one() -> None:
    files = {"/home/clin/.config/swayidle/config": f"timeout 60 '{LOCK}'\n", "/home/clin/i": f"timeout 240 '{LOCK}'\n"}
    assert lock(recorded_host(processes=[SWAY, swayidle("-C", "i")], files=files)).idle_s == 240


@pytest.mark.parametrize(
    "argv",
    [["--config", "x"], ["timeout"], ["timeout", "5 min", LOCK], ["timeout", "300"], ["before-sleep"], ["-x"],
     ["timeout", "1", "x"] * 300],
)  # fmt: skip
def test_arguments_that_swayidle_does_not_have_are_not_guessed(argv: list[str]) -> None:
    with pytest.raises(CollectError) as caught:
        screen_lock_sway.plan(recorded_host(), Process(name="swayidle", argv=("swayidle", *argv), own=True))
    assert caught.value.why is Why.UNPARSABLE


@pytest.mark.parametrize("text", ["timeout 300 'open\n", "x" * 5000, "sleep\n"])
def test_an_odd_swayidle_file_is_not_guessed(text: str) -> None:
    with pytest.raises(CollectError):
        lock(recorded_host(processes=[SWAY, swayidle()], files={"/etc/swayidle/config": text}))


@pytest.mark.parametrize("daemon", ["swayidle", "hypridle"])
def test_hidden_arguments_are_not_an_empty_command_line(daemon: str) -> None:
    with pytest.raises(CollectError) as caught:
        lock(recorded_host(processes=[SWAY, {"name": daemon}]))
    assert caught.value.why is Why.NOT_SAID


@pytest.mark.parametrize("why", [Why.NOT_PERMITTED, Why.UNREADABLE, Why.TOO_LARGE])
def test_a_file_that_cannot_be_read_is_not_an_empty_one(why: Why) -> None:
    for daemon, path in ((swayidle(), "/home/clin/.swayidle/config"), (HYPRIDLE, CONF)):
        with pytest.raises(CollectError) as caught:
            lock(recorded_host(processes=[SWAY, daemon], files={path: why}))
        assert caught.value.why is why


HYPR = """
$locker = hyprlock
general { # comment
    lock_cmd = pidof $locker || $locker
    before_sleep_cmd = loginctl lock-session # before
}
listener {
    timeout = 150
    on-timeout = notify-send 'soon ## 1'
}
source = ./more.conf
"""


def test_hypridle_variables_comments_and_sources() -> None:
    more = (
        "listener {\n timeout = 300 # s\n on-timeout = loginctl lock-session\n}\ngeneral:ignore_dbus_inhibit = false\n"
    )
    files = {CONF: HYPR, "/home/clin/.config/hypr/./more.conf": more}
    seen = lock(recorded_host(processes=[HYPRLAND, HYPRIDLE], files=files))
    assert (seen.locks, seen.idle_s, seen.grace_s, seen.on_resume) == (True, 300, 0, True)


def test_hypridle_may_be_given_another_file() -> None:
    daemon = Process(name="hypridle", argv=("hypridle", "-q", "--config", "/x/c"), own=True)
    files = {"/x/c": "listener {\n timeout = 60\n on-timeout = hyprlock\n}\n"}
    assert screen_lock_hyprland.plan(recorded_host(files=files), daemon).timeouts == ((60, "hyprlock"),)


def test_a_lock_signal_that_nobody_hears_is_no_lock() -> None:
    text = "listener {\n timeout = 300\n on-timeout = loginctl lock-session\n}\n"
    seen = lock(recorded_host(processes=[HYPRLAND, HYPRIDLE], files={CONF: text}))
    assert (seen.locks, seen.on_resume) == (False, False)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("listener {\n timeout = soon\n}\n", Why.UNPARSABLE), ("listener {\n}\n", Why.UNPARSABLE),
        ("listener {\n listener {\n", Why.UNPARSABLE), ("words\n", Why.UNPARSABLE),
        ("source = ~/conf/*\n", Why.NOT_SAID),
        ("source = hypridle.conf\n", Why.UNPARSABLE), ("source = /none\n", Why.NOT_FOUND),
        ("# hyprlang if LAPTOP\n", Why.NOT_SAID), ("$a = aa\n" + "$a = $a$a\n" * 64, Why.UNPARSABLE),
        ("".join(f"$v{n} = 1\n" for n in range(300)), Why.UNPARSABLE),
    ],
    ids=range(10),
)  # fmt: skip
def test_hyprland_files_that_we_cannot_follow_are_not_guessed(text: str, why: Why) -> None:
    with pytest.raises(CollectError) as caught:
        lock(recorded_host(processes=[HYPRLAND, HYPRIDLE], files={CONF: text}))
    assert caught.value.why is why


@pytest.mark.parametrize(
    ("command", "files", "seconds"),
    [
        ("swaylock", {}, 0), ("swaylock --grace 5", {}, 5), ("swaylock --grace=7 -f", {}, 7),
        ("hyprlock --grace 2.5", {}, 3),
        ("swaylock --grace-no-mouse", {}, 0), ("swaylock -c 000000", {}, 0),
        ("swaylock", {"/home/clin/.config/swaylock/config": "color=000000\ngrace=30\n#grace=60\n"}, 30),
        ("swaylock", {"/home/clin/.swaylock/config": "grace=4\n", "/etc/swaylock/config": "grace=9\n"}, 9),
        ("gtklock", {"/home/clin/.config/swaylock/config": "grace=30\n"}, 0),
        ("gtklock", {"/home/clin/.config/hypr/hyprlock.conf": "general {\n grace = 20\n}\n"}, 0),
        ("hyprlock", {"/home/clin/.config/hypr/hyprlock.conf": "general {\n grace = 20\n}\n"}, 20),
        ("echo --grace 50", {}, 0),
    ],
)  # fmt: skip
def test_grace_is_the_longest_that_any_locker_gives(command: str, files: dict[str, str], seconds: int) -> None:
    assert grace_s(recorded_host(files=files), ["waylock", command]) == seconds


@pytest.mark.parametrize(
    "command", ["swaylock -C /x", "swaylock -fC /x", "swaylock --config=/x", "hyprlock -c x", "swaylock --grace long"]
)
def test_a_grace_out_of_sight_is_not_zero(command: str) -> None:
    seen = lock(recorded_host(processes=[SWAY, swayidle("timeout", "300", command, "before-sleep", LOCK)]))
    assert (seen.locks, seen.grace_s) == (True, None)
    assert [gap.part for gap in seen.gaps] == ["grace"]


@given(st.text(max_size=60))
def test_any_command_has_an_effect(command: str) -> None:
    assert effect(command) in {True, False, None}


@given(st.text(alphabet="listener{}\n =$#:source0"))
def test_any_hyprland_file_is_blocks_or_an_error(text: str) -> None:
    try:
        why = None if blocks(recorded_host(files={CONF: text}), CONF) else "no block"
    except CollectError as error:
        why = error.why
    assert why in {None, Why.UNPARSABLE, Why.NOT_SAID, Why.NOT_FOUND}
