"""What a phone says is scrubbed down to words that are Android's own, and is judged as it was."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phone_recordings import DEMO, RECORDED, judged, recorded, reread, scrubbed

from agent.collect.android import commands
from agent.collect.recorded import INDEX
from agent.commands.record_phone import written
from agent.scrub_fakes import Fakes, Kind
from agent.scrub_phone import PhoneScrubber
from agent.vocabulary import phone_words

FOLDERS = [pytest.param(one, id=f"{one.parent.name}-{one.name}") for one in (*DEMO, *RECORDED)]
SECURE, PROPERTIES = commands.SETTINGS["secure"].argv, commands.PROPERTIES.argv
TRUST, ACCOUNTS, USERS = commands.TRUST.argv, commands.ACCOUNTS.argv, commands.USERS.argv
POLICY, SYNC, BACKUP = commands.DEVICE_POLICY.argv, commands.SYNC.argv, commands.BACKUP.argv
VOLUMES, DEBUGGING, APPS = commands.VOLUMES.argv, commands.DEBUGGING.argv, commands.APPS.argv
KEY = "QAAAA" + "b3J0" * 170


@pytest.mark.parametrize("folder", FOLDERS)
def test_scrubbed_recording_is_judged_as_the_phone_was(folder) -> None:
    assert judged(reread(scrubbed(folder))) == judged(recorded(folder))


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_scrubbed_once_more_stays_as_it_is(folder) -> None:
    once = scrubbed(folder)
    assert written(reread(once)) == once


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (USERS, "\tUserInfo{0:Schmidt:4c13} running"), (USERS, "\tUserInfo{10:Owner Schmidt"),
        (TRUST, ' User "Schmidt" (id=0, flags=0x13) (current): trusted=0'), (TRUST, '      message="At Schmidt"'),
        (ACCOUNTS, "    Account {name=schmidt, type=com.google}"),
        (ACCOUNTS, "    Account {name=x, type=com.schmidt.mail}"), (SYNC, "Account schmidt u0 com.google"),
        (SYNC, "com.schmidt.diary      1         true     Total"), (BACKUP, "       destination: schmidt@x.example"),
        (SECURE, "bluetooth_name=Schmidt phone"), (SECURE, "lock_screen_owner_info=Call\nSchmidt"),
        (SECURE, "enabled_accessibility_services=com.schmidt.reader/.Service"), (SECURE, "schmidt_key=1"),
        (SECURE, "bluetooth_headset_priority_schmidt=1"), (SECURE, "ringtone=content://media/1?title=Schmidt"),
        (PROPERTIES, "[persist.sys.device_name]: [Schmidt]"), (PROPERTIES, "[net.schmidt]: [1]"),
        (PROPERTIES, "[ro.serialno]: [R58SCHMIDT]"), (PROPERTIES, "[x]: [one\nschmidt]"),
        (POLICY, "    name=Praxis Schmidt"), (POLICY, "    mOrganizationName=Schmidt"),
        (POLICY, "    com.schmidt.mdm/.Admin:"), (VOLUMES, "      fsType=vfat fsLabel=SCHMIDT "),
        (DEBUGGING, f"    user_keys={KEY} schmidt@surgery"), (DEBUGGING, f"{KEY} schmidt surgery"),
        (APPS, "  Package [com.schmidt.diary] (7a31c01e):"), (APPS, "    codePath=/data/app/~~x==/com.schmidt.a-b==/"),
        (APPS, "    schmidtKey=1"), (APPS, "  Package [net.soti.mobicontrol.schmidt] (7a31c01e):"),
        (commands.PACKAGES.argv, "package:com.schmidt_12"), (commands.PHOTO_JOBS.argv, "@job@com.schmidt.a/com.x"),
        (APPS, "Schmidt"), (APPS, "Schmidt\u202f\U0001f600"),
    ],
)  # fmt: skip
def test_no_name_comes_out(argv: tuple[str, ...], line: str) -> None:
    clean = PhoneScrubber().text(line, argv)
    assert "schmidt" not in clean.lower(), clean
    assert clean.count("\n") == line.count("\n")


@pytest.mark.parametrize(
    "secret",
    [
        "R58N12ABCDE", "35-209900-176148-1", "0412 345 678", "+61 2 9876 5432", "(02) 98765432", "192.168.1.23",
        "fe80::3c22:fbff:fe12:3456", "3c:22:fb:aa:bb:cc", "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "9f86d081884c7d65", "-33.8688, 151.2093", "-33.87", "1795200000123", "anna@surgery", "a.b@x.example",
        "11-21 07:31:40.118", "Li", "Ng", "李小龙", "com.bumble.app",
    ],
)  # fmt: skip
def test_shape_of_a_secret_is_kept_and_nothing_else(secret: str) -> None:
    for line in (f"x {secret} y", f"key={secret}", f"[{secret}]", f"at: {secret}"):
        clean = PhoneScrubber().text(line, APPS)
        assert secret not in clean
        assert re.sub(r"\w+", "", clean) == re.sub(r"\w+", "", line)


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (SECURE, "device_name=Owner"), (SECURE, "lock_screen_owner_info=x\nOwner"), (SECURE, "some_list=com.owner/a"),
        (PROPERTIES, "[persist.sys.locale]: [Owner]"), (PROPERTIES, "[x]: [y\nOwner]"),
        (USERS, "\tUserInfo{0:Owner:4c13} running"), (USERS, "\tUserInfo{0:Owner"), (POLICY, "    name=Owner"),
        (TRUST, ' User "Owner" (id=0, flags=0x13) (current): trusted=0'), (TRUST, ' User "Owner'),
        (TRUST, '      message="Owner"'), (SYNC, "Account Owner u0 com.google"), (BACKUP, "   destination: Owner"),
        (ACCOUNTS, "    Account {name=Owner, type=com.google}"), (POLICY, "    mOrganizationName=Owner"),
        (VOLUMES, "      fsLabel=Owner "), (VOLUMES, "    nickname=Owner"), (DEBUGGING, f"{KEY} Owner"),
        (DEBUGGING, "x Owner@Owner"), (POLICY, "    mShortSupportMessage=Owner"), (POLICY, f"name={'x ' * 4000}Owner"),
    ],
)  # fmt: skip
def test_known_word_goes_too_where_people_choose_words(argv: tuple[str, ...], line: str) -> None:
    clean = PhoneScrubber().text(line, argv)
    assert "owner" not in clean.replace("_owner_", "").lower()
    assert PhoneScrubber().text("Owner", APPS) == "Owner"


@pytest.mark.parametrize(
    ("argv", "line"),
    [
        (SECURE, "lock_screen_lock_after_timeout=1800000"), (commands.SETTINGS["system"].argv, "screen_brightness=130"),
        (SECURE, "location_mode=3"), (commands.SETTINGS["system"].argv, "screen_off_timeout=2147483647"),
        (PROPERTIES, "[ro.build.version.security_patch]: [2026-11-05]"), (PROPERTIES, "[ro.build.version.sdk]: [34]"),
        (POLICY, "      uid=15010074"), (POLICY, "      maximumTimeToUnlock=9000000"),
        (POLICY, "    com.samsung.android.kgclient/.agent.KGDeviceAdminReceiver:"),
        (commands.LOCK.argv, "    SID: 0000000000000000"), (commands.LOCK.argv, "    CredentialType: Pin"),
        (TRUST, "     bound=1, connected=1, managingTrust=0, trusted=0"),
        (SECURE, "Security exception: java.lang.SecurityException: Permission Denial"),
        (commands.PLACE_LOOKED_UP.argv, "  Uid u0a60:"), (APPS, "    flags=[ SYSTEM HAS_CODE ]"),
        (commands.PACKAGES.argv, "package:com.whatsapp"),
    ],
)  # fmt: skip
def test_evidence_stays_as_it_is(argv: tuple[str, ...], line: str) -> None:
    assert PhoneScrubber().text(line, argv) == line


def test_app_has_one_fake_in_all_lists_and_a_library_that_of_its_name() -> None:
    one = PhoneScrubber()
    listed = one.text("package:com.schmidt.diary\npackage:org.two", commands.PACKAGES.argv).split("\n")
    name = listed[0].removeprefix("package:")
    assert name == "app.example.a1"
    assert listed[1] == "package:app.a2"
    assert one.text("  Package [com.schmidt.diary_7] (1):", APPS) == f"  Package [{name}_7] (1):"
    assert one.text("    com.schmidt.diary/.Admin:", POLICY).startswith(f"    {name}/.")
    assert one.text("package:com.schmidt.mycamera", commands.PACKAGES.argv).endswith("camera"), "that decides something"


def test_two_computers_stay_two_and_one_stays_one() -> None:
    other = KEY.replace("b3J0", "b3K0")
    first, second, again = PhoneScrubber().text(f"a={KEY} x@y\n{other} z\nAB{KEY}", DEBUGGING).split("\n")
    keys = [max(re.findall("QAAAA[A-Za-z0-9+/]{600,}", line), key=len) for line in (first, second, again)]
    assert keys[0] == keys[2] != keys[1]
    assert "b3J0" not in first + again


def test_faked_setting_stays_on_its_side_of_the_one_that_shows_a_cut_list() -> None:
    clean = PhoneScrubber().text("kq7=1\nlock_screen_lzzz9=1\nzz9=1", SECURE).split("\n")
    assert [line > "lock_screen_lock_after_timeout" for line in clean] == [False, True, True]


SECRETS = st.sampled_from(["zqpeanut", "Zqpeanut", "ZQPEANUT", "0412345678", "zq.peanut@x.example", "com.zqpeanut.app",
                           "Zqpeänut", "zqPeanut", "r58zqpeanut7"])  # fmt: skip
ANSWERS = [(argv, row["stdout_text"]) for folder in DEMO for argv, row in recorded(folder)._commands.items()
           if row.get("stdout_text")]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_canary_planted_anywhere_never_comes_out(data: st.DataObject) -> None:
    argv, text = data.draw(st.sampled_from(ANSWERS))
    secret = data.draw(SECRETS)
    at = data.draw(st.integers(0, len(text)))
    clean = PhoneScrubber().text(text[:at] + secret + text[at:], argv)
    for part in ("peanut", "zqpe", "änut", "0412345678"):
        assert part not in clean.lower()


@settings(deadline=None)
@given(st.text(max_size=300), st.sampled_from([SECURE, PROPERTIES, APPS]))
def test_any_text_can_be_scrubbed_and_then_stays(text: str, argv: tuple[str, ...]) -> None:
    clean = PhoneScrubber().text(text, argv)
    assert clean.count("\n") == text.count("\n")
    clean.encode()
    assert PhoneScrubber().text(clean, argv) == clean


@pytest.mark.parametrize("unit", ["a-", "a.", "a@", ":", "a=", "a_", "1 ", "9:", "é", "UserInfo{0:", "Account {name="])
def test_enormous_line_is_scrubbed_in_one_pass(unit: str) -> None:
    clean = PhoneScrubber().text(unit * ((1 << 19) // len(unit)) + "Schmidt", APPS)
    assert "schmidt" not in clean.lower()


def test_vocabulary_holds_nobody() -> None:
    people = {"anna", "schmidt", "smith", "nguyen", "mark", "grant", "rose", "will", "taylor", "john", "mary",
              "david", "sarah", "emma", "kim", "lee", "li", "ng", "singh", "garcia", "müller", "demo"}  # fmt: skip
    known = phone_words()
    found = people & (known.words | known.parts)
    assert found == set()
    assert {"userinfo", "credentialtype", "trustmanaged"} <= known.words
    assert "com.google.android.apps.photos" in known.names


def test_fakes_of_a_shape_run_in_order_and_start_again_when_used_up() -> None:
    fakes = Fakes(lambda word: word == "gh")
    first = [fakes.of(Kind.WORD, word) for word in ("no", "of", "no", "to")]
    assert first == ["gg", "gj", "gg", "gk"], "gh would stay, so it is nobody's fake"
    many = {fakes.of(Kind.PERSONAL, chr(97 + n)) for n in range(26)}
    assert len(many) == 16


def test_index_of_a_scrubbed_phone_says_that_it_is_not_complete() -> None:
    text = scrubbed(DEMO[0])[INDEX]
    assert "complete = false" in text
    assert 'home = "/sdcard"' in text
