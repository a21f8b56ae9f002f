"""What counts as an answer of a phone, and what is a refusal whatever the exit status."""

import re
from collections.abc import Callable

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.answers import answer, first_of, told
from agent.collect.android.commands import LOCK, PACKAGES, READINGS, Reading
from agent.collect.host import CollectError, Output
from checks.evidence import Why

REFUSALS = [
    ("Error: java.lang.SecurityException: Shell does not have permission to access user 10", Why.NOT_PERMITTED),
    ("Security exception: no", Why.NOT_PERMITTED),
    ("Permission Denial: can't dump trust from from pid=1, uid=2000", Why.NOT_PERMITTED),
    ("Permission denied", Why.NOT_PERMITTED),
    ("Can't find service: trust", Why.TOOL_MISSING),
    ("cmd: Can't find service: trust", Why.TOOL_MISSING),
    ("/system/bin/sh: dpm: not found", Why.TOOL_MISSING),
    ("/system/bin/sh: dpm: inaccessible or not found", Why.TOOL_MISSING),
    ("*** SERVICE 'trust' DUMP TIMEOUT (10000ms) EXPIRED ***", Why.TIMED_OUT),
    ("DUMP TIMEOUT", Why.TIMED_OUT),
    ("Error with service 'trust' while dumping: FAILED_TRANSACTION", Why.TOOL_FAILED),
    ("Error: Could not access the Backup Manager.  Is the system running?", Why.TOOL_FAILED),
    ("Error dumping service info: (Broken pipe) trust", Why.TOOL_FAILED),
    ("Error dumping service info status_t: DEAD_OBJECT trust", Why.TOOL_FAILED),
    ("Exception occurred while dumping:", Why.TOOL_FAILED),
    ("Exception occurred while executing 'list':", Why.TOOL_FAILED),
    ("cmd: Failure calling service settings: Failed transaction (2147483646)", Why.TOOL_FAILED),
    ("Unknown command: list-active-admins", Why.NOT_FOUND),
    ("Unknown option -u", Why.NOT_FOUND),
]


def why(look: Callable[[], object]) -> Why:
    with pytest.raises(CollectError) as refused:
        look()
    return refused.value.why


@pytest.mark.parametrize(("line", "reason"), REFUSALS)
@pytest.mark.parametrize("before", ["", "package:android\r\n"])
def test_a_refusal_is_one_with_exit_status_0_in_either_stream_and_in_the_middle(
    line: str, reason: Why, before: str
) -> None:
    for heard in (
        Output(exit_code=0, stdout=before + line + "\r\n", stderr=""),
        Output(exit_code=0, stdout=before, stderr=line),
    ):
        host = recorded_phone({LOCK: heard})
        assert why(lambda host=host: answer(host, LOCK)) is reason  # type: ignore[misc]  # bound now, not later


@pytest.mark.parametrize("reading", [one for one in READINGS if one.keep], ids=lambda one: one.command.argv[-1])
@pytest.mark.parametrize("line", [line for line, _ in REFUSALS])
def test_a_refusal_is_never_sifted_out_on_the_phone(line: str, reading: Reading) -> None:
    assert re.search(reading.keep, line) is not None


@pytest.mark.parametrize(("status", "reason"), [(127, Why.TOOL_MISSING), (126, Why.NOT_PERMITTED)])
def test_a_program_that_is_not_there_or_not_for_us_is_told_by_its_exit_status(status: int, reason: Why) -> None:
    host = recorded_phone({LOCK: Output(exit_code=status, stdout="text", stderr="")})
    assert why(lambda: told(host, LOCK)) is reason


def test_other_exit_statuses_prove_nothing() -> None:
    assert told(recorded_phone({LOCK: Output(exit_code=1, stdout="text", stderr="warning")}), LOCK) == "text"


def test_line_ends_come_out_as_one_character() -> None:
    assert answer(recorded_phone({LOCK: "a\r\nb\r\n"}), LOCK) == "a\nb\n"


def test_grumbling_of_an_old_phones_linker_is_no_part_of_an_answer() -> None:
    grumbling = "WARNING: linker: libexample.so: unused DT entry: type 0x1d arg 0x1\r\n"
    assert answer(recorded_phone({LOCK: f"{grumbling}a\r\n{grumbling}b\r\n"}), LOCK) == "a\nb\n"
    assert told(recorded_phone({PACKAGES: grumbling}), PACKAGES) == ""
    assert answer(recorded_phone({LOCK: f"a={grumbling}"}), LOCK) == f"a={grumbling}".replace("\r", "")


@pytest.mark.parametrize(
    "line",
    [
        'WARNING: linker: Warning: "/system/lib/libexample.so" unused DT entry: unknown processor-specific (ignoring)',
        'linker: Warning: "/vendor/lib64/libexample.so" has unsupported flags DT_FLAGS_1=0x8000001 (ignoring)',
        "WARNING: generic atexit() called from legacy shared library",
        'libc: Access denied finding property "ro.vendor.example"',
    ],
)
def test_warnings_of_the_ground_under_a_program_are_no_part_of_its_answer(line: str) -> None:
    host = recorded_phone({PACKAGES: f"{line}\npackage:android\n{line}\r\npackage:org.example\n{line}"})
    assert told(host, PACKAGES) == "package:android\npackage:org.example\n"


@pytest.mark.parametrize("text", ["", " \r\n\t"])
def test_silence_is_an_answer_only_where_a_list_may_be_empty(text: str) -> None:
    host = recorded_phone({LOCK: text, PACKAGES: text})
    assert why(lambda: answer(host, LOCK)) is Why.UNPARSABLE
    assert told(host, PACKAGES).strip() == ""


def test_what_the_person_wrote_is_no_refusal() -> None:
    text = "name=Can't find service: mine\nnote=the password is not found\n"
    assert answer(recorded_phone({LOCK: text}), LOCK) == text


def answered(text: str) -> str | Why:
    try:
        return answer(recorded_phone({LOCK: text}), LOCK)
    except CollectError as error:
        return error.why


@given(st.text())
def test_any_text_is_an_answer_or_has_a_reason(text: str) -> None:
    heard = answered(text)
    assert isinstance(heard, Why) or "\r" not in heard


def refuse(reason: Why) -> Callable[[], int]:
    def look() -> int:
        raise CollectError(reason, "")

    return look


def test_the_first_look_that_sees_counts() -> None:
    assert first_of((refuse(Why.TIMED_OUT), lambda: 2, lambda: 3)) == 2


def test_where_none_sees_the_first_reason_counts() -> None:
    assert why(lambda: first_of((refuse(Why.TIMED_OUT), refuse(Why.NOT_FOUND)))) is Why.TIMED_OUT


@pytest.mark.parametrize(
    "line",
    ["Permission Denial" * 60_000, "/" * 10**6, "SERVICE '" * 110_000, "/sh: " * 200_000,
     "Could not access the " * 50_000, "Error with service 'x" * 50_000],
)  # fmt: skip
def test_a_million_characters_are_looked_through_in_one_go(line: str) -> None:
    assert answered(line) in (line, Why.NOT_PERMITTED)
