"""Whether a phone was verified at its start, and which traces of root it shows."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import IDENTITY, PACKAGES, PROPERTIES, SUPERUSER, SUPERUSER_ON_PATH
from agent.collect.android.integrity import (
    CANARY,
    LOCKED,
    PATHS,
    ROOT_APPS,
    boot,
    for_developers,
    history,
    parse_identity,
    parse_listed,
    probe,
    unlocking,
    virtual,
)
from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.recorded import RecordedHost
from checks.evidence import Why
from checks.integrity.check import Limits, judge
from checks.integrity.fact import Boot, History, Integrity
from checks.model import Status

STATE, FLASH, VERIFIED = LOCKED
CANARIES = Path(__file__).parents[3] / "agent" / "collect" / "android" / "canary" / "integrity"
GOOD: Mapping[str, str] = {
    STATE: "green", FLASH: "1", VERIFIED: "locked", "ro.build.version.sdk": "36", "ro.build.type": "user",
    "ro.build.tags": "release-keys", "ro.debuggable": "0", "ro.secure": "1", "ro.hardware": "qcom",
    "ro.product.brand": "samsung", "ro.boot.warranty_bit": "0", "sys.oem_unlock_allowed": "0",
}  # fmt: skip
APPS = "".join(f"package:com.example.{name}\n" for name in "abcdef") + "package:android\n"
NOWHERE = Output(exit_code=1, stdout="", stderr="".join(f"ls: {one}: No such file or directory\n" for one in PATHS))
UID = "uid=2000(shell) gid=2000(shell) groups=2000(shell) context=u:r:shell:s0\n"


def getprop(**changes: str | None) -> str:
    found = {**GOOD, **changes}
    return "".join(f"[{key}]: [{value}]\n" for key, value in found.items() if value is not None)


def phone(**answers: str | Output | Why) -> RecordedHost:
    known: Mapping[str, Command] = {
        "getprop": PROPERTIES, "id": IDENTITY, "pm": PACKAGES, "ls": SUPERUSER, "which": SUPERUSER_ON_PATH
    }  # fmt: skip
    given_: dict[str, Any] = {
        "getprop": getprop(), "id": UID, "pm": APPS, "ls": NOWHERE,
        "which": Output(exit_code=1, stdout="", stderr=""),
    }  # fmt: skip
    return recorded_phone({known[name]: answer for name, answer in {**given_, **answers}.items()})


def whys(seen: Integrity) -> Mapping[str, Why]:
    return {gap.part: gap.why for gap in seen.gaps}


def test_a_sound_phone_shows_no_trace() -> None:
    assert probe(phone()) == Integrity(
        virtual=False, boot=Boot.VERIFIED, root_program=False, root_app=False, root_rights=False, test_build=False,
        history=History.CLEAN, unlocking=False,
    )  # fmt: skip


BOOTS: list[tuple[dict[str, str], Boot]] = [
    ({STATE: "green", FLASH: "1", VERIFIED: "locked"}, Boot.VERIFIED),
    ({STATE: "GREEN", FLASH: "1", VERIFIED: "LOCKED"}, Boot.VERIFIED),
    ({STATE: "green", FLASH: "1", "ro.build.version.sdk": "29"}, Boot.VERIFIED),
    ({STATE: "yellow", FLASH: "1", VERIFIED: "locked"}, Boot.OTHER_KEY),
    ({STATE: "orange", FLASH: "0", VERIFIED: "unlocked"}, Boot.UNLOCKED),
    ({STATE: "orange"}, Boot.UNLOCKED),
    ({FLASH: "0"}, Boot.UNLOCKED),
    ({VERIFIED: "unlocked"}, Boot.UNLOCKED),
    ({STATE: "red"}, Boot.FAILED),
    ({STATE: "red", FLASH: "1", VERIFIED: "locked"}, Boot.FAILED),
    ({STATE: "green", FLASH: "0"}, Boot.CONTRADICTED),
    ({STATE: "green", FLASH: "1", VERIFIED: "unlocked"}, Boot.CONTRADICTED),
    ({STATE: "orange", FLASH: "1", VERIFIED: "unlocked"}, Boot.CONTRADICTED),
    ({STATE: "yellow", VERIFIED: "unlocked"}, Boot.CONTRADICTED),
]


@pytest.mark.parametrize(("found", "seen"), BOOTS)
def test_three_words_tell_of_the_start(found: dict[str, str], seen: Boot) -> None:
    assert boot({"ro.build.version.sdk": "36", **found}) is seen


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({}, Why.NOT_SAID),
        ({STATE: "", FLASH: "", VERIFIED: ""}, Why.NOT_SAID),
        ({FLASH: "1", VERIFIED: "locked"}, Why.NOT_SAID),
        ({STATE: "green", VERIFIED: "locked"}, Why.NOT_SAID),
        ({STATE: "green", FLASH: "1"}, Why.NOT_SAID),
        ({STATE: "green", FLASH: "1", "ro.build.version.sdk": "30"}, Why.NOT_SAID),
        ({STATE: "green", FLASH: "1", "ro.build.version.sdk": "2"}, Why.NOT_SAID),
        ({STATE: "green", FLASH: "1", "ro.build.version.sdk": "290"}, Why.NOT_SAID),
        ({STATE: "green", "ro.build.version.sdk": "28"}, Why.NOT_SAID),
        ({STATE: "blue", FLASH: "1", VERIFIED: "locked"}, Why.UNPARSABLE),
        ({STATE: "green", FLASH: "2", VERIFIED: "locked"}, Why.UNPARSABLE),
        ({STATE: "green", FLASH: "1", VERIFIED: "verrouillé"}, Why.UNPARSABLE),
    ],
)
def test_fewer_words_or_other_ones_tell_nothing(found: dict[str, str], why: Why) -> None:
    with pytest.raises(CollectError) as refused:
        boot(found)
    assert refused.value.why is why


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, False), ({"ro.debuggable": "1"}, True), ({"ro.build.type": "userdebug"}, True),
        ({"ro.build.type": "eng"}, True), ({"ro.build.tags": "test-keys"}, True), ({"ro.build.tags": "dev-keys"}, True),
        ({"ro.secure": "0"}, True), ({"ro.secure": ""}, False), ({"ro.system.build.tags": "test-keys"}, True),
        ({"ro.system.build.type": "userdebug"}, True), ({"ro.system.build.tags": "release-keys"}, False),
        ({"ro.debuggable": "", "ro.build.type": "eng"}, True),
    ],
)  # fmt: skip
def test_a_system_for_developers_says_so(changes: dict[str, str], seen: bool) -> None:
    assert for_developers({**GOOD, **changes}) is seen


@pytest.mark.parametrize("key", ["ro.debuggable", "ro.build.type", "ro.build.tags"])
def test_without_one_of_its_words_a_system_may_be_for_developers(key: str) -> None:
    with pytest.raises(CollectError, match="built"):
        for_developers({**GOOD, key: ""})


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ({"ro.product.brand": "samsung", "ro.boot.warranty_bit": "0"}, History.CLEAN),
        ({"ro.product.brand": "samsung", "ro.boot.warranty_bit": "1"}, History.ALTERED),
        ({"ro.product.brand": "samsung", "ro.warranty_bit": "1"}, History.ALTERED),
        ({"ro.product.brand": "samsung", "ro.boot.warranty_bit": "0", "ro.warranty_bit": "1"}, History.ALTERED),
        ({"ro.product.brand": "samsung", "ro.boot.warranty_bit": "kaput"}, History.ALTERED),
        ({"ro.boot.warranty_bit": "0"}, History.CLEAN),
        ({"ro.product.brand": "google"}, History.NOT_KEPT),
        ({"ro.product.manufacturer": "unheard of"}, History.NOT_KEPT),
    ],
)
def test_only_one_maker_keeps_a_record(found: dict[str, str], seen: History) -> None:
    assert history(found) is seen


@pytest.mark.parametrize("found", [{}, {"ro.product.brand": "samsung"}, {"ro.product.brand": ""}])
def test_a_record_that_should_be_there_and_is_not_tells_nothing(found: dict[str, str]) -> None:
    with pytest.raises(CollectError, match="warranty"):
        history(found)


def test_the_switch_for_unlocking_has_two_positions() -> None:
    assert unlocking({"sys.oem_unlock_allowed": "1"}) is True
    assert unlocking({"sys.oem_unlock_allowed": "0"}) is False
    for found in ({}, {"sys.oem_unlock_allowed": "yes"}):
        with pytest.raises(CollectError):
            unlocking(found)


@pytest.mark.parametrize(
    ("found", "seen"),
    [
        ({"ro.hardware": "qcom"}, False), ({"ro.boot.hardware": "mt6789"}, False), ({"ro.hardware": "ranchu"}, True),
        ({"ro.hardware": "Goldfish"}, True), ({"ro.hardware": "qcom", "ro.boot.hardware": "vbox86"}, True),
        ({"ro.kernel.qemu": "1"}, True), ({"ro.hardware": "qcom", "ro.boot.qemu": "1"}, True),
        ({"ro.hardware": "qcom", "ro.kernel.qemu": "0"}, False),
    ],
)  # fmt: skip
def test_an_emulator_is_known_by_its_hardware(found: dict[str, str], seen: bool) -> None:
    assert virtual(found) is seen


def test_hardware_without_a_name_may_be_an_emulator() -> None:
    with pytest.raises(CollectError, match="hardware"):
        virtual({"ro.kernel.qemu": "0"})


@pytest.mark.parametrize(("text", "user"), [(UID, 2000), ("uid=0(root) gid=0(root)\n", 0), ("uid=0(\n", 0)])
def test_the_user_is_the_first_word(text: str, user: int) -> None:
    assert parse_identity(text) == user


@pytest.mark.parametrize("text", ["", "root", " uid=2000(shell)", "uid=", "uid=shell", "gid=0(root) uid=2000(shell)"])
def test_another_first_word_is_no_user(text: str) -> None:
    with pytest.raises(CollectError):
        parse_identity(text)


def test_a_root_shell_is_full_access() -> None:
    assert probe(phone(id="uid=0(root) gid=0(root)\n")).root_rights is True


@pytest.mark.parametrize("path", sorted(PATHS))
def test_each_file_that_is_there_is_a_trace_on_either_stream(path: str) -> None:
    rest = NOWHERE.stderr.replace(f"ls: {path}: No such file or directory\n", "")
    assert parse_listed(f"{path}\n{rest}") is True
    assert probe(phone(ls=Output(exit_code=1, stdout=f"{rest}{path}\r\n", stderr=""))).root_program is True


@pytest.mark.parametrize("path", sorted(PATHS))
def test_a_file_of_which_nothing_is_said_may_be_there(path: str) -> None:
    with pytest.raises(CollectError):
        parse_listed(NOWHERE.stderr.replace(f"ls: {path}: No such file or directory\n", ""))


@pytest.mark.parametrize(("path", "seen"), [("/sbin/su", True), ("/su/bin/su", True), ("/system/bin/su", False)])
def test_a_closed_folder_tells_nothing_unless_it_is_closed_on_every_phone(path: str, seen: bool) -> None:
    text = NOWHERE.stderr.replace(f"{path}: No such file or directory", f"{path}: Permission denied")
    host = phone(ls=Output(exit_code=1, stdout="", stderr=text))
    assert probe(host).root_program is (False if seen else None)


@pytest.mark.parametrize(
    ("which", "seen"),
    [
        (Output(exit_code=0, stdout="/product/bin/su\n", stderr=""), True),
        (Output(exit_code=1, stdout="", stderr=""), False),
        (Output(exit_code=0, stdout="", stderr=""), None),
        (Output(exit_code=1, stdout="su", stderr=""), None),
        (Output(exit_code=127, stdout="", stderr="/system/bin/sh: which: not found"), None),
        (Why.TIMED_OUT, None),
    ],
)
def test_su_on_the_path_is_a_trace(which: Output | Why, seen: bool | None) -> None:
    assert probe(phone(which=which)).root_program is seen


def test_one_place_is_enough_where_the_other_was_not_seen() -> None:
    found = Output(exit_code=0, stdout="/system/bin/su\n", stderr="")
    assert probe(phone(ls=Why.TIMED_OUT, which=found)).root_program is True
    assert whys(probe(phone(ls=Why.TIMED_OUT, which=Why.DISCONNECTED)))["root_program"] is Why.TIMED_OUT


@pytest.mark.parametrize("name", sorted(ROOT_APPS))
def test_each_app_that_hands_out_root_is_a_trace(name: str) -> None:
    assert probe(phone(pm=f"{APPS}package:{name}\n")).root_app is True
    assert probe(phone(pm=f"{APPS}package:{name}.helper\n")).root_app is False


def test_a_list_of_apps_that_broke_off_tells_nothing() -> None:
    broken = Output(exit_code=0, stdout=APPS, stderr="Error: java.lang.SecurityException: Shell does not have access")
    assert whys(probe(phone(pm=broken)))["root_app"] is Why.NOT_PERMITTED
    assert probe(phone(pm="package:android\n")).root_app is None


@pytest.mark.parametrize("behind", [recorded_phone({}), phone(), phone(id="uid=0(root)\n", pm=Why.TIMED_OUT)])
def test_the_planted_phone_is_found_unlocked(behind: RecordedHost) -> None:
    verdict = judge(probe(planted(CANARY, CANARIES, behind, source=LocalHost())), Limits())
    assert verdict.status is Status.FAIL
    assert CANARY.reason in {str(point.reason) for point in verdict.points}


@given(st.text(), st.text(), st.text(), st.text())
def test_any_text_is_a_fact_and_never_a_pass(properties: str, uid: str, apps: str, listed: str) -> None:
    seen = probe(phone(getprop=properties, id=uid, pm=apps, ls=listed))
    assert judge(seen, Limits()).status is not Status.PASS


@given(st.dictionaries(st.sampled_from([*LOCKED]), st.text()))
def test_any_words_of_the_start_are_judged_or_refused(found: dict[str, str]) -> None:
    with suppress(CollectError):
        assert boot(found) in set(Boot)


@pytest.mark.parametrize("cut", range(len(GOOD)))
def test_a_list_of_properties_that_was_cut_is_no_pass_unless_only_the_switch_is_missing(cut: int) -> None:
    text = "".join(getprop().splitlines(keepends=True)[:cut])
    seen = judge(probe(phone(getprop=text)), Limits())
    needed = list(GOOD).index("ro.hardware")
    assert (seen.status is Status.PASS) is (cut > needed)
