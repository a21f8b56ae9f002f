"""One file, old or new, never a part."""

import os
import resource
import signal
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest
from system_calls import handles_left_by, made_by

from agent import atomic
from agent.atomic import PUBLIC, write_atomic


def in_child(work):
    """The way a child process ended that did `work`."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except OSError:
            os._exit(3)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.parametrize("mode", [0o600, 0o644])
def test_file_has_the_bytes_and_the_mode(tmp_path, mode):
    path = tmp_path / "status.json"
    for data in (b"old", b"", b"new" * 10_000):
        write_atomic(str(path), data, mode=mode)
        assert path.read_bytes() == data
    assert stat.S_IMODE(path.stat().st_mode) == mode
    assert [one.name for one in tmp_path.iterdir()] == ["status.json"]


def test_bytes_are_on_the_disk_before_the_name_and_the_name_before_the_return(tmp_path):
    calls = made_by(lambda: write_atomic(str(tmp_path / "status"), b"x"), {os.fsync, os.replace})
    assert calls == ["fsync", "replace", "fsync"]


def test_no_handle_is_left_open(tmp_path):
    assert handles_left_by(lambda: write_atomic(str(tmp_path / "status"), b"x")) == 0


def test_private_is_the_default_whatever_the_umask(tmp_path):
    before = os.umask(0)
    try:
        write_atomic(str(tmp_path / "a"), b"x")
        write_atomic(str(tmp_path / "b"), b"x", mode=PUBLIC)
    finally:
        os.umask(before)
    assert [stat.S_IMODE((tmp_path / one).stat().st_mode) for one in "ab"] == [0o600, 0o644]


def test_missing_parents_are_made_private_and_others_left(tmp_path):
    tmp_path.chmod(0o755)
    write_atomic(str(tmp_path / "a" / "b" / "file"), b"x")
    modes = [stat.S_IMODE((tmp_path / one).stat().st_mode) for one in (".", "a", "a/b")]
    assert modes == [0o755, 0o700, 0o700]


def test_link_in_the_place_is_replaced_not_followed(tmp_path):
    (tmp_path / "precious").write_bytes(b"precious")
    (tmp_path / "status").symlink_to(tmp_path / "precious")
    write_atomic(str(tmp_path / "status"), b"new")
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert not (tmp_path / "status").is_symlink()


def test_full_disk_leaves_the_old_file_and_no_debris(tmp_path):
    path = tmp_path / "status"
    write_atomic(str(path), b"old")

    def starved():
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        write_atomic(str(path), b"new" * 1000)

    assert in_child(starved) == 3
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == {"status": b"old"}


def test_killed_at_any_line_leaves_old_or_new(tmp_path):
    path, ends = tmp_path / "status", set()
    write_atomic(str(path), b"old")
    for point in range(1, 300):
        end = in_child(lambda point=point: killed_at(point, path))
        assert path.read_bytes() in (b"old", b"new")
        ends.add((end, path.read_bytes()))
        if end == 0:
            break
        path.write_bytes(b"old")
    assert ends == {(-signal.SIGKILL, b"old"), (-signal.SIGKILL, b"new"), (0, b"new")}


def killed_at(point, path):
    import sys

    left = [point]

    def trace(frame, event, _):
        if frame.f_code.co_filename != atomic.__file__:
            return None
        if event == "line":
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    write_atomic(str(path), b"new")
    sys.settrace(None)


def test_debris_of_killed_writers_is_taken_away_once_it_is_old(tmp_path):
    for name, age_s in ((".status.dead.new", 7200), (".status.live.new", 60), (".other.dead.new", 7200)):
        (tmp_path / name).touch()
        then = (tmp_path / name).stat().st_mtime - age_s
        os.utime(tmp_path / name, (then, then))
    write_atomic(str(tmp_path / "status"), b"x")
    assert sorted(one.name for one in tmp_path.iterdir()) == [".other.dead.new", ".status.live.new", "status"]


def test_writers_at_once_leave_one_whole_file(tmp_path):
    texts = [bytes([65 + number]) * 50_000 for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write_atomic(str(tmp_path / "status"), text), texts))
    assert (tmp_path / "status").read_bytes() in texts
    assert len(list(tmp_path.iterdir())) == 1


def test_folder_in_the_place_is_an_error_without_debris(tmp_path):
    (tmp_path / "status").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_atomic(str(tmp_path / "status"), b"x")
    assert [one.name for one in tmp_path.iterdir()] == ["status"]
