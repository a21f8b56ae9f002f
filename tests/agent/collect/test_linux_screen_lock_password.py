"""The account's password: letters of passwd -S, and the group that opens the door."""

import pytest
from fakes import recorded_host
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.host import CollectError, Output
from agent.collect.linux.screen_lock_password import has_password, parse
from agent.collect.recorded import RecordedHost
from checks.evidence import Why

GROUPS = "root:x:0:\nsudo:x:27:clin\n"


def host(answer: str | Output | Why, groups: str | Why = GROUPS) -> RecordedHost:
    return recorded_host(commands={"passwd -S": answer}, files={"/etc/group": groups})


def refusal(answer: str | Output | Why, groups: str | Why = GROUPS) -> Why:
    with pytest.raises(CollectError) as caught:
        has_password(host(answer, groups))
    return caught.value.why


@pytest.mark.parametrize(
    "line", ["clin P 2026-11-21 0 99999 7 -1\n", "clin P 11/21/2026 0 99999 7 -1\n", "clin PS x\n"]
)
def test_a_password_is_seen_whatever_the_date_looks_like(line: str) -> None:
    assert has_password(host(line)) is True


def test_no_password_is_seen() -> None:
    assert has_password(host("clin NP 2026-11-21 0 99999 7 -1\n")) is False


@pytest.mark.parametrize("letter", ["L", "LK"])
def test_a_locked_password_may_stand_beside_another_key(letter: str) -> None:
    assert refusal(f"clin {letter} 2026-11-21\n") is Why.NOT_SAID


@pytest.mark.parametrize(
    "line", ["root P 2026-11-21\n", "", "clin\n", "clin ? x\n", "Kennwort P\n", "\n\n", "clin p x\n"]
)
def test_another_answer_is_not_guessed(line: str) -> None:
    assert refusal(line) is Why.UNPARSABLE


def test_a_refusal_is_no_answer_even_beside_one() -> None:
    answer = Output(exit_code=1, stdout="clin P 2026-11-21\n", stderr="passwd: You may not view\n")
    assert refusal(answer) is Why.TOOL_FAILED


@pytest.mark.parametrize("why", [Why.TOOL_MISSING, Why.TIMED_OUT, Why.TOO_LARGE])
def test_the_doors_reasons_come_through(why: Why) -> None:
    assert refusal(why) is why


@pytest.mark.parametrize("members", ["clin", "a,clin", "a, clin ,b"])
def test_leave_to_sign_in_without_a_password_is_none(members: str) -> None:
    groups = f"{GROUPS}nopasswdlogin:x:998:{members}\n"
    assert has_password(host("clin P 2026-11-21\n", groups)) is False
    assert has_password(host("clin L 2026-11-21\n", groups)) is False


@pytest.mark.parametrize(
    "line", ["nopasswdlogin:x:998:", "nopasswdlogin:x:998:clinic,aclin", "other:x:1:clin", "nopasswdlogin:clin"]
)
def test_others_leave_is_not_ours(line: str) -> None:
    assert has_password(host("clin P 2026-11-21\n", f"{line}\n")) is True


@pytest.mark.parametrize("why", [Why.NOT_FOUND, Why.NOT_PERMITTED])
def test_groups_that_cannot_be_read_hide_the_answer(why: Why) -> None:
    assert refusal("clin P 2026-11-21\n", why) is why
    assert has_password(host("clin NP 2026-11-21\n", why)) is False


@given(st.text())
def test_any_text_is_a_state_or_an_error(text: str) -> None:
    try:
        answer: object = parse(text, "clin")
    except CollectError as error:
        answer = error.why
    assert answer in {True, False, None, Why.UNPARSABLE}


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ("Name:\tpython3\nNoNewPrivs:\t1\n", Why.UNTRUSTED_CONTEXT),
        ("Name:\tpython3\nNoNewPrivs:\t0\n", Why.NOT_SAID),
        (Why.NOT_PERMITTED, Why.NOT_PERMITTED),
    ],
)
def test_in_a_sandbox_a_locked_password_says_nothing(status: str | Why, why: Why) -> None:
    host = recorded_host(
        files={"/etc/group": "", "/proc/self/status": status}, commands={"passwd -S": "clin L 2026-11-21 0 -1\n"}
    )
    with pytest.raises(CollectError) as caught:
        has_password(host)
    assert caught.value.why is why
