"""The file of the person's words beside a simple model: words given, taken back, files damaged, time going on."""

import tempfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from attestation_parts import BAD, OPEN, audited
from fakes import NOON
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from agent.attestations import AHEAD, FILE, attestations, give, withdraw
from agent.collect.host import LocalHost
from checks.attest import Statement
from checks.model import Finding, Status, Word

DOOR = LocalHost(environ={"HOME": "/"})
FAILING = audited(BAD).report.findings[0]
UIDS = [f"11111111-1111-5111-8111-{number:012d}" for number in range(4)]
NAMES = st.frozensets(st.sampled_from(["a" * 32, "b" * 32, "0123456789abcdef" * 2]), min_size=1)


class Words(RuleBasedStateMachine):
    """`expected` is what the file must hold."""

    @initialize()
    def begin(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        self.state = Path(self.folder.name) / "state"
        self.expected: dict[str, Statement] = {}
        self.now = NOON
        self.damaged = False

    def teardown(self) -> None:
        if hasattr(self, "folder"):
            self.folder.cleanup()

    @rule(uid=st.sampled_from(UIDS), saw=st.sampled_from(Word), days=st.integers(1, 30), covers=NAMES)
    def gives(self, uid: str, saw: Word, days: int, covers: frozenset[str]) -> None:
        fresh = Statement(uid=uid, saw=saw, at=self.now, until=self.now + timedelta(days=days), covers=covers)
        before = {} if self.damaged else self.expected
        running = {one.uid: one for one in before.values() if one.at <= self.now + AHEAD and self.now < one.until}
        self.expected, self.damaged = {**running, uid: fresh}, False
        assert self.by_uid(give(self.state, DOOR, [fresh], now=self.now)) == self.expected

    @rule(hours=st.integers(-100, 1000))
    def time_goes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(uids=st.sets(st.sampled_from(UIDS)), status=st.sampled_from(Status))
    def audit_is_made(self, uids: set[str], status: Status) -> None:
        findings = [replace(FAILING, uid=uid, status=status, observed_at=self.now) for uid in sorted(uids)]
        notes = withdraw(self.state, DOOR, findings)
        gone = self.belied(findings)
        assert len(notes) == len(gone)
        self.expected = {uid: one for uid, one in self.expected.items() if uid not in gone}

    def belied(self, findings: Iterable[Finding]) -> set[str]:
        if self.damaged:
            return set()
        return {
            one.uid for one in findings
            if one.status is Status.FAIL and one.uid in self.expected and self.expected[one.uid].at <= one.observed_at
        }  # fmt: skip

    @precondition(lambda self: (self.state / FILE).exists())
    @rule(data=st.binary(max_size=5))
    def file_is_damaged(self, data: bytes) -> None:
        (self.state / FILE).write_bytes(data)
        self.damaged = True

    @invariant()
    def file_holds_what_was_given_and_not_taken_back(self) -> None:
        if not hasattr(self, "state"):
            return
        found = attestations(self.state, DOOR)
        assert bool(found.problem) is self.damaged
        assert self.by_uid(found.given) == ({} if self.damaged else self.expected)

    def by_uid(self, given: Iterable[Statement]) -> dict[str, Statement]:
        return {one.uid: one for one in given}


TestWords: Any = Words.TestCase
TestWords.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_parts_are_as_the_tests_need_them() -> None:
    assert FAILING.status is Status.FAIL
    assert audited(OPEN).report.findings[0].status is Status.UNKNOWN
