"""One look at a phone whose cable, shell or patience ends at any byte."""

import threading
from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent import limits
from agent.collect.adb.session import Session, Taken
from agent.collect.android.commands import IDENTITY, LOCK, PROPERTIES, READINGS, Reading
from agent.collect.host import CollectError, Output
from checks.evidence import Why

MARKERS = [f"@@{number:032x}" for number in range(10)]


class FakeStream:
    """Gives its chunks and ends; None stands for silence."""

    def __init__(self, chunks: Sequence[bytes | CollectError | None]) -> None:
        self._chunks = list(chunks)
        self.closed = False

    def read(self, wait_s: float) -> bytes | None:
        if not self._chunks:
            return b""
        chunk = self._chunks.pop(0)
        if isinstance(chunk, CollectError):
            raise chunk
        return chunk

    def replace(self, old: str, new: str) -> None:
        self._chunks = [one.replace(old.encode(), new.encode()) for one in self._chunks if isinstance(one, bytes)]

    def close(self) -> None:
        self.closed = True


def said(one: Reading, serial: str = "R5CT1") -> str:
    """Properties as a phone lists them; any other command's answer is its own name."""
    if one.command == PROPERTIES:
        return f"[init.svc.adbd]: [{serial}]\n[ro.build.tags]: [release-keys]\n[ro.serialno]: [{serial}]"
    return " ".join(one.command.argv)


class FakeLine:
    """A phone that answers each command; each trip may be cut after so many bytes, and be to another phone."""

    def __init__(self, *cuts: int | CollectError, serials: Sequence[str] = ()) -> None:
        self._cuts = list(cuts)
        self._serials = list(serials)
        self.asked: list[list[tuple[str, ...]]] = []
        self.streams: list[FakeStream] = []

    def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
        cut = self._cuts.pop(0) if self._cuts else 1 << 30
        if isinstance(cut, CollectError):
            raise cut
        self.asked.append([one.command.argv for one in readings])
        serial = self._serials.pop(0) if self._serials else "R5CT1"
        text = "".join(
            f"{marker} B {number}\n{said(one, serial)}\n{marker} E {number} 0\n" for number, one in enumerate(readings)
        )
        self.streams.append(FakeStream([(text + f"{marker} Z\n").encode()[:cut]]))
        return self.streams[-1]


def take(line: object, *, stop: threading.Event | None = None, trips: int = 3) -> Taken:
    markers: Iterator[str] = iter(MARKERS)
    return Session(line, marker=lambda: next(markers), stop=stop or threading.Event(), trips=trips).take(READINGS)  # type: ignore[arg-type]


def heard(taken: Taken) -> int:
    return sum(isinstance(one, Output) for one in taken.answers.values())


def test_healthy_phone_is_asked_once() -> None:
    line = FakeLine()
    taken = take(line)
    assert taken.trips == 1
    assert heard(taken) == len(READINGS)
    assert all(stream.closed for stream in line.streams)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 6000), max_size=3))
def test_cut_anywhere_leaves_what_came_before_and_a_reason_for_the_rest(cuts: list[int]) -> None:
    taken = take(FakeLine(*cuts))
    assert taken.trips <= 3
    assert set(taken.answers) == {one.command.argv for one in READINGS}
    for one in READINGS:
        answer = taken.answers[one.command.argv]
        if isinstance(answer, Output):
            assert answer.stdout == said(one)
        else:
            assert answer.why is Why.DISCONNECTED


def test_only_what_is_missing_is_asked_again() -> None:
    line = FakeLine(1000)
    taken = take(line)
    assert heard(taken) == len(READINGS)
    assert len(line.asked[1]) < len(READINGS)
    assert line.asked[1][-1] == READINGS[-1].command.argv
    assert line.asked[1][0] == PROPERTIES.argv, "by which it is known for the same phone"


def test_answers_of_another_phone_at_the_same_address_are_never_mixed_in() -> None:
    taken = take(FakeLine(1000, serials=["R5CT1", "R5CT2"]))
    properties = taken.answers[PROPERTIES.argv]
    assert isinstance(properties, Output)
    assert "R5CT1" in properties.stdout
    assert taken.trips == 2
    last = taken.answers[READINGS[-1].command.argv]
    assert isinstance(last, CollectError)
    assert last.why is Why.DISCONNECTED


def test_answers_are_not_joined_where_nothing_names_the_phone() -> None:
    """Its properties were hurt on the way, so the second trip may be to any phone."""

    class Nameless(FakeLine):
        def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
            stream = super().open(readings, marker)
            if len(self.asked) == 1:
                stream.replace(f"{marker} E 0 0", "??")
            return stream

    taken = take(Nameless(1000))
    assert isinstance(taken.answers[LOCK.argv], Output)
    assert isinstance(taken.answers[PROPERTIES.argv], CollectError)
    assert isinstance(taken.answers[READINGS[-1].command.argv], CollectError)


