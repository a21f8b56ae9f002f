"""The process that makes previews dies alone, does little else, and does not outstay its welcome."""

import hashlib
import io
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import odd_darkroom
import psutil
import pytest

from agent.photos.darkroom import Darkroom, DarkroomError, Held, OnLaptop
from agent.photos.darkroom_child import digest
from agent.photos.image import Unread, Unreadable

ROOT = Path(__file__).parents[3]
ROOMY = 8 << 30
FINE = Held(name="fine.jpg", data=b"x")


def odd_room(*, shot_s: float = 300.0, idle_s: float = 300.0, memory: int = ROOMY, **more: Any) -> Darkroom:
    argv = (sys.executable, "-P", "-B", odd_darkroom.__file__, str(shot_s), str(idle_s), str(memory))
    environ = {"PYTHONPATH": str(ROOT), "SECRET": "canary"}
    return Darkroom(environ, argv=argv, shot_s=shot_s, idle_s=idle_s, **more)


def why(room: Darkroom, name: str, data: bytes = b"x") -> Unread:
    with pytest.raises(DarkroomError) as raised:
        room.preview(Held(name=name, data=data))
    return raised.value.why


def width(room: Darkroom, name: str) -> int:
    return room.preview(Held(name=name, data=b"x")).width


def test_nothing_is_started_before_it_is_needed() -> None:
    with odd_room() as room:
        assert room.worker is None
        room.preview(FINE)
        assert room.worker is not None


def test_one_process_serves_one_picture_after_another() -> None:
    with odd_room() as room:
        room.preview(FINE)
        first = room.worker
        assert why(room, "broken.jpg") is Unread.BROKEN
        room.preview(FINE)
        assert room.worker == first


def test_a_picture_that_kills_its_process_kills_nothing_else() -> None:
    with odd_room() as room:
        assert why(room, "die.jpg") is Unread.CRASHED
        assert room.preview(FINE).width == 4


def test_a_picture_that_never_ends_is_given_up() -> None:
    with odd_room(shot_s=0.3) as room:
        assert why(room, "hang.jpg") is Unread.TIMED_OUT
        assert room.worker is None
    with odd_room() as room:
        assert room.preview(FINE).width == 4


def test_a_picture_that_wants_all_memory_gets_none() -> None:
    with odd_room(memory=400 << 20) as room:
        assert why(room, "greedy.jpg") is Unread.OUT_OF_MEMORY
        assert room.preview(FINE).width == 4


@pytest.mark.parametrize("name", ["no_picture.jpg", "too_wide.jpg", "stranger.jpg", "babble.jpg"])
def test_what_is_no_preview_is_not_handed_on(name: str) -> None:
    with odd_room() as room:
        assert why(room, name) is Unread.CRASHED
        assert room.preview(FINE).width == 4


def test_limits_hold() -> None:
    with odd_room() as room:
        assert width(room, "limits.jpg") == 1


def test_it_writes_no_file(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.touch()
    with odd_room() as room:
        why(room, "write.jpg", str(target).encode())
    assert target.read_bytes() == b""


def test_it_sees_nothing_of_the_persons_environment() -> None:
    with odd_room() as room:
        assert width(room, "variables.jpg") == 1


def test_it_lies_in_no_folder_of_the_person_and_in_a_session_of_its_own() -> None:
    with odd_room() as room:
        room.preview(FINE)
        assert room.worker is not None
        assert psutil.Process(room.worker).cwd() == "/"
        assert os.getsid(room.worker) == room.worker


def test_it_ends_by_itself_once_nobody_asks() -> None:
    with odd_room(idle_s=0.3) as room:
        room.preview(FINE)
        assert room.worker is not None
        psutil.Process(room.worker).wait(60)
        assert room.preview(FINE).width == 4


def test_it_ends_with_the_block() -> None:
    with odd_room() as room:
        room.preview(FINE)
        process = psutil.Process(room.worker)
    assert not process.is_running()


def test_one_that_is_about_to_end_is_not_asked_any_more() -> None:
    now_s = 1000.0
    with odd_room(idle_s=300.0, clock_s=lambda: now_s) as room:
        room.preview(FINE)
        first = room.worker
        now_s += 295
        room.preview(FINE)
        assert room.worker != first


def test_one_that_died_meanwhile_is_not_taken_for_the_fault_of_the_next_picture() -> None:
    with odd_room() as room:
        room.preview(FINE)
        process = psutil.Process(room.worker)
        process.kill()
        process.wait(60)
        assert room.preview(FINE).width == 4


def test_closing_does_not_wait_for_a_picture_that_never_ends() -> None:
    said: list[Unread] = []
    with odd_room() as room:
        thread = threading.Thread(target=lambda: said.append(why(room, "hang.jpg")))
        thread.start()
        deadline_s = time.monotonic() + 60
        while room.worker is None and time.monotonic() < deadline_s:
            time.sleep(0.01)
    thread.join(60)
    assert said == [Unread.FAILED]


def test_a_room_that_was_closed_starts_nothing() -> None:
    with odd_room() as room:
        pass
    assert why(room, "fine.jpg") is Unread.FAILED
    assert room.worker is None


def test_several_threads_may_ask_at_once() -> None:
    said: list[int] = []
    with odd_room() as room:
        threads = [threading.Thread(target=lambda: said.append(room.preview(FINE).width)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    assert said == [4] * 6


def test_where_no_process_starts_there_is_no_preview() -> None:
    with Darkroom({}, argv=("/nowhere/at/all",)) as room:
        assert why(room, "fine.jpg") is Unread.FAILED


def test_a_large_copy_comes_back_whole() -> None:
    data = bytes(range(256)) * (40 << 10)
    with odd_room() as room:
        assert room.strip(Held(name="fine.jpg", data=data)).data == data


def test_what_is_too_large_for_memory_is_not_sent() -> None:
    with odd_room() as room:
        assert why(room, "fine.jpg", bytes((64 << 20) + 1)) is Unread.TOO_LARGE
        assert room.worker is None


def test_a_name_that_is_too_long_is_not_sent() -> None:
    with odd_room() as room:
        assert why(room, "x" * (70 << 10)) is Unread.TOO_LARGE


def test_a_file_that_starts_otherwise_than_it_did_is_another() -> None:
    assert digest(io.BytesIO(b"one and more"), b"one") == hashlib.sha256(b"one and more").digest()
    with pytest.raises(Unreadable) as raised:
        digest(io.BytesIO(b"two and more"), b"one")
    assert raised.value.why is Unread.CHANGED


def test_a_file_of_any_name_is_opened(tmp_path: Path) -> None:
    for name in (b"$(reboot)\n.jpg", "\u202egpj.jpg".encode(), b"\xff\xfe.jpg", b"x" * 255):
        path = os.path.join(os.fsencode(tmp_path), name)
        with open(path, "wb") as file:
            file.write(b"x")
        seen = os.stat(path)
        with odd_room() as room:
            shot = OnLaptop(path=os.fsdecode(path), size=seen.st_size, stamp=seen.st_mtime_ns)
            assert room.preview(shot).width == 4
