"""Where the console listens, and whom it does not wait for: tried with real sockets."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
import trustme
from journey import free_port
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from reports.console import serve
from reports.console.console import Console
from reports.console.serve import Listening, listening
from reports.console.start import StartError


@pytest.mark.parametrize("where", ["127.0.0.1:8443", "localhost:1", "[::1]:8443", "127.9.9.9:65535"])
def test_this_machine_may_be_spoken_to_without_a_certificate(where: str) -> None:
    assert listening(where, certificate=None, key=None).address.startswith("http://")


@pytest.mark.parametrize("where", ["0.0.0.0:8443", "[::]:8443", "192.168.1.5:8443", "practice.example:8443"])
def test_nobody_else_may(where: str) -> None:
    with pytest.raises(StartError, match="certificate"):
        listening(where, certificate=None, key=None)


@pytest.mark.parametrize("where", ["", "8443", ":8443", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:70000", "127.0.0.1:x"])
def test_addresses_are_checked(where: str) -> None:
    with pytest.raises(StartError, match="--listen"):
        listening(where, certificate=None, key=None)


def test_a_certificate_needs_its_own_key(tmp_path: Path) -> None:
    authority = trustme.CA()
    one, two = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    one.cert_chain_pems[0].write_to_path(tmp_path / "one.pem")
    two.private_key_pem.write_to_path(tmp_path / "two.key")
    (tmp_path / "text").write_text("none")
    for certificate, key in (("one.pem", "two.key"), ("text", "text"), ("missing", "two.key")):
        with pytest.raises(StartError, match="certificate"):
            listening("0.0.0.0:1", certificate=str(tmp_path / certificate), key=str(tmp_path / key))
    with pytest.raises(StartError, match="belong together"):
        listening("127.0.0.1:1", certificate=str(tmp_path / "one.pem"), key=None)


@pytest.fixture
def run(console: Console) -> Iterator[Callable[[Listening], None]]:
    """A server in a thread, of one small application."""
    stops: list[Callable[[], None]] = []

    def start(where: Listening) -> None:
        ready = threading.Event()
        app = Starlette(routes=[Route("/", lambda _: PlainTextResponse("here"))])
        server = serve.Server(serve.configured(app, where), ready.set)
        thread = threading.Thread(target=server.run)
        thread.start()
        assert ready.wait(60)

        def stop() -> None:
            server.should_exit = True
            thread.join(60)

        stops.append(stop)

    yield start
    for one in stops:
        one()


def test_it_speaks_http_on_loopback(run: Callable[[Listening], None]) -> None:
    where = Listening(host="127.0.0.1", port=free_port())
    run(where)
    assert requests.get(where.address, timeout=30).text == "here"


def test_it_speaks_tls_with_a_certificate(run: Callable[[Listening], None], tmp_path: Path) -> None:
    authority = trustme.CA()
    made = authority.issue_cert("localhost")
    made.private_key_and_cert_chain_pem.write_to_path(tmp_path / "both.pem")
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    both = str(tmp_path / "both.pem")
    where = Listening(host="127.0.0.1", port=free_port(), certificate=both, key=both)
    run(where)
    address = where.address.replace("127.0.0.1", "localhost")
    assert requests.get(address, timeout=30, verify=str(tmp_path / "authority.pem")).text == "here"
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(tmp_path / "authority.pem")
    with (
        socket.create_connection(("127.0.0.1", where.port)) as plain,
        old.wrap_socket(plain, server_hostname="localhost") as tls,
    ):
        assert tls.version() in ("TLSv1.2", "TLSv1.3")


def test_a_connection_that_never_asks_is_ended(run: Callable[[Listening], None]) -> None:
    where = Listening(host="127.0.0.1", port=free_port())
    run(where)
    with socket.create_connection(("127.0.0.1", where.port)) as slow:
        slow.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")  # and no more
        slow.settimeout(60)
        with contextlib.suppress(ConnectionResetError):
            assert slow.recv(100) == b""


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        where = Listening(host="127.0.0.1", port=other.getsockname()[1])
        with pytest.raises(StartError, match="can't be listened on"), serve.bound(where):
            pass
