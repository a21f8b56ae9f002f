"""Whatever is done to a recording of a phone's clouds, it does not come out better, and the canary is always found."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes import phone, recorded_host, rule_for
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.collect.android import commands
from agent.collect.android.cloud_backup import CANARY, probe
from agent.collect.host import Host, LocalHost, Output
from agent.collect.layered import planted
from agent.collect.observe import observe
from agent.runner import CANARIES
from checks.cloud_backup.check import CHECK, Limits
from checks.cloud_backup.fact import CloudBackup
from checks.evaluate import evaluate
from checks.evidence import Observed, Why
from checks.model import Finding, Status

ROOT = Path(__file__).parents[2] / "recordings" / "android" / "cloud"
CASES = sorted(path.name for path in ROOT.iterdir())
Answers = dict[tuple[str, ...], str | Output | Why]


def answers(case: str) -> Answers:
    """A recording as a table that a test can change."""
    found: Answers = {}
    for one in tomllib.loads((ROOT / case / "recording.toml").read_text())["command"]:
        text = (ROOT / case / one["stdout"]).read_text() if "stdout" in one else one.get("stdout_text", "")
        heard = Output(exit_code=one.get("exit_code", 0), stdout=text, stderr=one.get("stderr_text", ""))
        found[tuple(one["argv"])] = Why(one["error"]) if "error" in one else heard
    return found


def host_of(told: Answers) -> Host:
    return recorded_host(commands=told, complete=False, platform="android")


def finding(told: Answers | Host) -> Finding:
    host = host_of(told) if isinstance(told, dict) else told
    return evaluate(
        CHECK, phone(), observe(probe, host), rule_for(Limits()), now=host.now(), profile="owner"
    ).finding  # fmt: skip


def text(case: Answers, argv: tuple[str, ...]) -> str:
    heard = case[argv]
    return heard.stdout if isinstance(heard, Output) else ""


@pytest.mark.parametrize("case", CASES)
def test_the_canary_is_found_on_every_phone(case: str) -> None:
    for told_ in (answers(case), {}):
        behind = host_of(told_)
        got = finding(planted(CANARY, CANARIES / "android" / "canary" / "cloud_backup", behind, source=LocalHost()))
        assert got.status is Status.FAIL
        assert CANARY.reason in got.measures["reasons"]  # type: ignore[operator]


# Whatever is done to a recording, it does not come out better.

BAD = [case for case in CASES if finding(answers(case)).status is not Status.PASS]


def shortened(case: Answers) -> Iterator[Answers]:
    """Every answer cut after each of its lines, in the middle of one, left out, or without one of its lines."""
    for argv in case:
        lines = text(case, argv).splitlines(keepends=True)
        yield {key: value for key, value in case.items() if key != argv}
        for number, line in enumerate(lines):
            yield {**case, argv: "".join(lines[:number])}
            yield {**case, argv: "".join(lines[:number]) + line[: len(line) // 2]}
            yield {**case, argv: "".join((*lines[:number], *lines[number + 1 :]))}


@pytest.mark.parametrize("case", BAD)
def test_a_cut_recording_never_becomes_a_pass(case: str) -> None:
    for told_ in shortened(answers(case)):
        assert finding(told_).status is not Status.PASS


@pytest.mark.parametrize("case", BAD)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_recording_without_a_section_never_becomes_a_pass(case: str, data: st.DataObject) -> None:
    told_ = answers(case)
    argv = data.draw(st.sampled_from(sorted(told_)))
    lines = text(told_, argv).splitlines(keepends=True)
    start = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(start, len(lines)))
    assert finding({**told_, argv: "".join((*lines[:start], *lines[end:]))}).status is not Status.PASS


@pytest.mark.parametrize("case", CASES)
def test_line_ends_of_another_kind_change_nothing(case: str) -> None:
    told_ = answers(case)
    crlf = {argv: one if isinstance(one, Why) else Output(
        exit_code=one.exit_code, stdout=one.stdout.replace("\n", "\r\n"), stderr=one.stderr.replace("\n", "\r\n")
    ) for argv, one in told_.items() if not isinstance(one, str)}  # fmt: skip
    assert finding(crlf).measures == finding(told_).measures


def test_users_in_another_order_change_nothing() -> None:
    told_ = answers("xiaomi-a9-gallery-syncs")
    heads, *users = text(told_, commands.ACCOUNTS.argv).split("User UserInfo")
    turned = heads + "".join(f"User UserInfo{one}" for one in reversed(users))
    assert turned != text(told_, commands.ACCOUNTS.argv)
    assert finding({**told_, commands.ACCOUNTS.argv: turned}).measures == finding(told_).measures


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_text_in_any_answer_is_a_fact_or_a_reason(data: st.DataObject) -> None:
    told_ = answers(data.draw(st.sampled_from(CASES)))
    argv = data.draw(st.sampled_from(sorted(reading.command.argv for reading in commands.READINGS)))
    host = host_of({**told_, argv: data.draw(st.text())})
    evidence = observe(probe, host)
    assert isinstance(evidence, Observed)
    assert isinstance(evidence.fact, CloudBackup)
