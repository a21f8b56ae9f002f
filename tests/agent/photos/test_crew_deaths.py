"""A file that kills, hangs or swells costs itself, never its neighbours; workers that cannot work blame no file."""

import itertools
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import odd_worker
import psutil
import pytest
from crew_parts import ROOMY, ROOT, jobs, odd_crew, reached, told
from odd_worker import MIB

from agent.photos.crew import Answer, CrewError, CrewTrouble

SHORT_S = 2.5


@pytest.mark.parametrize("poison", ["die", "leave", "garble", "forge", "mad"])
def test_worker_that_breaks_costs_the_file_in_hand_only(poison: str) -> None:
    with odd_crew() as crew:
        answers = list(crew.answers(jobs("fine.jpg", f"{poison}.jpg", *["fine.jpg"] * 6)))
    assert told(answers) == ["fine", "crashed", *["fine"] * 6]
    assert [one.number for one in answers if one.number != 1] == [0, 2, 3, 4, 5, 6, 7]


def test_file_that_hangs_is_given_up() -> None:
    with odd_crew(file_s=SHORT_S) as crew:
        assert told(crew.answers(jobs("fine.jpg", "hang.jpg", "fine.jpg"))) == ["fine", "timed_out", "fine"]


def test_other_workers_go_on_beside_one_that_hangs() -> None:
    with odd_crew(workers=2, file_s=SHORT_S) as crew:
        answers = crew.answers(jobs(*["fine.jpg"] * 9, "hang.jpg", *["fine.jpg"] * 30))
        assert told(answers) == [*["fine"] * 9, "timed_out", *["fine"] * 30]


def test_file_that_asks_for_too_much_memory_is_refused_it_and_the_worker_lives() -> None:
    with odd_crew(data_bytes=350 * MIB) as crew:
        before, why, after = told(crew.answers(jobs("pid.jpg", "ask_too_much.jpg", "pid.jpg")))
    assert (why, before) == ("out_of_memory", after)


def test_worker_that_swells_is_ended() -> None:
    with odd_crew(memory_bytes=80 * MIB) as crew:
        assert told(crew.answers(jobs("fine.jpg", "swell.jpg", "fine.jpg"))) == ["fine", "out_of_memory", "fine"]


def test_file_is_not_blamed_for_what_the_files_before_it_left_behind() -> None:
    with odd_crew(memory_bytes=100 * MIB) as crew:
        assert told(crew.answers(jobs(*["creep.jpg"] * 5))) == ["creep"] * 5


def test_file_is_not_blamed_for_a_worker_that_the_files_before_it_wore_out() -> None:
    with odd_crew() as crew:
        assert told(crew.answers(jobs(*["wear.jpg"] * 5))) == ["wear"] * 5


def test_many_files_that_kill_do_not_end_the_scan() -> None:
    with odd_crew() as crew:
        answers = told(crew.answers(jobs(*["die.jpg"] * 7, "fine.jpg")))
    assert answers == [*["crashed"] * 7, "fine"]


def test_any_mix_of_files_is_told_apart() -> None:
    ends = {"fine": "fine", "chatter": "chatter", "head_only": "whole", "die": "crashed", "mad": "crashed"}
    words = random.Random(4).choices(list(ends), (20, 5, 5, 1, 1), k=60)  # the same mix each time
    with odd_crew(workers=2) as crew:
        assert told(crew.answers(jobs(*(f"{word}.jpg" for word in words)))) == [ends[word] for word in words]


def test_last_file_that_kills_is_counted_too() -> None:
    with odd_crew() as crew:
        assert told(crew.answers(jobs("die.jpg"))) == ["crashed"]


def test_workers_that_die_of_anything_blame_no_file() -> None:
    answers: list[Answer] = []
    queue = iter(jobs(*["fine.jpg"] * 100))
    with odd_crew("deadly") as crew, pytest.raises(CrewError) as raised:
        answers.extend(crew.answers(queue))
    assert (raised.value.why, answers) == (CrewTrouble.DYING, [])
    assert len(list(queue)) > 80  # it took few to see it


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("no_library", CrewTrouble.LIBRARY_MISSING),
        ("no_model", CrewTrouble.MODEL_DAMAGED),
        ("bad_model", CrewTrouble.MODEL_DAMAGED),
        ("stillborn", CrewTrouble.DYING),
        ("liar", CrewTrouble.DYING),
    ],
)
def test_worker_that_cannot_start_says_why(kind: str, why: CrewTrouble) -> None:
    with odd_crew(kind) as crew, pytest.raises(CrewError) as raised:
        list(crew.answers(jobs("fine.jpg")))
    assert raised.value.why is why


def test_worker_that_never_loads_is_given_up() -> None:
    seconds = itertools.count()
    with odd_crew("silent", clock_s=lambda: float(next(seconds))) as crew, pytest.raises(CrewError) as raised:
        list(crew.answers(jobs("fine.jpg")))
    assert raised.value.why is CrewTrouble.TOO_SLOW


def test_answer_that_waited_for_a_slow_consumer_is_not_late() -> None:
    now = [0.0]
    with odd_crew(file_s=10.0, clock_s=lambda: now[0]) as crew:
        answers = crew.answers(jobs("fine.jpg", "slow.jpg", "fine.jpg"))
        first = [next(answers)]
        now[0] += 3600  # the consumer was busy for an hour, or the machine asleep
        assert told(first + list(answers)) == ["fine", "slow", "fine"]


def test_killed_from_outside_it_is_replaced() -> None:
    with odd_crew() as crew:
        assert crew.model
        os.kill(crew.workers[0], signal.SIGKILL)
        answers = told(crew.answers(jobs(*["fine.jpg"] * 5)))
    assert answers.count("fine") >= 4
    assert len(answers) == 5


def test_stop_ends_it_amid_a_file_that_hangs() -> None:
    stop = threading.Event()
    with odd_crew(stop=stop) as crew:
        answers = crew.answers(jobs("fine.jpg", "hang.jpg"))
        next(answers)
        hand = threading.Timer(0.2, stop.set)
        hand.start()
        assert list(answers) == []  # not even that it took too long
        hand.join()
    assert psutil.Process().children() == []


def test_stopped_crew_has_no_model() -> None:
    stop = threading.Event()
    stop.set()
    with odd_crew(stop=stop) as crew, pytest.raises(CrewError) as raised:
        assert crew.model
    assert raised.value.why is CrewTrouble.STOPPED


def test_worker_ends_itself_amid_a_file_that_hangs_when_nobody_watches() -> None:
    with odd_crew(alarm_s=-4, data_bytes=ROOMY) as crew:
        assert told(crew.answers(jobs("hang.jpg"))) == ["crashed"]


def test_orphan_ends_by_itself() -> None:
    code = (
        "import sys, time; sys.path[:0] = sys.argv[1:]; from crew_parts import odd_crew\n"
        "crew = odd_crew(); crew.model; print(crew.workers[0], flush=True); time.sleep(600)"
    )
    argv = [sys.executable, "-c", code, str(ROOT), str(Path(odd_worker.__file__).parent)]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        orphan = int(parent.stdout.readline())
        assert psutil.pid_exists(orphan)
        parent.kill()
    assert reached(lambda: not _runs(orphan))


def _runs(pid: int) -> bool:
    """A zombie runs no more: who reaps it now is the system's business."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
