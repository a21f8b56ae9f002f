"""A crew waits when its pace says so, and ends when its time is up."""

import threading
from collections.abc import Callable, Collection

from crew_parts import jobs, odd_crew, told

from agent.photos.crew import RELEASE_S, Crew
from agent.photos.pace import Pace, Step


class Scripted(Pace):
    """Says what the test says, and keeps whom it was asked for."""

    def __init__(self, says: Callable[[], Step]) -> None:
        super().__init__(background=True)
        self._says = says
        self.asked: list[Collection[int]] = []

    def step(self, workers: Collection[int] = ()) -> Step:
        self.asked.append(tuple(workers))
        return self._says()


def test_nothing_is_sent_while_the_pace_says_wait() -> None:
    steps = iter([Step.WAIT, Step.WAIT])
    pace = Scripted(lambda: next(steps, Step.GO))
    with odd_crew(pace=pace) as crew:
        assert told(crew.answers(jobs(*["fine.jpg"] * 3))) == ["fine"] * 3
    assert pace.asked[:3] == [(), (), ()]  # no worker had been started by then


def test_what_is_in_hand_is_finished_when_the_time_is_up() -> None:
    step = [Step.GO]
    answers = []
    with odd_crew(pace=Scripted(lambda: step[0])) as crew:
        for answer in crew.answers(jobs(*["fine.jpg"] * 30)):
            answers.append(answer)
            step[0] = Step.END
    assert 1 <= len(answers) < 30
    assert {*told(answers)} == {"fine"}


def test_pace_is_told_which_work_is_our_own() -> None:
    pace = Scripted(lambda: Step.GO)
    with odd_crew(pace=pace) as crew:
        list(crew.answers(jobs(*["fine.jpg"] * 5)))
        assert pace.asked[-1] == crew.workers


def test_long_wait_gives_the_memory_back() -> None:
    now = [0.0]
    running: list[int] = []
    crew: list[Crew] = []

    def says() -> Step:
        running.append(len(crew[0].workers))
        now[0] += RELEASE_S
        return Step.WAIT if len(running) <= 3 else Step.GO

    with odd_crew(pace=Scripted(says), clock_s=lambda: now[0]) as crew_:
        crew.append(crew_)
        assert crew_.model
        assert told(crew_.answers(jobs("fine.jpg"))) == ["fine"]
    assert running[:4] == [1, 1, 1, 0]


def test_stop_ends_a_wait_at_once() -> None:
    stop = threading.Event()

    def says() -> Step:
        stop.set()
        return Step.WAIT

    with odd_crew(pace=Scripted(says), stop=stop) as crew:
        assert list(crew.answers(jobs("fine.jpg"))) == []
