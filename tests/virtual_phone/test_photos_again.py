"""A cable that is pulled while pictures are listed and read, and put back."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from virtual_phone.rig import SERIAL, PlugIn, adb, states, until

from agent.collect.host import CollectError
from agent.demo.phone import VirtualPhone
from agent.demo.server import AdbServer
from agent.photos.image import HEAD_BYTES
from agent.photos.phone_files import PhonePictures
from agent.photos.place import File
from checks.evidence import Why

ANSWERS = {
    "getprop": "[ro.serialno]: [SECRET0001]\n[ro.boottime.init]: [123456]\n",
    "pm list users": "Users:\n\tUserInfo{0:Owner:4c13} running\n",
}
COUNT = 2000
LOOPBACK = "127.0.0.1"


class LooseCable:
    """A way to a phone that breaks once after so many bytes, and is put back at once."""

    def __init__(self, server: AdbServer, phones: list[VirtualPhone], *, breaks_after: int) -> None:
        """The second connection leads to the last of the phones."""
        self._server = server
        self._phones = phones
        self._left = breaks_after
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((LOOPBACK, 0))
        self.address = f"{LOOPBACK}:{self._listener.getsockname()[1]}"
        self.breaks = 0
        self._start(self._listen)
        server.connect(self.address)

    def close(self) -> None:
        adb(self._server, "disconnect", self.address)
        for one in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()

    def _start(self, call: Callable[..., None], *arguments: object) -> None:
        self._threads.append(threading.Thread(target=call, args=arguments))
        self._threads[-1].start()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                phone = self._phones[min(self.breaks, len(self._phones) - 1)]
                far = socket.create_connection((LOOPBACK, int(phone.address.rpartition(":")[2])))
                self._sockets += [near, far]
                self._start(self._carry, near, far, False)
                self._start(self._carry, far, near, True)

    def _carry(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(64 << 10):
                sink.sendall(data)
                self._left -= len(data) if counted else 0
                if counted and self._left < 0 and not self.breaks:
                    self.breaks += 1
                    self._start(self._put_back)
                    break
        for one in (source, sink):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def _put_back(self) -> None:
        until(lambda: states(self._server).get(self.address) != "device")
        until(self._there)

    def _there(self) -> bool:
        """The server may still be taking leave of the phone when it is told to connect."""
        if states(self._server).get(self.address) != "device":
            adb(self._server, "disconnect", self.address)
            self._server.connect(self.address)
        return states(self._server).get(self.address) == "device"


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    camera = tmp_path / "sdcard/DCIM/Camera"
    camera.mkdir(parents=True)
    for number in range(COUNT):
        (camera / f"{number:04}.jpg").write_bytes(b"%d" % number * (40_000 if number < 40 else 1))
    return tmp_path / "sdcard"


@pytest.fixture
def loose(adb_server: AdbServer) -> Iterator[Callable[..., LooseCable]]:
    with contextlib.ExitStack() as after:

        def plug_in(*phones: VirtualPhone, breaks_after: int) -> LooseCable:
            cable = LooseCable(adb_server, list(phones), breaks_after=breaks_after)
            after.callback(cable.close)
            until(lambda: states(adb_server).get(cable.address) == "device")
            return cable

        yield plug_in


def reader(server: AdbServer, cable: LooseCable, *, patience_s: float = 60.0) -> PhonePictures:
    port = server.port
    return PhonePictures(port, cable.address, 34, "id", threading.Event(), patience_s=patience_s)


def test_a_list_goes_on_after_a_cut(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path, loose: Callable[..., LooseCable]
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, connect=False)
    cable = loose(phone, breaks_after=250_000)
    found = list(reader(adb_server, cable).listing())
    assert cable.breaks == 1
    assert len({one.path for one in found if isinstance(one, File)}) == len(found) == COUNT
    queries = [words for words in phone.ledger.asked if "--where" in words]
    resumed = [words[words.index("--where") + 1] for words in queries if words[3].endswith("images/media")]
    assert resumed[0] == "_id>0"
    assert int(resumed[1].removeprefix("_id>")) > 1_000_000_000, "what was listed is not listed again"


def test_heads_go_on_after_a_cut(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path, loose: Callable[..., LooseCable]
) -> None:
    cable = loose(virtual_phone(ANSWERS, storage=storage, connect=False), breaks_after=1_500_000)
    pictures = reader(adb_server, cable)
    files = [one for one in pictures.listing() if isinstance(one, File)][:60]
    heads = list(pictures.heads(files))
    assert cable.breaks == 1
    assert [file for file, _ in heads] == files
    assert all(head == (storage / "DCIM/Camera" / Path(f.path).name).read_bytes()[:HEAD_BYTES] for f, head in heads)


def test_another_phone_in_its_place_is_not_taken_for_it(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path, loose: Callable[..., LooseCable]
) -> None:
    twin = {**ANSWERS, "getprop": ANSWERS["getprop"].replace("123456", "654321")}
    first = virtual_phone(ANSWERS, storage=storage, connect=False)
    second = virtual_phone(twin, storage=storage, connect=False, serial=f"{SERIAL}B")
    cable = loose(first, second, breaks_after=250_000)
    with pytest.raises(CollectError) as refused:
        list(reader(adb_server, cable).listing())
    assert refused.value.why is Why.DISCONNECTED
    assert "another phone" in refused.value.detail


def test_a_phone_that_stays_away_ends_the_list_and_what_came_is_good(
    adb_server: AdbServer, virtual_phone: PlugIn, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage)
    listing = PhonePictures(adb_server.port, phone.address, 34, "id", threading.Event(), patience_s=0.5).listing()
    assert isinstance(next(listing), File)
    phone.unplug()
    with pytest.raises(CollectError) as gone:
        list(listing)
    assert gone.value.why in (Why.DISCONNECTED, Why.OFFLINE)


def test_an_audit_of_another_phone_is_noticed(adb_server: AdbServer, virtual_phone: PlugIn) -> None:
    phone = virtual_phone(ANSWERS)
    other = ANSWERS["getprop"].replace("SECRET0001", "SECRET0002")
    pictures = PhonePictures(adb_server.port, phone.address, 34, "id", threading.Event(), said=other, patience_s=0.5)
    with pytest.raises(CollectError) as refused:
        list(pictures.listing())
    assert "another phone" in refused.value.detail
