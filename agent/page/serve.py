"""Listens on loopback under a name that nobody can guess, opens the browser, and ends when nobody looks any more."""

import contextlib
import errno
import html
import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from agent.atomic import private_folder, write_atomic
from agent.exits import CannotRun
from agent.page.app import application
from agent.page.keys import Keys
from agent.page.page import Page
from agent.page.whole import endpoints
from reports.web.serving import Impatient, Server

IDLE_S = 15 * 60.0
"""Without a request for so long, the page ends."""
LOOK_S = 0.5
STOP_S = 5
CONNECTIONS = 64
NAME_BYTES = 8
TRIES = 20
LOOPBACK4, LOOPBACK6 = "127.0.0.1", "::1"


@dataclass(slots=True)
class Quiet:
    """Since when nobody looked."""

    clock_s: Callable[[], float]
    since_s: float = 0.0

    def seen(self) -> None:
        """Somebody looks now."""
        self.since_s = self.clock_s()

    @property
    def for_s(self) -> float:
        """Seconds."""
        return self.clock_s() - self.since_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A page that listens."""

    host: str
    """Name and port."""
    link: str
    """Works once, for two minutes."""


def serve(page: Page, *, randomness: Callable[[int], bytes], started: Callable[[Opened], None]) -> None:
    """Serve until the person ends it, a signal does, or nobody has looked for long. Raises CannotRun.

    `started` is called with the address once it listens.
    """
    keys = Keys(randomness=randomness, clock_s=page.clock_s)
    quiet = Quiet(page.clock_s, page.clock_s())
    with bound() as socks, ExitStack() as after:
        after.callback(page.reviewing.close)
        after.callback(page.stop.set)
        # A name of its own: browsers send a cookie to every port of a name, and other programs have ports here, too.
        host = f"scrubin-{randomness(NAME_BYTES).hex()}.localhost:{socks[0].getsockname()[1]}"
        app = application(page, keys, endpoints(), host=host, seen=quiet.seen)
        server = Server(_configured(app), lambda: started(Opened(host=host, link=f"http://{host}/open/{keys.link()}")))
        watch = threading.Thread(target=_watch, args=(page, quiet, server), daemon=True, name="idle")
        watch.start()
        server.run(sockets=list(socks))


def _watch(page: Page, quiet: Quiet, server: Server) -> None:
    """End the server once the page is to end; what was asked already is still answered."""
    while not page.stop.wait(LOOK_S):
        if quiet.for_s > IDLE_S and not page.busy:
            break
    server.should_exit = True


def _configured(app: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # uvicorn's type for an application is narrower than what it takes
        http=Impatient,
        ws="none",
        timeout_keep_alive=20,
        timeout_graceful_shutdown=STOP_S,
        limit_concurrency=CONNECTIONS,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="critical",  # its messages may quote addresses, and what was asked
    )


@contextlib.contextmanager
def bound() -> Iterator[list[socket.socket]]:
    """The same free port on both loopback addresses. Raises CannotRun.

    Both, because a browser may try either: on the other one somebody else could be waiting for our cookie.
    """
    for _ in range(TRIES):
        with ExitStack() as held:
            first = held.enter_context(_listening(socket.AF_INET, LOOPBACK4, 0))
            if first is None:
                break
            try:
                second = held.enter_context(_listening(socket.AF_INET6, LOOPBACK6, first.getsockname()[1]))
            except OSError:
                continue  # taken there: another port
            yield [first] if second is None else [first, second]
            return
    raise CannotRun("this laptop's own network (loopback) can't be listened on, so the page can't be shown")


@contextlib.contextmanager
def _listening(family: socket.AddressFamily, address: str, port: int) -> Iterator[socket.socket | None]:
    """None where the system has no such address. Raises OSError where the port is taken."""
    try:
        sock = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        yield None
        return
    with sock:
        try:
            sock.bind((address, port))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                yield None
                return
            raise
        yield sock


def door_file(folder: Path, link: str) -> Path:
    """A private file that leads the browser to the link: a link among the arguments of a program is seen by everybody.

    Raises OSError.
    """
    private_folder(str(folder))
    target = folder / f"page-{os.getpid()}.html"
    address = html.escape(link, quote=True)
    text = (
        '<!doctype html><html lang="en-AU"><head><meta charset="utf-8"><meta name="referrer" content="no-referrer">'
        f'<meta http-equiv="refresh" content="0;url={address}"><title>scrubin</title></head>'
        f'<body><p><a href="{address}">Open your scrubin page</a></p></body></html>\n'
    )
    write_atomic(str(target), text.encode())
    return target
