"""A letter's place in its device's chain: fixed before it first leaves, the same after every crash."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from outbox_parts import LAPTOP, NOON, PHONE, MemoryTransport, folder_in_memory, in_memory, outbox, parcel, trouble

from agent.chain import Chain
from reports.deliver import Kind, Letter
from reports.deliver.errors import Reason, TransportError
from reports.signing import FIRST_LINK, Link

AGENT = "7a000000-0000-4000-8000-00000000000a"
POINTS = 25
folder: Iterator[Path] = pytest.fixture(in_memory, name="folder")  # type: ignore[assignment]


def chain(folder: Path, agent: str = AGENT) -> Chain:
    return Chain(str(folder / "chain.sqlite"), agent_id=agent)


def letter(number: int, device: str = LAPTOP, body: bytes = b"") -> Letter:
    name = f"22222222-2222-4222-8222-{number:012d}"
    return Letter(id=name, device_id=device, kind=Kind.FULL, body=body or b"%d" % number, created_at=NOON)


def test_first_letter_follows_nothing_and_each_next_the_one_before(folder: Path) -> None:
    first, second = chain(folder).place(letter(1)), chain(folder).place(letter(2))
    assert first == Link(seq=1, previous=FIRST_LINK)
    assert second == Link(seq=2, previous=first.next_link(letter(1).body))


def test_place_stays_over_retries_and_later_letters(folder: Path) -> None:
    first = chain(folder).place(letter(1))
    chain(folder).place(letter(2))
    assert chain(folder).place(letter(1)) == first


def test_devices_and_enrolments_have_chains_of_their_own(folder: Path) -> None:
    places = [
        chain(folder).place(letter(1)), chain(folder).place(letter(2, PHONE)),
        chain(folder, "another").place(letter(3)),
    ]  # fmt: skip
    assert {one.seq for one in places} == {1}


def test_place_of_a_refused_letter_goes_to_the_next(folder: Path) -> None:
    chain(folder).place(letter(1))
    place = chain(folder).place(letter(2))
    chain(folder).refused(letter(2))
    assert chain(folder).place(letter(3)) == place


def test_refused_letter_that_others_follow_keeps_its_place(folder: Path) -> None:
    first = chain(folder).place(letter(1))
    chain(folder).place(letter(2))
    chain(folder).refused(letter(1))
    assert chain(folder).place(letter(1)) == first


@pytest.mark.parametrize("text", [b"not a database at all" * 99, b"SQLite format 3\0" + b"\xff" * 5000])
def test_damaged_file_is_put_aside_and_a_new_chain_begins(folder: Path, text: bytes) -> None:
    (folder / "chain.sqlite").write_bytes(text)
    assert chain(folder).place(letter(1)).seq == 1
    assert (folder / "chain.sqlite.damaged").read_bytes() == text


def test_chain_that_cannot_be_written_sends_nothing(folder: Path) -> None:
    (folder / "chain.sqlite").mkdir()
    with pytest.raises(TransportError) as raised:
        chain(folder).place(letter(1))
    assert not raised.value.permanent


def test_newer_programs_chain_is_left_alone(folder: Path) -> None:
    chain(folder).place(letter(1))
    with sqlite3.connect(folder / "chain.sqlite") as db:
        db.execute("PRAGMA user_version=2")
    db.close()
    with pytest.raises(TransportError):
        chain(folder).place(letter(2))
    assert not (folder / "chain.sqlite.damaged").exists()


WORK = """
import sys
from pathlib import Path
sys.path[:0] = [{tests!r}, {agent!r}]
import killing
from agent.chain import Chain
from test_chain import AGENT, letter

def work(folder, connect):
    for number in (1, 2, 3):
        place = Chain(str(folder / "chain.sqlite"), agent_id=AGENT, connect=connect).place(letter(number))
        with open(folder / "told", "a") as told:
            told.write(f"{{number}} {{place.header()}}\\n")

