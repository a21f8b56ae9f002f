"""The lock of an Android phone: what each version prints, and everything that is no answer."""

import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes import phone, recorded_phone, rule_for
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android import screen_lock_credential, screen_lock_trust
from agent.collect.android.commands import DEVICE_POLICY, KEYGUARD, LOCK, PROPERTIES, SETTINGS, TRUST
from agent.collect.android.screen_lock import CANARY, probe
from agent.collect.android.screen_lock_delay import LOCK_AFTER, cap_ms
from agent.collect.android.screen_lock_trust import BAND
from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.observe import observe
from agent.collect.recorded import load
from checks.evaluate import evaluate
from checks.evidence import Why
from checks.makers import Maker
from checks.model import Status
from checks.screen_lock.check import CHECK, Limits
from checks.screen_lock.fact import Desktop, ScreenLock

ROOT = Path(__file__).parents[3]
RECORDINGS = ROOT / "tests" / "recordings" / "android" / "lock"
CANARIES = ROOT / "agent" / "collect" / "android" / "canary" / "screen_lock"
ASKED = (PROPERTIES, LOCK, *SETTINGS.values(), TRUST, DEVICE_POLICY, KEYGUARD)
CASES = [pytest.param(path.parent, id=path.parent.name) for path in sorted(RECORDINGS.glob("*/expected.toml"))]
REFUSALS = [
    ("Error: java.lang.SecurityException: no", Why.NOT_PERMITTED),
    ("Permission Denial: can't dump it from from pid=1, uid=2000", Why.NOT_PERMITTED),
    ("Can't find service: it", Why.TOOL_MISSING),
    ("*** SERVICE 'it' DUMP TIMEOUT (10000ms) EXPIRED ***", Why.TIMED_OUT),
    ("Error with service 'it' while dumping: FAILED_TRANSACTION", Why.TOOL_FAILED),
    ("", Why.UNPARSABLE),
    ("\N{REPLACEMENT CHARACTER}\0 garbled", Why.UNPARSABLE),
]

LOCKED = """Current lock settings service state:

User State:
  User 0
    SID: 51c0
    CredentialType: PIN
  User 10
    SID: 0
    CredentialType: NONE

Storage:
  User 0 [/data/system_de/0/spblob]:
"""
TRUSTED = """Trust manager state:
 User "Owner" (id=0, flags=0x13) (current): trustState=UNTRUSTED, trustManaged=0, deviceLocked=0, strongAuthRequired=0x0
   Enabled agents:
    com.google.android.gms/.auth.trustagent.GoogleTrustAgent
     bound=1, connected=1, managingTrust=0, trusted=0
   Events:
"""
SEES = "    secure=true\n      mSimSecure=false\n      mCurrentUserId=0\n"
GOOD: dict[Command, str] = {
    PROPERTIES: "[ro.product.brand]: [samsung]\n",
    LOCK: LOCKED,
    SETTINGS["global"]: "adb_enabled=1\nstay_on_while_plugged_in=0\n",
    SETTINGS["secure"]: "adaptive_sleep=0\nlong_press_timeout=400\n",
    SETTINGS["system"]: "screen_off_timeout=60000\n",
    TRUST: TRUSTED,
    DEVICE_POLICY: "Current Device Policy Manager state:\n",
}


def status(answers: dict[Command, Any]) -> Status:
    host = recorded_phone(answers)
    examined = evaluate(CHECK, phone(), observe(probe, host), rule_for(Limits()), now=host.now(), profile="owner")
    return examined.finding.status


def recorded(folder: Path) -> dict[Command, Any]:
    """What the recorded phone answers to each question of this probe."""
    host = load(str(folder), LocalHost())
    answers: dict[Command, Any] = {}
    for command in ASKED:
        try:
            answers[command] = host.run(command)
        except CollectError as error:
            answers[command] = error.why
    return answers


