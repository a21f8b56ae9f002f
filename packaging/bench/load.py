"""Sends prepared HTTP requests over open connections: as fast as they are answered, or at a steady rate."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a run."""

    seconds: float
    waits: tuple[float, ...]
    """Seconds from when each request was due until its answer, sorted."""
    statuses: tuple[int, ...]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    def percentile(self, share: float) -> float:
        """Of the waits, in seconds."""
        return self.waits[min(len(self.waits) - 1, int(len(self.waits) * share))]


def as_fast_as_possible(port: int, requests: Sequence[bytes], *, connections: int) -> Outcome:
    """Each connection sends its next request as soon as its last is answered."""
    return asyncio.run(_run(port, requests, connections, None))


def steadily(port: int, requests: Sequence[bytes], *, rate: float, connections: int) -> Outcome:
    """`rate` requests a second, whether or not the ones before were answered; a wait counts from when it was due."""
    return asyncio.run(_run(port, requests, connections, rate))


async def _run(port: int, requests: Sequence[bytes], connections: int, rate: float | None) -> Outcome:
    queue: asyncio.Queue[tuple[float, bytes] | None] = asyncio.Queue()
    waits: list[float] = []
    statuses: list[int] = []

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (item := await queue.get()) is not None:
            due, request = item
            began = due or time.perf_counter()
            writer.write(request)
            statuses.append(await _answer(reader))
            waits.append(time.perf_counter() - began)
        writer.close()

    workers = [asyncio.create_task(one()) for _ in range(connections)]
    started = time.perf_counter()
    for number, request in enumerate(requests):
        due = 0.0
        if rate is not None:
            due = started + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
        queue.put_nowait((due, request))
    for _ in workers:
        queue.put_nowait(None)
    await asyncio.gather(*workers)
    return Outcome(
        seconds=time.perf_counter() - started, waits=tuple(sorted(waits)), statuses=tuple(sorted(set(statuses)))
    )


async def _answer(reader: asyncio.StreamReader) -> int:
    head = await reader.readuntil(b"\r\n\r\n")
    length = 0
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    await reader.readexactly(length)
    return int(head[9:12])
