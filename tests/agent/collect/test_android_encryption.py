"""The encryption of an Android phone: two witnesses, the kinds of it, and cards."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes import phone, recorded_phone, rule_for
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import DEVICE_POLICY, KEYGUARD, LOCK, PROPERTIES, TRUST, VOLUME_LINES, VOLUMES
from agent.collect.android.encryption import (
    CANARY,
    Cipher,
    parse_machine,
    parse_properties,
    parse_status,
    parse_volumes,
    probe,
)
from agent.collect.host import CollectError, Command, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.observe import observe
from agent.collect.recorded import load
from checks.encryption.check import CHECK, Limits
from checks.encryption.fact import Encryption, Machine
from checks.evaluate import evaluate
from checks.evidence import Why
from checks.model import Status

ROOT = Path(__file__).parents[3]
RECORDINGS = ROOT / "tests" / "recordings" / "android" / "encryption"
CANARIES = ROOT / "agent" / "collect" / "android" / "canary" / "encryption"
ASKED = (PROPERTIES, DEVICE_POLICY, VOLUMES, LOCK, TRUST, KEYGUARD)
CASES = [pytest.param(path.parent, id=path.parent.name) for path in sorted(RECORDINGS.glob("*/expected.toml"))]

MOUNT = """Disks:

Volumes:
  VolumeInfo{emulated;0}:
    type=EMULATED diskId=null partGuid= mountFlags=PRIMARY|VISIBLE mountUserId=0 state=MOUNTED