def why(look: Any, *given_to: Any) -> Why:
    with pytest.raises(CollectError) as refused:
        look(*given_to)
    return refused.value.why


@pytest.mark.parametrize("folder", CASES)
def test_recording_is_judged_as_its_ground_truth_says(folder: Path) -> None:
    wanted = tomllib.loads((folder / "expected.toml").read_text())["screen_lock"]
    fact = probe(load(str(folder), LocalHost()))
    assert status(recorded(folder)) == wanted["status"]
    assert {name: getattr(fact, name) for name in wanted.get("fact", {})} == wanted.get("fact", {})


def test_a_good_phone_is_seen_whole() -> None:
    assert probe(recorded_phone(GOOD)) == ScreenLock(
        desktop=Desktop.ANDROID, maker=Maker.SAMSUNG, locks=True, idle_s=65, grace_s=0, on_resume=True, password=True,
        auto_login=False, stays_on=False, extended_unlock=False,
    )  # fmt: skip
    assert status(GOOD) is Status.PASS


def test_line_ends_of_old_phones_change_nothing() -> None:
    ended = {command: text.replace("\n", "\r\n") for command, text in GOOD.items()}
    assert probe(recorded_phone(ended)) == probe(recorded_phone(GOOD))


@pytest.mark.parametrize(("text", "reason"), REFUSALS)
@pytest.mark.parametrize("command", [LOCK, *SETTINGS.values(), TRUST])
def test_a_refusal_with_exit_status_0_is_never_a_pass(command: Command, text: str, reason: Why) -> None:
    answers = {**GOOD, command: Output(exit_code=0, stdout="", stderr=text)}
    assert reason in {gap.why for gap in probe(recorded_phone(answers)).gaps}
    assert status(answers) in (Status.UNKNOWN, Status.ERROR)


@pytest.mark.parametrize("command", GOOD)
def test_a_phone_pulled_out_leaves_the_reason(command: Command) -> None:
    answers = {**GOOD, command: Why.DISCONNECTED}
    needed = command not in (PROPERTIES, DEVICE_POLICY)
    assert status(answers) is (Status.ERROR if needed else Status.PASS)
    assert {gap.why for gap in probe(recorded_phone(answers)).gaps} == ({Why.DISCONNECTED} if needed else set())


def test_every_part_names_its_own_gap() -> None:
    fact = probe(recorded_phone({}))
    assert [gap.part for gap in fact.gaps] == ["password", "idle", "stays_on", "extended_unlock"]
    assert (fact.password, fact.idle_s, fact.stays_on, fact.extended_unlock, fact.maker) == (None,) * 5


@pytest.mark.parametrize("behind", [{}, GOOD, dict.fromkeys(GOOD, Why.DISCONNECTED)])
def test_the_canary_is_seen_on_any_phone(behind: dict[Command, Any]) -> None:
    host = planted(CANARY, CANARIES, recorded_phone(behind), source=LocalHost())
    examined = evaluate(CHECK, phone(), observe(probe, host), rule_for(Limits()), now=host.now(), profile="owner")
    assert examined.finding.status is Status.FAIL
    assert CANARY.reason in [str(point.reason) for point in examined.points]


def mutants(text: str) -> Iterator[str]:
    """The text cut after each line, and without each line."""
    lines = text.splitlines(keepends=True)
    for number, line in enumerate(lines):
        yield "".join(lines[:number])
        yield "".join(lines[:number]) + line.rstrip("\r\n")[:-1]
        if not line.startswith((LOCK_AFTER, BAND)):  # their absence is how Android says that it is as it came
            yield "".join((*lines[:number], *lines[number + 1 :]))


@pytest.mark.parametrize("folder", CASES)
def test_no_recording_becomes_a_pass_by_losing_lines_or_answers(folder: Path) -> None:
    answers = recorded(folder)
    if status(answers) is Status.PASS:
        return
    for command, heard in answers.items():
        if isinstance(heard, Output):
            assert status({**answers, command: Why.TIMED_OUT}) is not Status.PASS, command
            for text in mutants(heard.stdout):
                assert status({**answers, command: text}) is not Status.PASS, (command, text)


