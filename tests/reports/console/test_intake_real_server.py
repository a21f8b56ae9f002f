"""Bodies that are huge, endless, slow, cut off or compressed, against a real server on a real socket."""

import gzip
import json
import socket
import threading
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from consoles import practice_id
from sender import Sender, code_for, rows
from starlette.applications import Starlette

from reports.console.console import Console
from reports.console.intake.routes import device_routes
from reports.console.intake.writer import Writer
from reports.console.store import tables
from reports.signing import FIRST_LINK, Link
from reports.web.bounded import Pace

LINK = Link(seq=1, previous=FIRST_LINK)
HEAD = "POST /v1/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
CHUNK = b"10000\r\n" + b" " * 0x10000 + b"\r\n"


class Started(uvicorn.Server):
    """Says when it listens."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listens = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listens.set()


@pytest.fixture
def port(console: Console) -> Iterator[int]:
    """Of a server that waits half a second for a body."""
    with Writer(console) as writer, socket.create_server(("127.0.0.1", 0)) as sock:
        app = Starlette(routes=device_routes(console, writer, pace=Pace(whole_s=0.5)))
        server = Started(uvicorn.Config(app, log_level="error", ws="none", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        server.listens.wait(60)
        yield sock.getsockname()[1]
        server.should_exit = True
        thread.join(60)


class Client:
    """Of requests, with the address put before each path."""

    def __init__(self, port: int) -> None:
        self.base_url = f"http://127.0.0.1:{port}"
        self.session = requests.Session()
        self.session.trust_env = False

    def post(self, path: str, content: bytes, headers: dict[str, str]) -> requests.Response:
        return self.session.post(self.base_url + path, data=content, headers=headers, timeout=60)


@pytest.fixture
def sender(console: Console, port: int) -> Iterator[Sender]:
    """A laptop that has enrolled through that server."""
    client = Client(port)
    made = Sender(client=client, clock=console.clock, base=client.base_url)
    assert made.enrol(code_for(console, practice_id(console))).status_code == 201
    yield made
    client.session.close()


def talk(port: int, text: bytes) -> socket.socket:
    """A connection on which this was said."""
    made = socket.create_connection(("127.0.0.1", port), timeout=60)
    made.sendall(text)
    return made


def answer(made: socket.socket) -> tuple[int, str]:
    """Status and code of what comes back until the server hangs up or has said it all."""
    said = b""
    while b"}" not in said and (part := made.recv(65536)):
        said += part
    head, _, body = said.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["code"]


def test_a_report_goes_through_a_real_server(console: Console, sender: Sender) -> None:
    assert sender.report("pfp").status_code == 202
    assert len(rows(console, tables.reports)) == 1


def test_a_gigabyte_is_refused_before_it_is_sent(port: int) -> None:
    with talk(port, (HEAD + f"Content-Length: {1 << 30}\r\n\r\n").encode()) as made:
        assert answer(made) == (413, "too_large")


def test_a_body_without_end_is_cut_off_at_the_limit(port: int) -> None:
    sent = 0
    with talk(port, (HEAD + "Transfer-Encoding: chunked\r\n\r\n").encode()) as made:
        made.setblocking(False)
        try:
            while sent < 1 << 30:
                try:
                    sent += made.send(CHUNK)
                except BlockingIOError:
                    made.settimeout(60)
                    if made.recv(1, socket.MSG_PEEK):
                        break
        except ConnectionError:
            pass
    assert sent < 32 << 20


def test_a_sender_that_is_too_slow_is_told_so(port: int) -> None:
    with talk(port, (HEAD + "Content-Length: 1000\r\n\r\n{").encode()) as made:
        assert answer(made) == (408, "slow")


def test_a_body_that_is_cut_off_leaves_nothing(console: Console, port: int, sender: Sender) -> None:
    body = sender.full("ppp")
    headers = sender.headers("/v1/reports", body, LINK)
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items() if name != "content-type")
    talk(port, (HEAD + head + f"Content-Length: {len(body)}\r\n\r\n").encode() + body[:100]).close()
    assert sender.send(body, link=LINK).status_code == 202
    assert len(rows(console, tables.reports)) == 1


def test_a_compressed_bomb_is_not_opened(console: Console, sender: Sender) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    headers = {**sender.headers("/v1/reports", bomb, LINK), "content-encoding": "gzip"}
    refused = sender.client.post("/v1/reports", content=bomb, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (415, "encoding")
    assert rows(console, tables.reports) == []


def test_a_clock_that_is_off_finds_one_date_in_the_answer(console: Console, sender: Sender) -> None:
    refused = sender.send(sender.full(), at=console.now() - 4000)
    assert (refused.status_code, refused.json()["code"]) == (401, "clock")
    assert "," not in refused.headers["date"].replace(",", "", 1)
