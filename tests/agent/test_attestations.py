"""The person's own word, from the command line over the file on the laptop into the report."""

import json
import os
import re
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from attestation_parts import BAD, LOCK, MORE_OPEN, OPEN, OTHER, WELL, Counting, audited, probe
from fakes import NOON, laptop
from hypothesis import given as drawn
from hypothesis import strategies as st

from agent.attestations import AHEAD, FILE, MOST, Attestations, Saying, attestations, give, heard, sayings, withdraw
from agent.collect.host import LocalHost
from agent.exits import WrongUse
from agent.runner import Audit, refreshed
from checks.attest import Statement
from checks.evidence import Why
from checks.model import Attestation, Finding, Overall, Status, Word
from checks.spec import Saw
from reports.envelope import to_bytes

DOOR = LocalHost(environ={"HOME": "/"})
DAY = timedelta(days=1)
ON, OFF = Saying(check_id="screen_lock", saw=Word.ON), Saying(check_id="screen_lock", saw=Word.OFF)
PHOTOS = replace(OTHER, id="cloud_backup", saw=Saw(good=Word.OFF, bad=Word.ON))
CHECKS = (LOCK, OTHER, PHOTOS)


def lock(done: Audit) -> Finding:
    return done.report.findings[0]


def say(state: Path, done: Audit, said: Saying = ON) -> Audit:
    (answer,) = heard([done], [said], state, DOOR).audits
    return answer


def kept(state: Path) -> tuple[Statement, ...]:
    found = attestations(state, DOOR)
    assert found.problem == ""
    return found.given


def test_word_is_kept_counts_and_leaves_the_status_as_it_is(tmp_path: Path) -> None:
    before = audited(OPEN)
    done = say(tmp_path / "state", before)
    assert (before.report.overall, done.report.overall) == (Overall.CANNOT_TELL, Overall.COMPLIANT)
    assert lock(done).status is Status.UNKNOWN
    assert lock(done).attestation == Attestation(saw=Word.ON, at=NOON, until=NOON + 30 * DAY, counts=True)
    assert done.report.id == before.report.id
    assert (tmp_path / "state" / FILE).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("fact", "after", "carries"),
    [
        (OPEN, 0 * DAY, True), (OPEN, 29 * DAY, True), (OPEN, 30 * DAY, False),
        (MORE_OPEN, DAY, False), (WELL, DAY, False), (BAD, DAY, False), (Why.TIMED_OUT, DAY, False),
        (Why.NO_SESSION, DAY, False),
    ],
)  # fmt: skip
def test_next_audit_carries_the_word_while_it_covers_what_is_open(
    tmp_path: Path, fact: Any, after: timedelta, carries: bool
) -> None:
    say(tmp_path, audited(OPEN))
    later = audited(fact, at=NOON + after, statements=kept(tmp_path))
    assert (lock(later).attestation is not None) is carries
    assert (later.report.overall is Overall.COMPLIANT) is (carries or fact is WELL)


def test_policy_that_does_not_count_it_still_gets_to_see_it(tmp_path: Path) -> None:
    done = say(tmp_path, audited(OPEN, policy=Counting(attestation_counts=False, attestation_days=7)))
    assert done.report.overall is Overall.CANNOT_TELL
    assert lock(done).attestation == Attestation(saw=Word.ON, at=NOON, until=NOON + 7 * DAY, counts=False)


def test_bad_news_is_kept_for_the_practice_and_never_counts(tmp_path: Path) -> None:
    done = say(tmp_path, audited(OPEN), OFF)
    assert done.report.overall is Overall.CANNOT_TELL
    assert lock(done).attestation == Attestation(saw=Word.OFF, at=NOON, until=NOON + 30 * DAY, counts=False)


def test_newer_word_takes_the_place_of_the_older(tmp_path: Path) -> None:
    say(tmp_path, audited(OPEN), OFF)
    done = say(tmp_path, audited(OPEN, at=NOON + DAY))
    (one,) = kept(tmp_path)
    assert (one.saw, one.at) == (Word.ON, NOON + DAY)
    assert lock(done).attestation is not None


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        (BAD, "the device itself shows what is to fix"),
        (WELL, "the device itself shows that all is well"),
        (Why.NOT_PERMITTED, "it couldn't be looked at this time"),
        (Why.NO_SESSION, "a look does not settle all that is open there, so ask your IT lead"),
        (Why.NOT_ASKED, "a look does not settle all that is open there, so ask your IT lead"),
    ],
)
def test_word_on_what_is_not_open_is_not_kept_and_the_person_is_told(tmp_path: Path, fact: Any, said: str) -> None:
    done = audited(fact)
    answer = heard([done], [ON], tmp_path, DOOR)
    assert answer.audits == (done,)
    assert f"What you saw of screen lock isn't kept: {said}" in answer.notes[0]
    assert not (tmp_path / FILE).exists()