@given(st.sampled_from(list(GOOD)), st.text())
def test_any_text_is_a_fact(command: Command, text: str) -> None:
    assert isinstance(probe(recorded_phone({**GOOD, command: text})), ScreenLock)


@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, " " * 10**6, "User " * 200_000, ' User "' + '" (id=0, flags=0x13) (current)' * 30_000,
     "secure=" * 150_000, " User 0\n" * 100_000, ' User "' + '" (id=0, flags=0x1) ' + "(a)" * 300_000,
     ' User "o" (id=0, flags=0x13) (current): ' + "trusted=0, " * 90_000, "     bound=" + "trusted=" * 100_000],
)  # fmt: skip
def test_a_million_characters_are_read_in_one_go(text: str) -> None:
    for look in (screen_lock_credential.parse_lock_settings, screen_lock_credential.parse_keyguard,
                 screen_lock_trust.extended, screen_lock_trust.locked):  # fmt: skip
        assert why(look, text) in (Why.UNPARSABLE, Why.NOT_SAID)
    assert cap_ms(text) == 0


TYPES = [
    ("Pin", True), ("PIN", True), ("Password", True), ("PATTERN", True), ("PasswordOrPin", True),
    ("PASSWORD_OR_PIN", True), ("None", False), ("NONE", False),
]  # fmt: skip


@pytest.mark.parametrize(("word", "secure"), TYPES)
def test_type_is_read_in_any_case(word: str, secure: bool) -> None:
    assert screen_lock_credential.parse_lock_settings(LOCKED.replace("PIN", word)) is secure


@pytest.mark.parametrize(("sid", "secure"), [("0", False), ("00", False), ("1", True), ("9fc4e1a350b27d86", True)])
def test_up_to_android_10_the_sid_tells(sid: str, secure: bool) -> None:
    text = f"SP Enabled = true\n    User 10\n        SID = 77\n    User 0\n        SP Handle = 5\n        SID = {sid}\n"
    assert screen_lock_credential.parse_lock_settings(text) is secure


@pytest.mark.parametrize(
    "text",
    [
        LOCKED.replace("CredentialType: PIN", "CredentialType: Iris"),
        LOCKED.replace("    CredentialType: PIN\n", ""),
        LOCKED.replace("  User 10\n", ""),
        LOCKED.replace("  User 0\n", "", 1),
        LOCKED.replace("User 0", "User 11", 1),
        LOCKED.replace("User State:", "Storage:"),
        "    User 0\n        SP Handle = 1\n",
        "    User 0\n        SID = 1\n        SID = 0\n",
        "    User 0\n        SID = none\n",
        "CredentialType: PIN\nSID = 1\n",
    ],
)
def test_lock_settings_that_do_not_say_it_of_the_owner_say_nothing(text: str) -> None:
    assert why(screen_lock_credential.parse_lock_settings, text) is Why.UNPARSABLE


def test_the_owner_may_stand_behind_others() -> None:
    text = " User 10\n CredentialType: None\n User 0\n CredentialType: Pattern\n User 95\n CredentialType: None\n"
    assert screen_lock_credential.parse_lock_settings(text) is True


@pytest.mark.parametrize(
    ("text", "secure"),
    [
        (SEES, True),
        (SEES.replace("true", "false"), False),
        (SEES + "  mKeyguardSecure=false\n", True),
        (SEES.replace("mSimSecure=false", "mSimSecure=true"), None),
        (SEES.replace("UserId=0", "UserId=10"), None),
        (SEES.replace("    secure=true\n", ""), None),
        (SEES.replace("secure=true", "secure=maybe"), None),
        (SEES + "    secure=false\n", None),
        (SEES.replace("      mSimSecure=false\n", ""), None),
    ],
)
def test_keyguard_counts_only_for_the_owner_and_not_for_the_sim_card(text: str, secure: bool | None) -> None:
    if secure is None:
        assert why(screen_lock_credential.parse_keyguard, text) is Why.UNPARSABLE
    else:
        assert screen_lock_credential.parse_keyguard(text) is secure


