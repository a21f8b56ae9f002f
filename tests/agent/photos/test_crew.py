"""The crew judges every file once, and loses none of them to a file that kills."""

import hashlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from crew_parts import ROOT, disk_job, job, jobs, odd_crew, told
from odd_worker import MIB, seen

from agent.photos.crew import WINDOW, Answer, Crew, CrewError, CrewTrouble, Job, harmless
from agent.photos.image import HEAD_BYTES, Seen
from agent.photos.pace import Pace


def mark(data: bytes) -> str:
    return "d" + hashlib.sha256(data).hexdigest()[:16]


def test_every_job_has_one_answer() -> None:
    with odd_crew(workers=2) as crew:
        answers = list(crew.answers(jobs(*["fine.jpg"] * 40)))
    assert sorted(one.number for one in answers) == list(range(40))
    assert {one.result for one in answers} == {seen("fine")}


def test_worker_says_what_it_loaded() -> None:
    with odd_crew() as crew:
        assert crew.model == "odd 1.2"


def test_nothing_starts_where_there_is_no_job() -> None:
    with odd_crew() as crew:
        assert list(crew.answers([])) == []
        assert crew.workers == ()


def test_one_job_needs_one_worker_only() -> None:
    with odd_crew(workers=2) as crew:
        list(crew.answers(jobs("fine.jpg")))
        assert len(crew.workers) == 1


def test_bytes_arrive_as_they_were_sent() -> None:
    head, whole = os.urandom(HEAD_BYTES), os.urandom(3 * MIB)
    sent = [job(0, "head_digest.a", head=head), job(1, "digest.b", head=None, whole=whole)]
    sent += [job(2, "head_digest.c", head=None, whole=whole), job(3, "digest.d", head=head, whole=whole)]
    sent += [job(4, "head_digest.e", head=b"")]
    with odd_crew() as crew:
        answers = told(crew.answers(sent))
    assert answers == [mark(head), mark(whole), mark(whole[:HEAD_BYTES]), mark(whole), mark(b"")]


def test_worker_opens_a_file_whose_name_is_not_text(tmp_path: Path) -> None:
    path = f"{tmp_path}/digest.\udcff\n.jpg"
    Path(path).write_bytes(b"picture")
    with odd_crew() as crew:
        assert told(crew.answers([disk_job(0, path)])) == [mark(b"picture")]


def test_head_that_is_known_already_is_not_read_again(tmp_path: Path) -> None:
    gone = Job(number=0, name="x", size=4, path=f"{tmp_path}/head_digest.jpg", stamp=0, head=b"head")
    with odd_crew() as crew:
        assert told(crew.answers([gone])) == [mark(b"head")]


def test_name_reaches_the_worker_as_bytes() -> None:
    name = "name_digest.\udcff\u202e.jpg"
    with odd_crew() as crew:
        assert told(crew.answers(jobs(name))) == [mark(os.fsencode(name))]


def test_head_that_does_not_decide_is_asked_for_whole() -> None:
    with odd_crew() as crew:
        assert told(crew.answers(jobs("head_only.jpg", "fine.jpg"))) == ["whole", "fine"]


def test_whole_that_does_not_decide_is_no_answer() -> None:
    """Else it would be asked for again and again."""
    with odd_crew() as crew:
        assert told(crew.answers([job(0, "head_only.jpg", whole=b"all"), job(1, "fine.jpg")])) == ["crashed", "fine"]


def ahead(crew: Crew, sent: list[Job]) -> int:
    """How many jobs were taken at most before the answers to the earlier ones came."""
    taken: list[Job] = []

    def pulled() -> Iterator[Job]:
        for one in sent:
            taken.append(one)
            yield one

    return max(len(taken) - done for done, _ in enumerate(crew.answers(pulled())))


def test_jobs_are_taken_only_as_workers_come_free() -> None:
    with odd_crew(workers=2) as crew:
        assert 1 < ahead(crew, jobs(*["fine.jpg"] * 60)) <= 2 * WINDOW + 1


def test_large_files_travel_one_at_a_time() -> None:
    sent = [job(number, "digest.jpg", head=None, whole=bytes([number]) * (8 * MIB)) for number in range(5)]
    with odd_crew() as crew:
        assert told(crew.answers(sent)) == [mark(one.whole or b"") for one in sent]
        assert ahead(crew, sent) <= 2  # one is judged, one waits


def test_name_without_end_is_counted_and_not_sent() -> None:
    with odd_crew() as crew:
        assert told(crew.answers(jobs("fine.jpg", "x" * 70_000, "fine.jpg"))) == ["fine", "too_large", "fine"]


def test_library_that_prints_garbles_nothing() -> None:
    with odd_crew() as crew:
        assert told(crew.answers(jobs("chatter.jpg", "fine.jpg"))) == ["chatter", "fine"]


def test_consumer_may_leave_early_and_come_back() -> None:
    with odd_crew() as crew:
        first = crew.answers(jobs("fine.jpg", "hang.jpg", "fine.jpg"))
        assert isinstance(next(first), Answer)
        first.close()
        assert told(crew.answers(jobs("fine.jpg"))) == ["fine"]


def test_fault_of_the_jobs_is_the_callers() -> None:
    def unplugged() -> Iterator[Job]:
        yield job(0, "fine.jpg")
        raise ConnectionError

    with odd_crew() as crew, pytest.raises(ConnectionError):
        list(crew.answers(unplugged()))
    assert psutil.Process().children() == []


def test_no_process_is_left_behind() -> None:
    with odd_crew(workers=2) as crew:
        list(crew.answers(jobs(*["fine.jpg"] * 20, "die.jpg")))
        assert crew.workers != ()
    assert psutil.Process().children() == []


def test_parent_loads_no_heavy_library() -> None:
    heavy = {"numpy", "PIL", "onnxruntime", "av", "rawpy", "rapidocr", "pydicom", "pypdfium2", "pillow_heif", "cv2"}
    code = f"import sys, agent.photos.crew; sys.exit(bool({heavy!r} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def real_crew(weights: str) -> Crew:
    """Workers as the product starts them."""
    return Crew(
        weights, workers=1, stop=threading.Event(), pace=Pace(background=False), environ={"PYTHONPATH": str(ROOT)}
    )


def test_real_worker_judges_the_picture_that_proves_it_works() -> None:
    """Else a scan in which three files in a row kill a worker would end there."""
    proof = replace(harmless(), number=0)
    with real_crew("best") as crew:
        (answer,) = crew.answers([proof])
        assert crew.model
    assert isinstance(answer.result, Seen)


def test_real_worker_refuses_weights_that_it_does_not_know() -> None:
    with real_crew("no such") as crew, pytest.raises(CrewError) as raised:
        list(crew.answers(jobs("fine.jpg")))
    assert raised.value.why is CrewTrouble.MODEL_DAMAGED