def test_word_on_a_check_that_was_not_made_is_told(tmp_path: Path) -> None:
    answer = heard([audited(OPEN)], [Saying(check_id="cloud_backup", saw=Word.OFF)], tmp_path, DOOR)
    assert answer.notes == ("What you saw of photo upload isn't kept: no device that was checked is asked about it.",)


def test_nothing_said_changes_nothing(tmp_path: Path) -> None:
    done = audited(OPEN)
    assert heard([done], [], tmp_path, DOOR).audits == (done,)
    assert list(tmp_path.iterdir()) == []


PHONE = laptop(id="99999999-2222-4333-8444-555555555555")


def test_of_two_devices_in_doubt_the_person_must_name_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"screen lock can't be told on 2 devices: .* --device"):
        heard([audited(OPEN), audited(OPEN, device=PHONE)], [ON], tmp_path, DOOR)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", [WELL, BAD, Why.TIMED_OUT])
def test_word_goes_to_the_one_device_that_is_in_doubt(tmp_path: Path, other: Any) -> None:
    first, second = heard([audited(other), audited(OPEN, device=PHONE)], [ON], tmp_path, DOOR).audits
    assert (lock(first).attestation, lock(second).attestation is not None) == (None, True)
    assert [one.uid for one in kept(tmp_path)] == [lock(second).uid]


def test_word_that_cannot_be_kept_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "state").touch()
    done = audited(OPEN)
    answer = heard([done], [ON], tmp_path / "state", DOOR)
    assert answer.audits == (done,)
    (note,) = answer.notes
    assert note.startswith("What you saw could not be kept on this laptop, so it doesn't count:")
    assert str(tmp_path) not in note


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["cloud_backup=off"], [("cloud_backup", "off")]),
        (["cloud-backup = OFF", "screen_lock=on"], [("cloud_backup", "off"), ("screen_lock", "on")]),
        (["cloud_backup=on"], [("cloud_backup", "on")]),
        ([], []),
    ],
)
def test_words_on_the_command_line_are_read(values: list[str], said: list[tuple[str, str]]) -> None:
    found = sayings(values, CHECKS, recording=False, trial=False)
    assert [(one.check_id, one.saw) for one in found] == said


ALLOWED = re.escape("There are: screen_lock=on|off, cloud_backup=off|on")


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["updates=on"], ALLOWED), (["shared_use=on"], ALLOWED), (["=off"], ALLOWED), ([""], ALLOWED),
        (["x\x1b[2J=off"], r'--saw "x\\x1b\[2J": nothing'),
        (["cloud_backup"], 'expected off or on, not ""'), (["cloud_backup=no"], 'expected off or on, not "no"'),
        (["cloud_backup=limited"], "expected off or on"), (["cloud_backup=off=on"], 'not "off=on"'),
        (["cloud_backup=\x1b[2J"], r'not "\\x1b\[2j"'),
        (["cloud_backup=off", "cloud-backup=on"], "twice"),
    ],
)  # fmt: skip
def test_wrong_words_are_refused_with_those_that_are_allowed(values: list[str], said: str) -> None:
    with pytest.raises(WrongUse, match=said):
        sayings(values, CHECKS, recording=False, trial=False)


def test_without_anything_to_look_up_that_is_said() -> None:
    with pytest.raises(WrongUse, match="There are: none"):
        sayings(["screen_lock=on"], (OTHER,), recording=False, trial=False)


def test_recording_and_trial_take_no_word() -> None:
    with pytest.raises(WrongUse, match="not with --from"):
        sayings(["cloud_backup=off"], CHECKS, recording=True, trial=False)
    with pytest.raises(WrongUse, match="leave --policy away"):
        sayings(["cloud_backup=off"], CHECKS, recording=False, trial=True)
    assert sayings([], CHECKS, recording=True, trial=True) == ()


def test_fault_that_the_device_shows_ends_the_word_for_good(tmp_path: Path) -> None:
    say(tmp_path, audited(OPEN))
    bad = audited(BAD, at=NOON + DAY, statements=kept(tmp_path))
    (note,) = withdraw(tmp_path, DOOR, bad.report.findings)
    assert note == "What you saw of screen lock counts no more: the device itself shows what is to fix."
    again = audited(OPEN, at=NOON + DAY, statements=kept(tmp_path))
    assert (lock(again).attestation, again.report.overall) == (None, Overall.CANNOT_TELL)
    assert withdraw(tmp_path, DOOR, bad.report.findings) == ()


