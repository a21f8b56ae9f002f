"""Listens: HTTPS with a certificate, HTTP on loopback only, slow or idle connections ended."""

import contextlib
import ipaddress
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from reports.console.alerts.ticker import Ticker
from reports.console.console import Console
from reports.console.start import StartError
from reports.console.whole import whole
from reports.web.serving import Impatient, Server

IDLE_S = 20
STOP_S = 15
CONNECTIONS = 2000


__all__ = ["Impatient", "Listening", "Server", "bound", "configured", "listening", "serve"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where, and with what."""

    host: str
    port: int
    certificate: str | None = None
    """PEM, the chain included."""
    key: str | None = None

    @property
    def address(self) -> str:
        """As a browser on this machine writes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.certificate else 'http'}://{host}:{self.port}"


def listening(where: str, *, certificate: str | None, key: str | None) -> Listening:
    """Of `--listen`. Raises StartError: without a certificate nobody but this machine may be spoken to."""
    host, _, port = where.rpartition(":")
    host = host.strip("[]")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise StartError("--listen: expected an address and a port, such as 127.0.0.1:8443")
    if (certificate is None) != (key is None):
        raise StartError("--certificate and --key belong together")
    if certificate is None and not _loopback(host):
        raise StartError(
            "without a certificate the console listens on this machine only: give --certificate and --key, or "
            "--listen 127.0.0.1:8443 behind a proxy that has one"
        )
    made = Listening(host=host, port=int(port), certificate=certificate, key=key)
    _certificate_loads(made)
    return made


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _certificate_loads(where: Listening) -> None:
    if where.certificate is None or where.key is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(where.certificate, where.key)
    except ssl.SSLError as error:
        raise StartError("the certificate and the key can't be read as PEM, or do not belong together") from error
    except OSError as error:
        raise StartError(f"the certificate or its key can't be read: {error.strerror}") from error


def serve(console: Console, where: Listening, *, started: Callable[[], None]) -> None:
    """Serve until a signal says to stop. `started` is called once it listens. Raises StartError."""
    server = Server(configured(whole(console), where), started)
    ticker = Ticker(console)
    with bound(where) as sock, ticker:
        server.run(sockets=[sock])


def configured(app: Starlette, where: Listening) -> uvicorn.Config:
    """How uvicorn runs an application."""
    return uvicorn.Config(
        app,
        host=where.host,
        port=where.port,
        http=Impatient,
        ws="none",
        ssl_certfile=where.certificate,
        ssl_keyfile=where.key,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_S,
        limit_concurrency=CONNECTIONS,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
    )


@contextlib.contextmanager
def bound(where: Listening) -> Iterator[socket.socket]:
    """Bound before anything else starts: uvicorn by itself would end the process from within."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((where.host, where.port))
    except OSError as error:
        sock.close()
        raise StartError(f"the address can't be listened on: {os.strerror(error.errno or 0)}") from error
    try:
        yield sock
    finally:
        sock.close()
