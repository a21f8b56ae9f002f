"""Which phones the review is given: those that answer and say which they are, each once, by the index's id."""

import threading
from dataclasses import dataclass
from pathlib import Path

import pytest
from phone_removal_parts import (
    ANSWERS,
    KEY,
    NAME,
    PICTURE,
    adb_server,
    copy_of,
    lay,
    left,
    remover,
    virtual_phone,
)
from virtual_phone.rig import PlugIn, states, until

from agent.collect.adb.devices import State
from agent.demo.faults import Faults
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer
from agent.devices import Seen
from agent.identity import phone_id
from agent.photos.image import Unread
from agent.photos.review.model import Marked, Removal, Removed
from agent.photos.review.phone import AttachedPhone, attached
from agent.photos.scan import open_index
from agent.places import Places
from agent.surroundings import Around
from checks.makers import Maker

__all__ = ["adb_server", "remover", "virtual_phone"]

PIXEL = {
    **ANSWERS,
    "getprop": ANSWERS["getprop"] + "[ro.product.manufacturer]: [Google]\n[ro.product.model]: [Pixel 9a]\n",
}
NAMELESS = {**ANSWERS, "getprop": PIXEL["getprop"].replace("SECRET0001", "unknown")}


@dataclass(frozen=True, kw_only=True)
class OnlyHome:
    home: str


@dataclass(frozen=True, kw_only=True)
class SmallDesk:
    places: Places
    door: OnlyHome


@pytest.fixture
def desk(tmp_path: Path) -> SmallDesk:
    own = {name: tmp_path / name for name in ("state", "runtime", "config", "system_config")}
    return SmallDesk(places=Places(**own), door=OnlyHome(home=str(tmp_path)))


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return lay(tmp_path / "sdcard", {NAME: PICTURE})


def seen(server: AdbServer, *phones: VirtualPhone, wireless: bool = True) -> tuple[Seen, ...]:
    for one in phones:
        until(lambda address=one.address: states(server).get(address) == "device")
    return tuple(Seen(serial=one.address, state=State.READY, wireless=wireless) for one in phones)


def found(desk: SmallDesk, server: AdbServer, *there: Seen) -> dict[str, AttachedPhone]:
    here = Around(port=server.port, seen=there)
    return dict(attached(desk, threading.Event(), key=KEY, look=lambda: here))


def test_a_phone_is_known_by_the_indexs_id_and_deletes(
    desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    phone = virtual_phone(PIXEL, storage=storage, writable=True)
    ((device, one),) = found(desk, adb_server, *seen(adb_server, phone)).items()
    assert device == phone_id(desk.places.state, "SECRET0001") == one.pictures.device
    assert (one.name, one.maker) == ("Pixel 9a", Maker.GOOGLE)
    assert phone.ledger.asked == [("getprop",)], "its properties and nothing else"
    copy = copy_of(storage, NAME, device=device)
    assert one.whole(copy) == PICTURE
    marked = one.remover.mark(copy)
    assert isinstance(marked, Marked)
    assert one.remover.remove(marked) == Removed(outcome=Removal.GONE)
    assert left(storage) == set()
    assert one.whole(copy) is Unread.VANISHED


def test_what_is_shown_is_what_was_judged(
    desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    ((device, one),) = found(desk, adb_server, *seen(adb_server, virtual_phone(PIXEL, storage=storage))).items()
    copy = copy_of(storage, NAME, device=device)
    (storage / NAME).write_bytes(PICTURE[::-1])
    assert one.whole(copy) is Unread.CHANGED


def test_a_phone_that_started_again_is_looked_for_anew(
    desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    phone = virtual_phone(PIXEL, storage=storage, writable=True)
    ((device, one),) = found(desk, adb_server, *seen(adb_server, phone)).items()
    copy = copy_of(storage, NAME, device=device)
    marked = one.remover.mark(copy)
    answer = Path(phone.folder, "root/android/answers/0.out")
    answer.write_text(answer.read_text().replace("123456", "777777"))
    assert (one.whole(copy), one.remover.mark(copy)) == (Unread.FAILED, Removal.PHONE_GONE)
    assert (one.remover.remove(marked), one.remover.is_gone(marked)) == (Removed(outcome=Removal.PHONE_GONE), None)
    assert left(storage) == {NAME}
    (again,) = found(desk, adb_server, *seen(adb_server, phone)).values()
    assert again.remover.remove(marked) == Removed(outcome=Removal.GONE)


def test_a_phone_that_does_not_say_which_it_is_is_known_by_its_cable_only(
    desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    phone = virtual_phone(NAMELESS)
    assert found(desk, adb_server, *seen(adb_server, phone)) == {}
    assert len(found(desk, adb_server, *seen(adb_server, phone, wireless=False))) == 1


def test_a_phone_with_two_ways_is_there_once_and_two_with_one_serial_are_not(
    desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    first, second = virtual_phone(PIXEL, serial="V1"), virtual_phone(PIXEL, serial="V2")
    wired, other = (seen(adb_server, one, wireless=False) for one in (first, second))
    assert len(found(desk, adb_server, *wired, *seen(adb_server, second))) == 1
    assert found(desk, adb_server, *wired, *other) == {}


@pytest.mark.parametrize(
    "getprop", ["", "[ro.serialno]: [A]\n", "[ro.serialno]: [A]\n[ro.build.version.sdk]: [x]\n", "noise"]
)
def test_a_phone_that_says_too_little_is_left_out(
    getprop: str, desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn
) -> None:
    phones = [virtual_phone({"getprop": getprop}, serial="V1"), virtual_phone(PIXEL, serial="V2")]
    assert [one.name for one in found(desk, adb_server, *seen(adb_server, *phones)).values()] == ["Pixel 9a"]


def test_phones_that_do_not_answer_are_left_out(desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    waiting = virtual_phone(PIXEL, faults=Faults(unauthorised=True))
    until(lambda: states(adb_server).get(waiting.address) == "unauthorized")
    there = [Seen(serial=waiting.address, state=state, wireless=True) for state in State]
    assert found(desk, adb_server, *there) == {}
    assert found(desk, adb_server, Seen(serial="a:b:c", state=State.READY)) == {}
    assert dict(attached(desk, threading.Event(), key=KEY, look=lambda: Around(port=None, seen=tuple(there)))) == {}


def test_it_is_found_by_itself_and_judged_by_the_indexs_own_key(
    desk: SmallDesk, adb_server: AdbServer, virtual_phone: PlugIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone = virtual_phone(PIXEL)
    seen(adb_server, phone)
    monkeypatch.setenv("ANDROID_ADB_SERVER_PORT", str(adb_server.port))
    (one,) = attached(desk, threading.Event()).values()
    with open_index(desk.places.photos) as index:
        assert one.key == index.key
