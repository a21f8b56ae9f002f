"""One service in use between a computer and a virtual phone: bytes both ways, one message at a time."""

import queue
import threading
from collections.abc import Callable

from agent.demo.wire import Cable, Message, Unplugged, Verb


class Stream:
    """One thread of the phone serves it; the thread that listens to the cable hands it what arrives."""

    def __init__(self, cable: Cable, *, number: int, host_number: int, most_payload: int) -> None:
        self._cable = cable
        self._number = number
        self._host_number = host_number
        self._most_payload = most_payload
        self._inbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._on_its_way = False
        self._ended = False
        self._when_ended: Callable[[], None] | None = None

    def begin(self) -> None:
        """Tell the computer that the service is there. Raises Unplugged."""
        self._tell(Verb.OKAY)

    def send(self, data: bytes) -> None:
        """Hand over an answer in as many messages as it takes, each after the last was taken. Raises Unplugged."""
        for start in range(0, len(data), self._most_payload):
            self._wait_until_taken()
            with self._changed:
                self._on_its_way = True
            self._tell(Verb.WRTE, data[start : start + self._most_payload])

    def receive(self) -> bytes | None:
        """What the computer wrote next; None once it writes no more. Raises Unplugged."""
        data = self._inbox.get()
        if data is not None:
            self._tell(Verb.OKAY)
        return data

    def finish(self) -> None:
        """Close once the last answer was taken, or its tail would be lost. Raises Unplugged."""
        self._wait_until_taken()
        self._tell(Verb.CLSE)

    def when_ended(self, call: Callable[[], None]) -> None:
        """Call this, perhaps at once, when the computer closes the stream or the cable is out."""
        with self._changed:
            self._when_ended = call
            ended = self._ended
        if ended:
            call()

    def arrived(self, data: bytes) -> None:
        """The computer wrote this."""
        self._inbox.put(data)

    def input_over(self) -> None:
        """Nobody on the phone reads any more: `receive` answers None."""
        self._inbox.put(None)

    def taken(self) -> None:
        """The computer took the last message."""
        with self._changed:
            self._on_its_way = False
            self._changed.notify_all()

    def end(self) -> None:
        """The computer wants no more, or is no longer there. Any number of times."""
        with self._changed:
            self._ended = True
            call = self._when_ended
            self._changed.notify_all()
        self._inbox.put(None)
        if call is not None:
            call()

    def _wait_until_taken(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._ended or not self._on_its_way)
            if self._ended:
                raise Unplugged

    def _tell(self, verb: Verb, payload: bytes = b"") -> None:
        self._cable.send(Message(verb=verb, first=self._number, second=self._host_number, payload=payload))
