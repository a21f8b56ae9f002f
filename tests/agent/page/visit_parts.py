"""A page that really listens, and somebody who visits it as a browser does, header by header."""

import http.client
import itertools
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from agent import desk as desks
from agent.page.page import Page
from agent.page.serve import Opened, serve
from agent.page.whole import whole
from agent.places import places


@dataclass
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]
    data: bytes = b""


@dataclass
class Visit:
    """One browser. `page` is the process's own state, for tests that look behind it."""

    page: Page
    opened: Opened
    cookie: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    """Headers that this visitor adds to, or puts in place of, those of an honest browser; "" leaves one out."""

    @property
    def port(self) -> int:
        return int(self.opened.host.rpartition(":")[2])

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None, {"Sec-Fetch-Site": "same-origin"})

    def post(self, path: str, **fields: str | list[str]) -> Answer:
        body = urlencode([(k, one) for k, v in fields.items() for one in ([v] if isinstance(v, str) else v)])
        own = {"Origin": f"http://{self.opened.host}", "Sec-Fetch-Site": "same-origin"}
        return self._ask("POST", path, body, {**own, "Content-Type": "application/x-www-form-urlencoded"})

    def open(self) -> "Visit":
        """Follow the link, as the person does."""
        answer = self.get("/open/" + self.opened.link.rpartition("/")[2])
        assert answer.status == 200, answer.text
        self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return self

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Answer:
        said = {"Host": self.opened.host, **({"Cookie": self.cookie} if self.cookie else {}), **headers, **self.sent}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in said.items():
                if value:
                    connection.putheader(name, value)
            data = (body or "").encode()
            if body is not None:
                connection.putheader("Content-Length", str(len(data)))
            connection.endheaders(data or None)
            answer = connection.getresponse()
            content = answer.read()
            kept = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, content.decode("utf-8", "replace"), kept, content)
        finally:
            connection.close()


@contextmanager
def visited(
    *,
    now: Callable[[], datetime] = desks.now,
    clock_s: Callable[[], float] = time.monotonic,
    change: Callable[[Page], Page] = lambda page: page,
) -> Iterator[Visit]:
    """A page that listens; its state lies where SCRUBIN_STATE says. `change` puts fakes in place of its parts."""
    page = change(whole(places(), now=now, clock_s=clock_s, stop=threading.Event()))
    there: list[Opened] = []
    ready = threading.Event()
    numbers = itertools.count(1)

    def started(opened: Opened) -> None:
        there.append(opened)
        ready.set()

    def randomness(count: int) -> bytes:
        return next(numbers).to_bytes(count, "big")

    thread = threading.Thread(target=serve, args=(page,), kwargs={"randomness": randomness, "started": started})
    thread.start()
    try:
        assert ready.wait(60)
        yield Visit(page=page, opened=there[0])
    finally:
        page.stop.set()
        thread.join(60)
        assert not thread.is_alive()


def plain(html: str) -> str:
    """The words of a page, tags left out."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html)).strip()