class Monster(FakeLine):
    """Its properties have no end."""

    def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
        stream = super().open(readings, marker)
        if readings[0].command == PROPERTIES:
            return FakeStream([f"{marker} B 0\n".encode(), *([b"x" * (1 << 20)] * 12)])
        return stream


def test_properties_without_end_cost_themselves_only() -> None:
    taken = take(Monster())
    properties = taken.answers[PROPERTIES.argv]
    assert isinstance(properties, CollectError)
    assert properties.why is Why.TOO_LARGE
    assert heard(taken) == len(READINGS) - 1


@pytest.mark.parametrize(
    ("refused", "why"),
    [(CollectError(Why.NOT_PERMITTED), Why.NOT_PERMITTED), (CollectError(Why.TOOL_FAILED), Why.TOOL_FAILED)],
)
def test_phone_that_does_not_open_gives_its_reason_to_all(refused: CollectError, why: Why) -> None:
    taken = take(FakeLine(refused))
    assert {one.why for one in taken.answers.values() if isinstance(one, CollectError)} == {why}


def test_phone_that_comes_back_in_a_moment_is_waited_for() -> None:
    taken = take(FakeLine(CollectError(Why.OFFLINE), CollectError(Why.DISCONNECTED)))
    assert heard(taken) == len(READINGS)


def test_stop_ends_the_look_before_anything_is_sent() -> None:
    stop = threading.Event()
    stop.set()
    line = FakeLine()
    taken = take(line, stop=stop)
    assert line.asked == []
    assert {one.why for one in taken.answers.values() if isinstance(one, CollectError)} == {Why.STOPPED}


class Flood(FakeLine):
    """The second answer has no end."""

    def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
        self.asked.append([one.command.argv for one in readings])
        if len(self.asked) > 1:
            return super().open(readings, marker)
        start = f"{marker} B 0\n{said(READINGS[0])}\n{marker} E 0 0\n{marker} B 1\n".encode()
        return FakeStream([start, *([b"x" * (1 << 20)] * 12)])


def test_flood_is_cut_off_and_the_others_are_asked_again() -> None:
    taken = take(Flood())
    flooded = taken.answers[READINGS[1].command.argv]
    assert isinstance(flooded, CollectError)
    assert flooded.why is Why.TOO_LARGE
    assert heard(taken) == len(READINGS) - 1
    assert taken.received_bytes < limits.PHONE_TOTAL_BYTES


class Clock:
    """time, but each look at it costs a second."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def monotonic(self) -> float:
        self.now_s += 1.0
        return self.now_s


class Hangs(FakeLine):
    """The third command never answers."""

    def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
        if self.asked:
            return super().open(readings, marker)
        self.asked.append([one.command.argv for one in readings])
        text = "".join(f"{marker} B {number}\n{said(READINGS[number])}\n{marker} E {number} 0\n" for number in range(2))
        return FakeStream([(text + f"{marker} B 2\n").encode(), *([None] * 200)])


def test_hanging_command_costs_its_limit_and_no_other_answer() -> None:
    clock = Clock()
    markers = iter(MARKERS)
    session = Session(Hangs(), marker=lambda: next(markers), stop=threading.Event(), clock_s=clock.monotonic)
    taken = session.take(READINGS)
    hung = taken.answers[READINGS[2].command.argv]
    assert isinstance(hung, CollectError)
    assert hung.why is Why.TIMED_OUT
    assert heard(taken) == len(READINGS) - 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        (124, Why.TIMED_OUT), (142, Why.TIMED_OUT), (143, Why.TIMED_OUT),
        (129, Why.TOOL_FAILED), (137, Why.TOOL_FAILED), (139, Why.TOOL_FAILED), (192, Why.TOOL_FAILED),
    ],
)  # fmt: skip
def test_answer_of_a_command_that_was_ended_is_no_answer(code: int, why: Why) -> None:
    first = take(Ends(code)).answers[READINGS[1].command.argv]
    assert isinstance(first, CollectError)
    assert first.why is why


@pytest.mark.parametrize("code", [0, 1, 20, 127, 128, 193, 255])
def test_answer_of_a_command_that_ended_by_itself_is_one(code: int) -> None:
    first = take(Ends(code)).answers[IDENTITY.argv]
    assert isinstance(first, Output)
    assert first.exit_code == code


class Ends(FakeLine):
    """Its second command ends with a code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self._code = code

    def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
        stream = super().open(readings, marker)
        stream.replace(f"{marker} E 1 0", f"{marker} E 1 {self._code}")
        return stream


def test_frames_hurt_on_the_way_are_asked_again() -> None:
    class Noisy(FakeLine):
        def open(self, readings: Sequence[Reading], marker: str) -> FakeStream:
            stream = super().open(readings, marker)
            if len(self.asked) == 1:
                stream.replace(f"{marker} E 3 0", "\x00?")
            return stream

    taken = take(Noisy())
    assert taken.trips == 2
    assert heard(taken) == len(READINGS)