@pytest.mark.parametrize(
    ("trust", "keyguard", "seen"),
    [
        (TRUSTED.replace("deviceLocked=0", "deviceLocked=1"), SEES.replace("true", "false"), True),
        (TRUSTED, SEES, True),
        (TRUSTED, SEES.replace("true", "false"), False),
        (TRUSTED, "Can't find service: window", None),
    ],
)
def test_where_the_lock_says_nothing_others_are_asked(trust: str, keyguard: str, seen: bool | None) -> None:
    host = recorded_phone({LOCK: "Can't find service: lock_settings", TRUST: trust, KEYGUARD: keyguard})
    assert probe(host).password is seen


def test_without_any_witness_the_first_ones_reason_stands() -> None:
    host = recorded_phone({LOCK: Why.TIMED_OUT, TRUST: TRUSTED, KEYGUARD: "nothing"})
    assert [gap.why for gap in probe(host).gaps if gap.part == "password"] == [Why.TIMED_OUT]


IN_USE = [
    ("trustManaged=0", "trustManaged=1"),
    ("trustState=UNTRUSTED", "trustState=TRUSTED"),
    ("trustState=UNTRUSTED", "trustState=TRUSTABLE"),
    ("trustState=UNTRUSTED", "trusted=1"),
    ("deviceLocked=0", "deviceLocked=0, isActiveUnlockRunning=1"),
    ("managingTrust=0", "managingTrust=1"),
    ("managingTrust=0, trusted=0", "managingTrust=0, trusted=1"),
    ("trustManaged=0, deviceLocked=0", "trustManaged=1, deviceLocked=1"),
]


@pytest.mark.parametrize(("idle", "active"), IN_USE)
def test_anything_that_opens_the_phone_is_seen(idle: str, active: str) -> None:
    assert idle in TRUSTED
    assert screen_lock_trust.extended(TRUSTED.replace(idle, active)) is True
    assert screen_lock_trust.extended(TRUSTED.replace(idle, active).replace("=0x0", "=0x1")) is True