Records:
"""
DISK = "Disks:\n  DiskInfo{disk:179,0}:\n    flags=SD size=64 label=x\n"
ADOPTED = "Volumes:\n  VolumeInfo{private:179,2}:\n    type=PRIVATE diskId=disk:179,0 partGuid=6b1f\n"
PUBLIC = "Volumes:\n  VolumeInfo{public:179,1}:\n    type=PUBLIC diskId=disk:179,0 partGuid=\n"
PROPS = "[ro.build.version.sdk]: [34]\n[ro.crypto.state]: [encrypted]\n[ro.crypto.type]: [file]\n"
POLICY = "Current Device Policy Manager state:\n\nEncryption Status: per-user\n"
GOOD: dict[Command, str] = {PROPERTIES: PROPS, DEVICE_POLICY: POLICY, VOLUMES: MOUNT}
BLOCK = {PROPERTIES: PROPS.replace("[file]", "[block]").replace("34", "28"), DEVICE_POLICY: "Current state:\n"}


def status(answers: dict[Command, Any], limits: Limits | None = None) -> Status:
    host = recorded_phone(answers)
    rule = rule_for(limits or Limits())
    return evaluate(CHECK, phone(), observe(probe, host), rule, now=host.now(), profile="owner").finding.status


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


def why(look: Any, given_to: Any) -> Why:
    with pytest.raises(CollectError) as refused:
        look(given_to)
    return refused.value.why


def gaps(answers: dict[Command, Any]) -> dict[str, Why]:
    return {gap.part: gap.why for gap in probe(recorded_phone(answers)).gaps}


@pytest.mark.parametrize("folder", CASES)
def test_recording_is_judged_as_its_ground_truth_says(folder: Path) -> None:
    wanted = tomllib.loads((folder / "expected.toml").read_text())["encryption"]
    fact = probe(load(str(folder), LocalHost()))
    assert status(recorded(folder)) == wanted["status"]
    assert {name: getattr(fact, name) for name in wanted.get("fact", {})} == wanted.get("fact", {})


def test_a_good_phone_is_seen_whole() -> None:
    wanted = Encryption(home=True, inside=True, system=True, swap=None, machine=Machine.REAL)
    assert probe(recorded_phone(GOOD)) == wanted
    assert status(GOOD) is Status.PASS
    assert status(GOOD, Limits(system=True)) is Status.PASS
    assert status(GOOD, Limits(swap=True)) is Status.UNKNOWN


def test_line_ends_of_old_phones_change_nothing() -> None:
    ended = {command: text.replace("\n", "\r\n") for command, text in GOOD.items()}
    assert probe(recorded_phone(ended)) == probe(recorded_phone(GOOD))


@pytest.mark.parametrize("reason", [Why.DISCONNECTED, Why.NOT_PERMITTED, Why.TIMED_OUT])
@pytest.mark.parametrize("command", GOOD)
def test_a_phone_that_does_not_answer_leaves_the_reason(command: Command, reason: Why) -> None:
    answers = {**GOOD, command: reason}
    assert status(answers) is Status.ERROR
    assert set(gaps(answers).values()) == {reason}


@pytest.mark.parametrize(
    "text", ["Can't find service: it", "Permission Denial: no", "DUMP TIMEOUT", "java.lang.SecurityException", "", "\0"]
)
@pytest.mark.parametrize("command", GOOD)
def test_a_refusal_with_exit_status_0_is_never_a_pass(command: Command, text: str) -> None:
    refused = Output(exit_code=0, stdout="", stderr=text)
    assert status({**GOOD, command: refused}) in (Status.UNKNOWN, Status.ERROR)


@pytest.mark.parametrize("behind", [{}, GOOD, dict.fromkeys(GOOD, Why.DISCONNECTED)])
def test_the_canary_is_seen_on_any_phone(behind: dict[Command, Any]) -> None:
    host = planted(CANARY, CANARIES, recorded_phone(behind), source=LocalHost())
    examined = evaluate(CHECK, phone(), observe(probe, host), rule_for(Limits()), now=host.now(), profile="owner")
    assert examined.finding.status is Status.FAIL
    assert CANARY.reason in [str(point.reason) for point in examined.points]


def mutants(text: str) -> Iterator[str]:
    """The text cut after each line, and without each line."""
    lines = text.splitlines(keepends=True)
    for number in range(len(lines)):
        yield "".join(lines[:number])
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
    assert isinstance(probe(recorded_phone({**GOOD, command: text})), Encryption)


@pytest.mark.parametrize(
    "text",
    ["x" * 10**6, " " * 10**6, "Encryption Status: " * 50_000, "Disks:\n" * 150_000, "VolumeInfo{" * 90_000,
     "Disks:\nVolumes:\n  VolumeInfo{private}:\n" + "    type=A diskId=" * 60_000 + "\nRecords:\n"],
)  # fmt: skip
def test_a_million_characters_are_read_in_one_go(text: str) -> None:
    assert why(parse_volumes, text) is Why.UNPARSABLE
    answers = {**GOOD, PROPERTIES: PROPS.replace("34", "30"), DEVICE_POLICY: text}
    assert probe(recorded_phone(answers)).home in (True, None)


@pytest.mark.parametrize(
    ("state", "kind", "cipher"),
    [
        ("encrypted", "file", Cipher.FILES), ("encrypted", "block", Cipher.DISK), ("unencrypted", "", Cipher.PLAIN),
        ("unencrypted", "file", Cipher.PLAIN), ("unsupported", "", Cipher.PLAIN),
    ],
)  # fmt: skip
def test_properties_name_the_kind(state: str, kind: str, cipher: Cipher) -> None:
    assert parse_properties({"ro.crypto.state": state, "ro.crypto.type": kind}) is cipher


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        ({}, Why.NOT_SAID),
        ({"ro.crypto.state": "", "ro.crypto.type": "file"}, Why.NOT_SAID),
        ({"ro.crypto.state": "encrypted"}, Why.UNPARSABLE),
        ({"ro.crypto.state": "encrypted", "ro.crypto.type": "managed"}, Why.UNPARSABLE),
        ({"ro.crypto.state": "ENCRYPTED", "ro.crypto.type": "file"}, Why.UNPARSABLE),
    ],
)
def test_properties_that_say_too_little_are_not_seen(found: dict[str, str], reason: Why) -> None:
    assert why(parse_properties, found) is reason


@pytest.mark.parametrize(
    ("line", "ciphers"),
    [
        ("Encryption Status: per-user", {Cipher.FILES}), ("  Encryption Status: per-user  ", {Cipher.FILES}),
        ("Encryption Status: block", {Cipher.DISK}), ("Encryption Status: block default key", {Cipher.DISK}),
        ("Encryption Status: default-key", {Cipher.DISK}), ("Encryption Status: active", {Cipher.FILES, Cipher.DISK}),
        ("Encryption Status: inactive", {Cipher.PLAIN}), ("Encryption Status: unsupported", {Cipher.PLAIN}),
    ],
)  # fmt: skip
def test_the_service_has_its_own_words(line: str, ciphers: set[Cipher]) -> None:
    assert parse_status(f"Current state:\n{line}\nrest\n") == ciphers
    assert parse_status(f"{line}\n{line}") == ciphers


def test_a_service_without_a_word_says_nothing() -> None:
    assert parse_status("Current state:\n  note=Encryption Status: per-user\n") is None


@pytest.mark.parametrize(
    "text", ["Encryption Status: activating", "Encryption Status: per-user\nEncryption Status: inactive"]
)
def test_a_word_that_we_do_not_know_and_two_words_are_not_understood(text: str) -> None:
    assert why(parse_status, text) is Why.UNPARSABLE


@pytest.mark.parametrize(
    ("properties", "word", "home"),
    [
        ("file", "per-user", True), ("file", "active", True), ("file", "block", None), ("file", "inactive", None),
        ("block", "per-user", None), ("block", "block default key", True),
    ],
)  # fmt: skip
def test_both_witnesses_must_agree(properties: str, word: str, home: bool | None) -> None:
    answers = {
        PROPERTIES: PROPS.replace("[file]", f"[{properties}]"),
        DEVICE_POLICY: POLICY.replace("per-user", word),
        LOCK: "    User 0\n        SID = 7\n",
    }
    assert probe(recorded_phone(answers)).home is home
    assert gaps(answers).get("home") == (None if home else Why.NOT_SAID)


@pytest.mark.parametrize(("sdk", "home"), [(26, True), (30, True), (31, None), (37, None)])
def test_the_service_must_speak_from_android_12_on(sdk: int, home: bool | None) -> None:
    answers = {PROPERTIES: PROPS.replace("34", str(sdk)), DEVICE_POLICY: "Current state:\n"}
    assert probe(recorded_phone(answers)).home is home


def test_whether_it_must_is_not_known_without_the_version() -> None:
    answers = {PROPERTIES: PROPS.replace("[34]", "[?]"), DEVICE_POLICY: "Current state:\n"}
    assert gaps(answers)["home"] is Why.UNPARSABLE


@pytest.mark.parametrize(
    ("lock", "home", "reason"),
    [
        ("    User 0\n        SID = 7\n", True, None),
        ("    User 0\n        SID = 0\n", None, Why.NOT_SAID),
        (Why.TIMED_OUT, None, Why.TIMED_OUT),
    ],
)
def test_a_disk_that_is_encrypted_whole_counts_only_with_a_credential(
    lock: Any, home: bool | None, reason: Why | None
) -> None:
    assert probe(recorded_phone({**BLOCK, LOCK: lock})).home is home
    assert gaps({**BLOCK, LOCK: lock}).get("home") is reason


@pytest.mark.parametrize(
    "text",
    [
        MOUNT,
        MOUNT.replace("emulated;0", "emulated"),
        MOUNT.replace("Disks:\n", DISK).replace("Volumes:\n", ADOPTED),
        MOUNT + "  VolumeRecord:\n    type=PUBLIC fsUuid=4E1A-07D2 partGuid= \n",
        "\n".join(line for line in MOUNT.splitlines() if line),
    ],
)
def test_without_a_card_nothing_lies_outside(text: str) -> None:
    assert parse_volumes(text) is True


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (MOUNT.replace("Disks:\n", DISK).replace("Volumes:\n", PUBLIC), Why.NOT_SAID),
        (MOUNT.replace("Volumes:\n", PUBLIC), Why.NOT_SAID),
        (MOUNT.replace("Disks:\n", DISK), Why.NOT_SAID),
        (MOUNT.replace("Disks:\n", DISK).replace("Volumes:\n", ADOPTED + PUBLIC.removeprefix("Volumes:\n")),
         Why.NOT_SAID),
        (MOUNT.replace("Disks:\n", DISK).replace("Volumes:\n", ADOPTED.replace("179,0", "8,0")), Why.NOT_SAID),
        (MOUNT.replace("Volumes:\n", "Volumes:\n  VolumeInfo{stub:18}:\n"), Why.NOT_SAID),
        (MOUNT.replace("Volumes:\n", "Volumes:\n  VolumeInfo{odd name}:\n"), Why.UNPARSABLE),
        (MOUNT.replace("Disks:\n", "Disks:\n  DiskInfo{odd}:\n"), Why.UNPARSABLE),
        (MOUNT.replace("  VolumeInfo{emulated;0}:\n", ""), Why.UNPARSABLE),
        (MOUNT.replace("Records:\n", ""), Why.UNPARSABLE),
        (MOUNT.replace("Disks:\n", ""), Why.UNPARSABLE),
        (MOUNT + MOUNT, Why.UNPARSABLE),
    ],
)  # fmt: skip
def test_a_card_and_a_list_that_is_not_whole_leave_it_open(text: str, reason: Why) -> None:
    assert why(parse_volumes, text) is reason


@pytest.mark.parametrize("folder", CASES)
def test_the_lines_that_leave_the_phone_suffice(folder: Path) -> None:
    answers = recorded(folder)
    heard = answers[VOLUMES]
    kept = [line for line in heard.stdout.splitlines(keepends=True) if re.search(VOLUME_LINES, line)]
    assert not [line for line in kept if "Label" in line or "path=" in line]
    assert probe(recorded_phone({**answers, VOLUMES: "".join(kept)})) == probe(recorded_phone(answers))


@pytest.mark.parametrize(
    ("found", "machine"),
    [
        ({}, Machine.REAL), ({"ro.boot.qemu": "0", "ro.kernel.qemu": ""}, Machine.REAL),
        ({"ro.boot.qemu": "1"}, Machine.VIRTUAL), ({"ro.kernel.qemu": "1"}, Machine.VIRTUAL),
    ],
)  # fmt: skip
def test_an_emulator_says_so(found: dict[str, str], machine: Machine) -> None:
    assert parse_machine(found) is machine
