"""The phone's half of one connection: who it is, whether it lets the computer in, and its streams side by side."""

import contextlib
import threading
from collections.abc import Callable

from agent.demo.faults import Faults
from agent.demo.stream import Stream
from agent.demo.wire import MOST_PAYLOAD, VERSION, Cable, Message, Unplugged, Verb

AUTH_TOKEN, AUTH_PUBLIC_KEY = 1, 3
TOKEN = bytes(range(20))
"""What the computer is to sign. No signature is ever looked at, so it need not be secret."""
NO_STREAM = 0

Serve = Callable[[Stream], None]
"""Answers one stream, in a thread of its own. Raises Unplugged."""
Find = Callable[[str], Serve | None]
"""The answerer of a service such as "shell:ls", or None where the phone offers no such thing."""


class Session:
    """One connection, from the first message to the last."""

    def __init__(self, cable: Cable, *, banner: str, faults: Faults, find: Find) -> None:
        self._cable = cable
        self._banner = banner
        self._faults = faults
        self._find = find
        self._guard = threading.Lock()
        self._allowed = not faults.unauthorised
        self._asked_to_allow = False
        self._online = False
        self._tap: threading.Timer | None = None
        self._most_payload = MOST_PAYLOAD
        self._streams: dict[int, Stream] = {}
        self._threads: list[threading.Thread] = []
        self._last_number = NO_STREAM

    def run(self) -> None:
        """Answer until the cable is out, and everything that was served has ended."""
        try:
            while True:
                message = self._cable.receive()
                if not self._faults.offline:
                    self._take(message)
        except Unplugged:
            self.hang_up()
        for thread in self._threads:
            thread.join()

    def allow(self) -> None:
        """The person taps "Allow", or has done so before anybody asked."""
        with self._guard:
            self._allowed = True
            self._online = self._online or self._asked_to_allow
            waited, self._asked_to_allow = self._asked_to_allow, False
        if waited:
            with contextlib.suppress(Unplugged):  # then there is nobody to tell
                self._cable.send(self._greeting())

    def hang_up(self) -> None:
        """Pull the cable. Any number of times."""
        if self._tap is not None:
            self._tap.cancel()
        self._cable.close()
        with self._guard:
            streams = list(self._streams.values())
        for stream in streams:
            stream.end()

    def _take(self, message: Message) -> None:
        match message.verb:
            case Verb.CNXN:
                self._greet(message.second)
            case Verb.AUTH:
                self._authenticate(message.first)
            case Verb.OPEN if self._online:
                self._open(message)
            case _:
                self._pass_on(message)

    def _greet(self, most_payload: int) -> None:
        self._most_payload = max(1, min(MOST_PAYLOAD, most_payload))
        with self._guard:
            allowed = self._allowed
            self._online = allowed
        if allowed:
            self._cable.send(self._greeting())
        else:
            self._cable.send(Message(verb=Verb.AUTH, first=AUTH_TOKEN, second=0, payload=TOKEN))

    def _greeting(self) -> Message:
        return Message(verb=Verb.CNXN, first=VERSION, second=MOST_PAYLOAD, payload=self._banner.encode())

    def _authenticate(self, kind: int) -> None:
        """Know no key. The computer then shows its public key, and a person has to tap."""
        if kind != AUTH_PUBLIC_KEY:
            self._cable.send(Message(verb=Verb.AUTH, first=AUTH_TOKEN, second=0, payload=TOKEN))
            return
        with self._guard:
            self._asked_to_allow = True
            allowed = self._allowed
        if allowed:
            self.allow()
        elif self._faults.allowed_after_s is not None and self._tap is None:
            self._tap = threading.Timer(self._faults.allowed_after_s, self.allow)
            self._tap.daemon = True
            self._tap.start()

    def _open(self, message: Message) -> None:
        service = message.payload.rstrip(b"\0").decode("utf-8", "surrogateescape")
        serve = self._find(service)
        if serve is None:
            self._cable.send(Message(verb=Verb.CLSE, first=NO_STREAM, second=message.first))
            return
        with self._guard:
            self._last_number += 1
            number = self._last_number
            stream = Stream(self._cable, number=number, host_number=message.first, most_payload=self._most_payload)
            self._streams[number] = stream
        thread = threading.Thread(target=self._run, args=(number, stream, serve), daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()]
        thread.start()
        self._threads.append(thread)

    def _run(self, number: int, stream: Stream, serve: Serve) -> None:
        try:
            stream.begin()
            serve(stream)
            stream.finish()
        except Unplugged:
            stream.end()
        finally:
            with self._guard:
                self._streams.pop(number, None)

    def _pass_on(self, message: Message) -> None:
        with self._guard:
            stream = self._streams.get(message.second)
        if stream is None:
            return  # closed by us while this was on its way
        match message.verb:
            case Verb.OKAY:
                stream.taken()
            case Verb.WRTE:
                stream.arrived(message.payload)
            case _:
                stream.end()
