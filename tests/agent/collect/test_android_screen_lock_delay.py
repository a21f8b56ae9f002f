"""How long an Android phone stays open: its settings, their defaults and an admin's cap."""

from typing import Any

import pytest
from fakes import recorded_phone

from agent.collect.android import screen_lock_delay
from agent.collect.android.commands import DEVICE_POLICY, SETTINGS
from agent.collect.android.screen_lock_delay import Delay, cap_ms, exposure_s, idle_s, stays_on
from agent.collect.host import CollectError
from checks.evidence import Why

SYSTEM = {"screen_off_timeout": "60000"}
SECURE = {"zen_duration": "0"}
NEVER = 2**31 - 1


@pytest.mark.parametrize(
    ("system", "secure", "delay"),
    [
        (SYSTEM, SECURE, Delay(screen_off_ms=60000, lock_after_ms=5000)),
        (SYSTEM, {"lock_screen_lock_after_timeout": "0"}, Delay(screen_off_ms=60000, lock_after_ms=0)),
        ({"screen_off_timeout": "1"}, {"lock_screen_lock_after_timeout": "1800000"},
         Delay(screen_off_ms=1, lock_after_ms=1800000)),
    ],
)  # fmt: skip
def test_delay_is_what_the_settings_say(system: Any, secure: Any, delay: Delay) -> None:
    assert screen_lock_delay.parse(system, secure) == delay


@pytest.mark.parametrize(
    ("system", "secure", "reason"),
    [
        ({}, SECURE, Why.NOT_SAID),
        ({"screen_off_timeout": "0"}, SECURE, Why.UNPARSABLE),
        ({"screen_off_timeout": "-1"}, SECURE, Why.UNPARSABLE),
        ({"screen_off_timeout": "soon"}, SECURE, Why.UNPARSABLE),
        (SYSTEM, {}, Why.UNPARSABLE),
        (SYSTEM, {"adaptive_sleep": "0"}, Why.UNPARSABLE),
        (SYSTEM, {"lock_screen_lock_after_timeout": "-1"}, Why.UNPARSABLE),
        (SYSTEM, {"lock_screen_lock_after_timeout": "x"}, Why.UNPARSABLE),
    ],
)
def test_delay_without_a_sure_value_is_not_seen(system: Any, secure: Any, reason: Why) -> None:
    with pytest.raises(CollectError) as refused:
        screen_lock_delay.parse(system, secure)
    assert refused.value.why is reason


@pytest.mark.parametrize(
    ("off", "after", "cap", "seconds"),
    [
        (60000, 5000, 0, 65), (60000, 5000, None, 65), (60000, 5001, 0, 66), (1, 0, 0, 1), (NEVER, 0, 0, 0),
        (60000, NEVER, 0, 0), (NEVER - 1, 0, 0, 2147484), (NEVER + 1, 0, 0, 0), (NEVER, NEVER, 300000, 300),
        (600000, 5000, 300000, 300), (60000, 5000, 300000, 65), (60000, 5000, 1, 1),
    ],
)  # fmt: skip
def test_exposure_is_both_times_under_the_cap(off: int, after: int, cap: int | None, seconds: int) -> None:
    assert exposure_s(Delay(screen_off_ms=off, lock_after_ms=after), cap) == seconds


def admin(user: str, *caps: object) -> str:
    lines = "".join(f"    com.example/.Admin:\n      maximumTimeToUnlock={cap}\n" for cap in caps)
    return f"  Enabled Device Admins (User {user}):\n{lines}"


@pytest.mark.parametrize(
    ("text", "cap"),
    [
        ("", 0),
        (admin("0, provisioningState: 3", 300000), 300000),
        (admin("0", 300000), 300000),
        (admin("0", 0, 600000, 120000), 120000),
        (admin("0", 1), 1),
        (admin("0", 2**63 - 1), 0),
        (admin("0", 2**63 - 2), 2**63 - 2),
        (admin("10", 1000) + admin("0", 600000) + admin("11", 1000), 600000),
        (admin("10", 1000), 0),
        (admin("0", "soon", -5), 0),
        ("      maximumTimeToUnlock=1000\n", 0),
        (admin("0", 1800000).removesuffix("00000\n"), 0),
    ],
)
def test_cap_is_the_shortest_of_the_owners_admins(text: str, cap: int) -> None:
    assert cap_ms(text) == cap


@pytest.mark.parametrize(
    ("value", "policy", "stays"),
    [("0", "", False), ("1", "", True), ("7", "", True), ("-1", "", True), ("7", admin("0", 300000), False),
     ("7", admin("0", 0), True)],
)  # fmt: skip
def test_staying_awake_is_seen_unless_an_admin_caps_the_time(value: str, policy: str, stays: bool) -> None:
    table = f"adb_enabled=1\nstay_on_while_plugged_in={value}\n"
    host = recorded_phone({SETTINGS["global"]: table, DEVICE_POLICY: policy + "\nCurrent state:"})
    assert stays_on(host) is stays


def test_staying_awake_without_a_setting_is_not_seen() -> None:
    with pytest.raises(CollectError) as refused:
        stays_on(recorded_phone({SETTINGS["global"]: "adb_enabled=1\n", DEVICE_POLICY: admin("0", 300000)}))
    assert refused.value.why is Why.NOT_SAID


@pytest.mark.parametrize(
    ("policy", "seconds"), [(Why.TIMED_OUT, 1805), (admin("0", 300000), 300), (admin("0", 0), 1805)]
)
def test_a_cap_that_was_not_seen_leaves_the_settings_as_they_are(policy: Any, seconds: int) -> None:
    tables = {SETTINGS["system"]: "screen_off_timeout=1800000\n", SETTINGS["secure"]: "long_press_timeout=400\n"}
    assert idle_s(recorded_phone({**tables, DEVICE_POLICY: policy})) == seconds
