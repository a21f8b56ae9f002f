"""Whatever happens in whatever order, the practice learns every change, in order, and nothing else."""

import json
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from outbox_parts import LAPTOP, NOON, PHONE, MemoryTransport, folder_in_memory, name, outbox, parcel, trouble

from agent.outbox_model import OutboxFull, Outcome
from reports.deliver import Kind
from reports.deliver.errors import Reason

LIMIT = 9000
ERRORS = [
    None,
    trouble(Reason.UNREACHABLE),
    trouble(Reason.AUTH, permanent=True),
    trouble(Reason.REJECTED, permanent=True),
]


class Life(RuleBasedStateMachine):
    """Two devices, a small outbox, a clock that jumps, a receiver with moods. The model: a list of promises."""

    @initialize(jitter=st.floats(0, 1), notes=st.booleans())
    def begin(self, jitter, notes):
        self.folder = folder_in_memory()
        self.random = lambda: jitter
        self.post = MemoryTransport(carries_unchanged=notes)
        self.now, self.number = NOON, 0
        self.promised = {LAPTOP: [], PHONE: []}
        """By device: (number, statuses) of every report that was promised, in order."""
        self.open()

    def open(self):
        self.box = outbox(Path(self.folder.name), random=self.random, limit_bytes=LIMIT)

    @rule(
        device=st.sampled_from([LAPTOP, PHONE]), statuses=st.sampled_from(["pp", "pf", "fp"]), pad=st.integers(0, 900)
    )
    def audit(self, device, statuses, pad):
        self.number += 1
        one = parcel(self.number, statuses, device=device, pad=pad)
        try:
            receipt = self.box.enqueue(one, now=self.now)
        except OutboxFull:
            assert self.box.pending().size_bytes > LIMIT - 3000
            return
        assert receipt.outcome is not Outcome.DUPLICATE
        self.promised[device].append((self.number, statuses))
        assert self.box.enqueue(one, now=self.now).outcome is Outcome.DUPLICATE

    @rule(error=st.sampled_from(ERRORS))
    def send(self, error):
        self.post.errors = {None: error}
        self.box.deliver_due(self.post, now=self.now)

    @rule(error=st.sampled_from(ERRORS), which=st.integers(0, 5))
    def send_with_one_refused(self, error, which):
        waiting = self.box.show()
        self.post.errors = {waiting[which % len(waiting)].id: error} if waiting else {}
        self.box.deliver_due(self.post, now=self.now)

    @rule(hours=st.sampled_from([-100_000, -1, 1, 30, 24 * 8]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule()
    def configuration_changes(self):
        self.box.reconfigured(now=self.now)

    @rule()
    def program_starts_again(self):
        self.open()

    @invariant()
    def nothing_is_lost(self):
        letters = [*self.post.letters, *self.box.show()]
        for device, promised in self.promised.items():
            assert runs_of(known(letters, device)) == runs_of(promised)

    @invariant()
    def it_is_bounded(self):
        assert self.box.pending().size_bytes <= LIMIT

    @invariant()
    def one_id_has_one_body(self):
        bodies = {}
        for one in self.post.letters:
            assert bodies.setdefault(one.id, one.body) == one.body
        assert len(bodies) == len(self.post.letters)

    @invariant()
    def something_is_due_while_something_waits(self):
        assert (self.box.next_due(self.now) is None) == (self.box.pending().waiting == 0)

    def teardown(self):
        """In the end all of it arrives."""
        self.post.errors = {}
        for _ in range(3):
            self.box.reconfigured(now=self.now)
            self.now = max(self.now, self.box.next_due(self.now) or self.now)
            self.box.deliver_due(self.post, now=self.now)
        assert self.box.pending().waiting == 0
        for device, promised in self.promised.items():
            assert runs_of(known(self.post.letters, device)) == runs_of(promised)
        self.folder.cleanup()


def known(letters, device):
    """(when, statuses) that a receiver can tell of a device from these letters, sorted by when."""
    sights = {}
    for one in letters:
        if one.device_id == device and one.kind is Kind.FULL:
            body = json.loads(one.body)
            for each in body.get("history", []):
                number = (int(each["observed_at"][11:13]) - 12) * 60 + int(each["observed_at"][14:16])
                sights[number, each["uid"]] = each["status"][0]
            number = next(n for n in range(400) if name(n) == one.id)
            sights |= {(number, uid): status[0] for uid, status in body.get("report", body)["findings"]}
    return sorted((number, uid, status) for (number, uid), status in sights.items())


def runs_of(sights):
    """By finding, the statuses without repeats, each with the report that first said so."""
    rows = [row for one in sights for row in spread(one)]
    found = {}
    for number, uid, status in rows:
        run = found.setdefault(uid, [])
        if not run or run[-1][1] != status:
            run.append((number, status))
    return found


def spread(sight):
    """A promised report is one sight for each finding."""
    if len(sight) == 3:
        return [sight]
    number, statuses = sight
    return [(number, uid, status) for uid, status in zip(("lock-uid", "cloud-uid"), statuses, strict=True)]


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
