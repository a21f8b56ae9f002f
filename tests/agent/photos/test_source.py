"""A file is read as it was listed, or not at all; what stands in its place by then holds nobody up."""

import io
import os
import socket
import stat
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.photos.image import HEAD_BYTES, NeedsWhole, Unread, Unreadable
from agent.photos.source import BUFFER_BYTES, MOST_AT_ONCE, MOST_WHOLE, DiskSource, HeldSource

LONG = 3 * BUFFER_BYTES


def listed(path: Path | str) -> DiskSource:
    """The source of a file as a walk found it just now."""
    seen = os.lstat(path)
    return DiskSource(str(path), seen.st_size, seen.st_mtime_ns)


def filled(path: Path, size: int = LONG) -> bytes:
    data = os.urandom(size)
    path.write_bytes(data)
    return data


def why(source: DiskSource) -> set[Unread]:
    """Why neither its head nor all of it is read."""
    found = set()
    for look in (source.head, source.whole):
        with pytest.raises(Unreadable) as raised:
            look()
        found.add(raised.value.why)
    return found


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("size", [0, 1, HEAD_BYTES - 1, HEAD_BYTES, HEAD_BYTES + 1, LONG])
def test_file_is_read_as_it_is(tmp_path: Path, size: int) -> None:
    data = filled(tmp_path / "a.jpg", size)
    with listed(tmp_path / "a.jpg") as source:
        assert (source.name, source.size) == ("a.jpg", size)
        assert source.head() == data[:HEAD_BYTES]
        assert source.whole().read() == data


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, LONG), st.integers(0, LONG)), max_size=6))
def test_any_part_is_read_as_it_is(parts: list[tuple[int, int]]) -> None:
    path = Path(__file__)
    data = path.read_bytes()
    with listed(path) as source:
        stream = source.whole()
        for begin, length in parts:
            stream.seek(begin)
            assert stream.read(length) == data[begin : begin + length]


def test_each_look_at_all_of_it_begins_at_its_start(tmp_path: Path) -> None:
    data = filled(tmp_path / "a")
    with listed(tmp_path / "a") as source:
        source.whole().read(100)
        assert source.whole().read() == data
        source.whole().close()
        assert source.whole().read() == data


def test_nothing_stays_open(tmp_path: Path) -> None:
    filled(tmp_path / "a")
    before = descriptors()
    listed(tmp_path / "a").head()
    with listed(tmp_path / "a") as source:
        source.whole()
    for folder in (DiskSource(str(tmp_path), 0, 0), DiskSource(str(tmp_path / "a"), 1, 1)):
        why(folder)
    assert descriptors() == before


def test_name_that_is_not_text_is_a_name(tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff\n.jpg")
    Path(path).write_bytes(b"x")
    assert (listed(path).name, listed(path).head()) == ("\udcff\n.jpg", b"x")


def test_pipe_without_a_writer_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a")
    assert why(listed(tmp_path / "a")) == {Unread.NOT_A_FILE}


def test_socket_is_no_file(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "a"))
        assert why(listed(tmp_path / "a")) == {Unread.NOT_A_FILE}


@pytest.mark.parametrize("path", ["/dev/zero", "/dev/null", "/dev"])
def test_device_or_folder_is_no_file(path: str) -> None:
    assert why(listed(path)) == {Unread.NOT_A_FILE}


def test_link_is_not_followed(tmp_path: Path) -> None:
    filled(tmp_path / "target")
    os.symlink(tmp_path / "target", tmp_path / "a")
    seen = os.stat(tmp_path / "a")
    assert why(DiskSource(str(tmp_path / "a"), seen.st_size, seen.st_mtime_ns)) == {Unread.NOT_A_FILE}


@pytest.mark.parametrize("kind", [stat.S_IFIFO, stat.S_IFDIR, stat.S_IFLNK])
def test_other_thing_in_its_place_is_no_file(tmp_path: Path, kind: int) -> None:
    path = tmp_path / "a"
    filled(path)
    source = listed(path)
    path.unlink()
    {stat.S_IFIFO: os.mkfifo, stat.S_IFDIR: os.mkdir, stat.S_IFLNK: lambda at: os.symlink("a", at)}[kind](path)
    assert why(source) == {Unread.NOT_A_FILE}


def test_file_that_is_gone_has_vanished(tmp_path: Path) -> None:
    filled(tmp_path / "a")
    source = listed(tmp_path / "a")
    (tmp_path / "a").unlink()
    assert why(source) == {Unread.VANISHED}


def test_folder_that_became_a_file_took_it_along(tmp_path: Path) -> None:
    filled(tmp_path / "a")
    assert why(DiskSource(str(tmp_path / "a" / "b"), 1, 1)) == {Unread.VANISHED}


@pytest.mark.parametrize("path", ["a\0b", "x" * 5000, "\ud800"])
def test_path_that_no_system_has_is_a_fault_of_its_own(path: str) -> None:
    assert why(DiskSource(path, 1, 1)) == {Unread.FAILED}