@pytest.mark.parametrize("fact", [OPEN, MORE_OPEN, WELL, Why.TIMED_OUT])
def test_word_outlives_an_audit_that_shows_no_fault(tmp_path: Path, fact: Any) -> None:
    say(tmp_path, audited(OPEN))
    before = (tmp_path / FILE).stat()
    assert withdraw(tmp_path, DOOR, audited(fact).report.findings) == ()
    assert (tmp_path / FILE).stat().st_ino == before.st_ino, "not even written again"
    assert len(kept(tmp_path)) == 1


def test_word_that_cannot_be_taken_back_is_told_without_a_path(tmp_path: Path) -> None:
    say(tmp_path, audited(OPEN))
    (tmp_path / f"{FILE}.lock").unlink()
    (tmp_path / f"{FILE}.lock").mkdir()
    (note,) = withdraw(tmp_path, DOOR, audited(BAD, at=NOON + DAY).report.findings)
    assert "can't be brought up to date on this laptop: Is a directory" in note


def test_partial_audit_judges_the_words_of_the_whole_anew(tmp_path: Path) -> None:
    say(tmp_path, audited(OPEN))
    last = audited(OPEN, statements=kept(tmp_path))
    fresh = audited(OPEN, checks=(OTHER,), probes={"shared_use": probe(WELL)}, at=NOON + DAY)
    assert refreshed(last, fresh, (), kept(tmp_path)).report.overall is Overall.COMPLIANT
    taken_back = refreshed(last, fresh, (), ())
    assert (taken_back.report.overall, lock(taken_back).attestation) == (Overall.CANNOT_TELL, None)
    assert set(taken_back.terms) == {"screen_lock"}
    ended = replace(fresh, report=replace(fresh.report, generated_at=NOON + 30 * DAY))
    assert refreshed(last, ended, (), kept(tmp_path)).report.overall is Overall.CANNOT_TELL


def test_partial_audit_that_finds_more_open_ends_the_word(tmp_path: Path) -> None:
    say(tmp_path, audited(OPEN))
    last = audited(OPEN, statements=kept(tmp_path))
    fresh = audited(MORE_OPEN, checks=(LOCK,), statements=kept(tmp_path))
    assert lock(refreshed(last, fresh, (), kept(tmp_path))).attestation is None
    shown = audited(OPEN, checks=(LOCK,), statements=kept(tmp_path))
    assert lock(refreshed(last, shown, (), kept(tmp_path))).attestation == lock(last).attestation


def statement(number: int = 1, **changes: Any) -> Statement:
    values: dict[str, Any] = {
        "uid": f"11111111-1111-5111-8111-{number:012d}", "saw": Word.OFF, "at": NOON, "until": NOON + 30 * DAY,
        "covers": frozenset({"a" * 32, "b" * 32}),
    }  # fmt: skip
    return Statement(**{**values, **changes})


def test_what_is_given_is_read_back(tmp_path: Path) -> None:
    first, second = statement(1), statement(2, saw=Word.LIMITED, until=NOON + DAY)
    assert give(tmp_path, DOOR, [first, second], now=NOON) == (first, second)
    assert kept(tmp_path) == (first, second)


def test_no_file_is_nothing_said(tmp_path: Path) -> None:
    assert attestations(tmp_path / "nowhere", DOOR) == Attestations()


def test_oldest_words_make_room(tmp_path: Path) -> None:
    old = [statement(number, at=NOON - timedelta(seconds=300 - number), until=NOON + DAY) for number in range(MOST)]
    give(tmp_path, DOOR, reversed(old), now=NOON)
    assert kept(tmp_path) == tuple(old)
    give(tmp_path, DOOR, [statement(MOST + 1)], now=NOON)
    assert kept(tmp_path) == (*old[1:], statement(MOST + 1))


@pytest.mark.parametrize(
    ("now", "stays"),
    [
        (NOON, True), (NOON + 30 * DAY - timedelta(seconds=1), True), (NOON + 30 * DAY, False), (NOON - AHEAD, True),
        (NOON - AHEAD - timedelta(seconds=1), False),
    ],
)  # fmt: skip
def test_words_that_ended_or_are_of_another_clock_make_room(tmp_path: Path, now: Any, stays: bool) -> None:
    give(tmp_path, DOOR, [statement(1)], now=NOON)
    fresh = statement(2, at=now, until=now + DAY)
    assert set(give(tmp_path, DOOR, [fresh], now=now)) == ({statement(1), fresh} if stays else {fresh})


def rows(*given: Any) -> Any:
    return {"schema": "scrubin/attestations/1", "words": list(given)}