killing.kill(lambda folder, countdown: killing.by_steps(work, folder, countdown), Path(sys.argv[1]), {points})
"""


def test_killed_anywhere_a_place_that_was_told_is_kept_and_none_is_given_twice(folder: Path) -> None:
    here = Path(__file__)
    code = WORK.format(tests=str(here.parents[1]), agent=str(here.parent), points=POINTS)
    environ = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, env=environ, capture_output=True)
    told = {}
    for place in sorted(folder.glob("0*")):
        lines = (place / "told").read_text().splitlines() if (place / "told").exists() else []
        for line in lines:
            number, _, header = line.partition(" ")
            assert chain(place).place(letter(int(number))).header() == header
        seqs = [chain(place).place(letter(number)).seq for number in (1, 2, 3)]
        assert seqs == [1, 2, 3]
        told[place.name] = len(lines)
    assert len(set(told.values())) > 1, "it was killed at different points"


class Receiver(MemoryTransport):
    """A console that checks the chain; what it takes may still look lost to the sender."""

    def __init__(self, places: Chain) -> None:
        super().__init__()
        self.places = places
        self.last: dict[str, tuple[int, bytes]] = {}
        self.had: set[str] = set()
        self.broken: list[str] = []
        self.mood = "well"

    def deliver(self, one: Letter) -> None:
        link = self.places.place(one)
        if self.mood == "refuses":
            self.places.refused(one)
            raise trouble(Reason.REJECTED, permanent=True)
        if self.mood == "away":
            raise trouble(Reason.UNREACHABLE)
        if one.id not in self.had:
            if (link.seq - 1, link.previous) != self.last.get(one.device_id, (0, FIRST_LINK)):
                self.broken.append(one.id)
            self.last[one.device_id] = link.seq, link.next_link(one.body)
            self.had.add(one.id)
        if self.mood == "mute":
            raise trouble(Reason.TIMEOUT)


STEP = st.tuples(
    st.sampled_from(["well", "well", "away", "mute", "refuses"]), st.sampled_from([LAPTOP, PHONE]),
    st.sampled_from(["pp", "fp"]),
)  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(STEP, min_size=1, max_size=20))
def test_whatever_the_way_does_and_however_full_the_outbox_the_chain_holds(steps: list[tuple[str, str, str]]) -> None:
    from datetime import timedelta

    with folder_in_memory() as name:
        box = outbox(Path(name), limit_bytes=6000, chained=True)
        way = Receiver(Chain(str(Path(name) / "chain.sqlite"), agent_id=AGENT))
        for number, (mood, device, statuses) in enumerate(steps):
            now = NOON + timedelta(days=2 * number)
            way.mood = mood
            try:
                box.enqueue(parcel(number, statuses, device=device, pad=1000), now=now)
            except Exception as full:  # refused reports wait beside the queue
                assert type(full).__name__ == "OutboxFull"  # noqa: PT017
            box.deliver_due(way, now=now)
        assert way.broken == []


def test_letter_that_was_tried_is_neither_folded_nor_replaced(folder: Path) -> None:
    box, way = outbox(folder, limit_bytes=6000, chained=True), MemoryTransport()
    way.errors[None] = trouble(Reason.TIMEOUT)
    for number, statuses in enumerate(["pp", "fp", "pf", "ff", "pp", "fp", "pf"]):
        box.enqueue(parcel(number, statuses, pad=1000), now=NOON)
        box.deliver_due(way, now=NOON)
    bodies = {one.id: one.body for one in box.show()}
    assert bodies[parcel(0).id] == parcel(0, "pp", pad=1000).body
    assert len(bodies) < 7, "others were folded to make room"


def test_note_that_was_tried_stays_before_the_newer_one(folder: Path) -> None:
    box, way = outbox(folder, chained=True), MemoryTransport()
    box.enqueue(parcel(0, "pp"), now=NOON)
    box.deliver_due(way, now=NOON)
    way.errors[None] = trouble(Reason.TIMEOUT)
    for number in (1, 2, 3):
        box.enqueue(parcel(number, "pp"), now=NOON)
        box.deliver_due(way, now=NOON)
    assert [one.id for one in box.show()] == [parcel(1).id, parcel(3).id]