def test_file_that_may_not_be_opened_is_denied(tmp_path: Path) -> None:
    """As another account, where the tests run as root."""
    filled(tmp_path / "a", 10)
    (tmp_path / "a").chmod(0)
    source = listed(tmp_path / "a")
    former = os.geteuid()
    tmp_path.chmod(0o711)
    if former == 0:
        tmp_path.chmod(0o700)
        os.seteuid(65534)
    try:
        assert why(source) == {Unread.DENIED}
    finally:
        os.seteuid(former)


def test_replaced_file_has_changed(tmp_path: Path) -> None:
    filled(tmp_path / "a", 10)
    source = listed(tmp_path / "a")
    filled(tmp_path / "b", 10)
    os.utime(tmp_path / "b", ns=(0, 1))
    os.replace(tmp_path / "b", tmp_path / "a")
    assert why(source) == {Unread.CHANGED}


@pytest.mark.parametrize("size", [0, LONG - 1, LONG + 1])
def test_file_of_another_length_has_changed(tmp_path: Path, size: int) -> None:
    filled(tmp_path / "a")
    source = listed(tmp_path / "a")
    os.truncate(tmp_path / "a", size)
    os.utime(tmp_path / "a", ns=(0, source._mtime_ns))
    assert why(source) == {Unread.CHANGED}


@pytest.mark.parametrize("size", [0, BUFFER_BYTES + 1, LONG + 1])
def test_file_that_changes_while_it_is_read_is_not_taken_for_broken(tmp_path: Path, size: int) -> None:
    filled(tmp_path / "a")
    with listed(tmp_path / "a") as source:
        stream = source.whole()
        stream.read(BUFFER_BYTES)
        os.truncate(tmp_path / "a", size)
        with pytest.raises(Unreadable) as raised:
            stream.read()
    assert raised.value.why is Unread.CHANGED


def test_file_that_is_overwritten_while_it_is_read_has_changed(tmp_path: Path) -> None:
    filled(tmp_path / "a")
    with listed(tmp_path / "a") as source:
        stream = source.whole()
        stream.read(1)
        os.utime(tmp_path / "a", ns=(0, 1))
        with pytest.raises(Unreadable) as raised:
            stream.read(2 * BUFFER_BYTES)
    assert raised.value.why is Unread.CHANGED


def test_fault_of_the_disk_is_not_a_fault_of_the_picture() -> None:
    """The first page of a process's memory is a regular file that can't be read."""
    seen = os.stat("/proc/self/mem")
    with DiskSource("/proc/self/mem", seen.st_size, seen.st_mtime_ns) as source:
        stream = source.whole()
        with pytest.raises(Unreadable) as raised:
            stream.read(1)
    assert raised.value.why is Unread.FAILED


def test_huge_file_is_read_no_further_than_its_head(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    os.truncate(tmp_path / "a", 100 << 30)
    source = listed(tmp_path / "a")
    assert source.head() == bytes(HEAD_BYTES)
    with pytest.raises(Unreadable) as raised:
        source.whole()
    assert raised.value.why is Unread.TOO_LARGE


def test_film_is_read_in_pieces_but_not_at_once(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    os.truncate(tmp_path / "a", MOST_WHOLE)
    with listed(tmp_path / "a") as source:
        stream = source.whole()
        stream.seek(-10, io.SEEK_END)
        assert stream.read() == bytes(10)
        stream.seek(MOST_WHOLE - MOST_AT_ONCE - 1)
        with pytest.raises(Unreadable) as raised:
            stream.read()
    assert raised.value.why is Unread.TOO_LARGE


def test_head_that_is_known_needs_no_file() -> None:
    source = DiskSource("/nowhere/a.jpg", 1, 1, head=b"known")
    assert source.head() == b"known"
    with pytest.raises(Unreadable):
        source.whole()


def test_held_file_is_read_from_what_is_held() -> None:
    data = os.urandom(LONG)
    for source in (HeldSource("a.jpg", LONG, data[:HEAD_BYTES], data), HeldSource("a.jpg", LONG, None, data)):
        with source:
            assert (source.name, source.size, source.head()) == ("a.jpg", LONG, data[:HEAD_BYTES])
            assert source.whole().read() == data


def test_small_file_is_whole_with_its_head() -> None:
    assert HeldSource("a", 3, b"abc").whole().read() == b"abc"


@pytest.mark.parametrize("source", [HeldSource("a", LONG, b"x" * HEAD_BYTES), HeldSource("a", 4, b"abc")])
def test_held_head_asks_for_the_rest(source: HeldSource) -> None:
    with pytest.raises(NeedsWhole):
        source.whole()


def test_nothing_held_asks_for_all() -> None:
    with pytest.raises(NeedsWhole):
        HeldSource("a", 4, None).head()
