"""An adb server with memory: it notes each request and answers with the bytes that a test gave for it."""

import contextlib
import socket
import threading
from collections.abc import Mapping
from types import TracebackType


class FakeAdbServer:
    """Listens on a port of its own; a request without an answer is hung up on."""

    def __init__(self, answers: Mapping[str, bytes], *, hold: bool = False) -> None:
        """`hold`: stay connected after an answer, as for a list that is followed."""
        self.requests: list[str] = []
        self._answers = answers
        self._hold = hold
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._listen)]
        self._threads[0].start()

    def __enter__(self) -> "FakeAdbServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in list(self._threads):
            thread.join()

    def _listen(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                thread = threading.Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError), connection.makefile("rb") as stream:
            request = stream.read(int(stream.read(4) or b"0", 16)).decode()
            if not request:
                return
            self.requests.append(request)
            answer = self._answers.get(request)
            if answer is None:
                return
            connection.sendall(answer)
            if self._hold:
                self._over.wait()


def said(text: str) -> bytes:
    """OKAY with a text, as the server answers most questions."""
    return b"OKAY" + block(text)


def block(text: str) -> bytes:
    """A text with its length before it."""
    data = text.encode()
    return b"%04x" % len(data) + data