GOOD = {
    "uid": "11111111-1111-5111-8111-000000000001", "saw": "off", "at": "2026-11-21T12:00:00Z",
    "until": "2026-12-21T12:00:00Z", "covers": ["a" * 32],
}  # fmt: skip


def test_file_of_the_documented_form_is_read(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(json.dumps(rows(GOOD)))
    assert kept(tmp_path) == (statement(1, covers=frozenset({"a" * 32})),)


def test_longest_file_that_we_write_is_read(tmp_path: Path) -> None:
    covers = frozenset(f"{number:032x}" for number in range(100))
    full = [statement(number, covers=covers) for number in range(MOST)]
    assert MOST == 200
    assert give(tmp_path, DOOR, full, now=NOON) == kept(tmp_path) == tuple(full)


@pytest.mark.parametrize(
    "body",
    [
        None, 7, [], {}, "", "x", {"schema": "scrubin/attestations/1"}, {**rows(), "more": 1},
        {**rows(), "schema": "scrubin/attestations/2"}, {**rows(), "words": {}}, rows(7), rows([]), rows("word"),
        rows({}), rows({**GOOD, "more": 1}), rows(GOOD, GOOD), rows({**GOOD, "uid": "me"}), rows({**GOOD, "uid": 1}),
        rows({**GOOD, "saw": "well"}), rows({**GOOD, "saw": []}), rows({**GOOD, "at": 1}), rows({**GOOD, "at": "now"}),
        rows({**GOOD, "until": GOOD["at"]}), rows({**GOOD, "until": "2026-12-21T12:00:01Z"}),
        rows({**GOOD, "until": "9999-12-31T23:59:59Z", "at": "9999-12-30T00:00:00Z"}),
        rows({**GOOD, "until": "2026-11-20T12:00:00Z"}), rows({**GOOD, "covers": []}), rows({**GOOD, "covers": "a"}),
        rows({**GOOD, "covers": ["a" * 31]}), rows({**GOOD, "covers": [7]}), rows({**GOOD, "covers": ["A" * 32]}),
        rows({**GOOD, "covers": [f"{number:032x}" for number in range(101)]}),
        rows(*({**GOOD, "uid": f"11111111-1111-5111-8111-{number:012d}"} for number in range(MOST + 1))),
    ],
)  # fmt: skip
def test_wrong_file_attests_nothing_and_says_so(tmp_path: Path, body: Any) -> None:
    (tmp_path / FILE).write_text(json.dumps(body))
    found = attestations(tmp_path, DOOR)
    assert found.given == ()
    assert "was refused, so none of it counts: it is damaged, or of another version." in found.problem


@pytest.mark.parametrize(
    "make", [lambda path: path.mkdir(), os.mkfifo, lambda path: path.write_bytes(b"x" * (2 << 20))]
)
def test_what_is_no_small_file_attests_nothing_and_never_waits(tmp_path: Path, make: Any) -> None:
    make(tmp_path / FILE)
    found = attestations(tmp_path, DOOR)
    assert found.given == ()
    assert "it can't be read" in found.problem
    assert str(tmp_path) not in found.problem


@drawn(st.binary(max_size=300) | st.text(max_size=100).map(str.encode) | st.just(b"[" * 100_000))
def test_any_bytes_are_words_or_a_problem(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.mktemp("state")
    (folder / FILE).write_bytes(data)
    assert attestations(folder, DOOR).problem


def test_refused_file_is_replaced_by_the_next_word(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("{")
    give(tmp_path, DOOR, [statement()], now=NOON)
    assert kept(tmp_path) == (statement(),)


def test_writers_at_once_lose_no_word(tmp_path: Path) -> None:
    gate = threading.Barrier(8)

    def one(number: int) -> Sequence[Statement]:
        gate.wait()
        return give(tmp_path, DOOR, [statement(number)], now=NOON)

    for round_ in range(5):
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(round_ * 8, round_ * 8 + 8)))
        assert len(kept(tmp_path)) == round_ * 8 + 8


def test_file_holds_no_name_of_what_was_unclear(tmp_path: Path) -> None:
    say(tmp_path, audited(OPEN))
    text = (tmp_path / FILE).read_text()
    assert "grace" not in text
    assert set(json.loads(text)["words"][0]) == {"uid", "saw", "at", "until", "covers"}


def test_what_a_word_covers_stays_on_the_laptop(tmp_path: Path) -> None:
    done = say(tmp_path, audited(OPEN))
    (one,) = kept(tmp_path)
    assert one.covers
    assert not any(name in to_bytes(done.report).decode() for name in one.covers)