@pytest.mark.parametrize(
    "text",
    [
        TRUSTED,
        TRUSTED.replace("trustState=UNTRUSTED", "trusted=0"),
        TRUSTED.replace('"Owner"', '"Propriétaire"'),
        TRUSTED.replace("id=0", "id=\N{ARABIC-INDIC DIGIT ZERO}"),
        TRUSTED + ' User "W" (id=\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT ZERO}, flags=0x1): trusted=1\n',
        TRUSTED.replace('"Owner"', '"A" (id=10, flags=0x1) (current): trusted=1, trustManaged=1"'),
        TRUSTED.replace("0x13", "0"),
        TRUSTED + ' User "Compte 2" (id=10, flags=0x1030)(managed profile)\n   disabled because of something.\n',
        TRUSTED + ' User "W" (id=10, flags=0x1030) (profile with unified challenge): deviceLocked=1\n',
        TRUSTED + ' User "C" (id=999, flags=0x1): trustState=TRUSTED, trustManaged=1\n     bound=1, trusted=1\n',
        TRUSTED.replace("Trust manager state:\n", 'Trust manager state:\n User "B" (id=10, flags=0x1): trusted=1\n'),
    ],
)
def test_agents_that_do_nothing_and_other_users_open_nothing(text: str) -> None:
    assert screen_lock_trust.extended(text) is False


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("disabled because the system is in safe mode.\n", Why.NOT_SAID),
        ("disabled because the third-party apps can't run yet.\n", Why.NOT_UNLOCKED_YET),
        (TRUSTED.replace("Required=0x0", "Required=0x1"), Why.NOT_UNLOCKED_YET),
        (TRUSTED.replace("Required=0x0", "Required=0x11"), Why.NOT_UNLOCKED_YET),
        (TRUSTED.replace("Required=0x0", "Required=0x10"), Why.NOT_SAID),
        (TRUSTED.replace("Required=0x0", "Required=soon"), Why.UNPARSABLE),
        (TRUSTED.replace("Required=0x0", "Required=0"), Why.UNPARSABLE),  # cut: what follows may be x1
        (TRUSTED.replace(", strongAuthRequired=0x0", ""), Why.UNPARSABLE),
        (TRUSTED.replace("trustManaged=0, ", ""), Why.UNPARSABLE),
        (TRUSTED.replace("trustState=UNTRUSTED, ", ""), Why.UNPARSABLE),
        (TRUSTED.replace("UNTRUSTED", "UNKNOWN"), Why.UNPARSABLE),
        (TRUSTED.replace(" (current)", ""), Why.UNTRUSTED_CONTEXT),
        (TRUSTED.replace("id=0", "id=10"), Why.UNPARSABLE),
        (TRUSTED * 2, Why.UNPARSABLE),
        ("Trust manager state:\n", Why.UNPARSABLE),
    ],
)
def test_trust_that_says_too_little_is_not_seen(text: str, reason: Why) -> None:
    assert why(screen_lock_trust.extended, text) is reason


SECURE = GOOD[SETTINGS["secure"]]


@pytest.mark.parametrize(
    ("setting", "opens"),
    [("bluetooth_unlock_status=1", True), ("bluetooth_unlock_status=0", False), ("bluetooth_unlock_status=null", False),
     ("active_unlock_on_wake=1", None), ("active_unlock_on_unlock_intent=1", None),
     ("active_unlock_on_biometric_fail=1", None), ("active_unlock_on_wake=0", False),
     ("bluetooth_unlock_status=on", None)],
)  # fmt: skip
def test_bands_and_watches_that_open_the_phone_beside_the_trust_agents_are_seen(
    setting: str, opens: bool | None
) -> None:
    host = recorded_phone({**GOOD, SETTINGS["secure"]: f"{setting}\n{SECURE}"})
    assert probe(host).extended_unlock is opens
    assert (status({**GOOD, SETTINGS["secure"]: f"{setting}\n{SECURE}"}) is Status.PASS) is (opens is False)


def test_a_band_that_opens_the_phone_counts_where_trust_is_refused() -> None:
    answers = {**GOOD, TRUST: Why.TIMED_OUT, SETTINGS["secure"]: f"bluetooth_unlock_status=1\n{SECURE}"}
    assert probe(recorded_phone(answers)).extended_unlock is True


def test_settings_that_were_not_seen_may_hide_a_band() -> None:
    assert probe(recorded_phone({**GOOD, SETTINGS["secure"]: Why.TIMED_OUT})).extended_unlock is None


def test_what_an_agent_says_of_itself_is_nowhere_in_the_evidence() -> None:
    told = TRUSTED.replace("trusted=0\n   Events", 'trusted=1\n      message="Kept open at Example Street"\n   Events')
    fact = probe(recorded_phone({**GOOD, TRUST: told}))
    assert fact.extended_unlock is True
    assert "Example Street" not in repr(fact)


def test_steps_are_found_by_the_maker() -> None:
    host = recorded_phone({**GOOD, TRUST: TRUSTED.replace("trustManaged=0", "trustManaged=1")})
    [point] = CHECK.judge(probe(host), Limits()).points
    assert point.exact["maker"] == "samsung"
    other = CHECK.judge(replace(probe(host), maker=None), Limits()).points[0]
    assert "maker" not in other.exact
