"""A worker may do little more than read the files that it is given."""

from pathlib import Path

import psutil
from crew_parts import jobs, odd_crew, told

from agent.photos.worker import NICE, OPEN_FILES


def test_limits_hold_before_the_first_file_is_opened() -> None:
    with odd_crew() as crew:
        (found,) = told(crew.answers(jobs("limits.jpg")))
    core, file_size, files, no_new_privileges, dumpable, umask = map(int, found.split("_"))
    assert (core, file_size, files) == (0, 0, OPEN_FILES)
    assert (no_new_privileges, dumpable, umask) == (1, 0, 0o77)


def test_worker_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch()
    with odd_crew(environ={"LD_LIBRARY_PATH": str(target)}) as crew:
        assert told(crew.answers(jobs("write.jpg"))) == ["refused"]
    assert target.read_bytes() == b""


def test_worker_sees_nothing_of_the_persons_environment() -> None:
    with odd_crew(environ={"SECRET": "canary", "AWS_SECRET_ACCESS_KEY": "canary"}) as crew:
        assert told(crew.answers(jobs("variables.jpg"))) == ["clean"]


def test_everything_else_on_the_machine_goes_first() -> None:
    with odd_crew() as crew:
        assert crew.model
        process = psutil.Process(crew.workers[0])
        assert process.nice() >= NICE
        assert process.ionice().ioclass == psutil.IOPRIO_CLASS_IDLE


def test_worker_lies_in_no_folder_of_the_person_and_in_a_session_of_its_own() -> None:
    """Ctrl-C in the terminal is not for it: the file in hand would be blamed for its end."""
    with odd_crew() as crew:
        assert crew.model
        process = psutil.Process(crew.workers[0])
        assert process.cwd() == "/"
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        assert int(fields[3]) == process.pid
