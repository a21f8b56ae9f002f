"""Speaks HTTP as uvicorn does, but waits for nobody without end, and says when it listens."""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_S = 10.0
"""How long a connection may take until its request's head is there."""
HEAD_BYTES = 64 << 10
"""How much may come until then. uvicorn's own limit is for its other protocol, and holds nobody here."""


class Impatient(HttpToolsProtocol):
    """uvicorn's own protocol waits for ever for the first head of a connection, however long; this one does not."""

    _waiting: asyncio.TimerHandle | None = None
    _head: int = 0
    """Bytes of the head that is waited for."""

    def connection_made(self, transport: Any) -> None:
        """A connection is there: its head is due."""
        super().connection_made(transport)
        self._waiting = asyncio.get_running_loop().call_later(HEAD_S, transport.abort)

    def data_received(self, data: bytes) -> None:
        """More of it. A byte on a connection that stood idle begins another head, which is due as the first was."""
        if self._waiting is None and (self.cycle is None or self.cycle.response_complete):
            self._waiting = asyncio.get_running_loop().call_later(HEAD_S, self.transport.abort)
            self._head = 0
        self._head += len(data)
        super().data_received(data)
        if self._waiting is not None and self._head > HEAD_BYTES:
            self.transport.abort()

    def on_headers_complete(self) -> None:
        """The head has come; bodies have a limit of their own."""
        self._stop_waiting()
        self._head = 0
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """It ended."""
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class Server(uvicorn.Server):
    """uvicorn, which says when it listens."""

    def __init__(self, config: uvicorn.Config, started: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = started

    async def startup(self, sockets: Any = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._told()
