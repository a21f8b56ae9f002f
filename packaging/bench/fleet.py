"""A fleet that reports: signed reports a second, beside an endpoint that only parses and inserts.

Usage: fleet.py [DEVICES]. On SQLite and on a PostgreSQL of this machine, each with its console in a process of its own,
over real connections on loopback; both beside a bare one on the same engine in the same run. The sender shares the
machine with them, so absolute figures are low; ratios count.
"""

import contextlib
import os
import random
import secrets
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import requests
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from load import as_fast_as_possible, steadily
from table import Row, show

from agent import __version__
from checks.catalog import CATALOG
from checks.model import Device, Finding, Kind, Level, Overall, Ownership, Platform, Severity, Status
from reports.console import practices, start
from reports.console.console import Console
from reports.console.store import tables
from reports.deliver.bodies import unchanged
from reports.deliver.https_signing import Signer
from reports.envelope import Proof, Report, to_bytes
from reports.signing import CHAIN, FIRST_LINK, Link, public_text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT / "tests" / "reports" / "console"))

import postgres  # noqa: E402 - the tests' own way to start Debian's PostgreSQL
from journey import free_port  # noqa: E402

DEVICES = 1500
STEADY_RATE, STEADY = 200, 2000
CONNECTIONS = 32
SHARE, WAIT_S = 0.7, 0.25
REPORTS_A_YEAR = 4 * 365
FULL_A_YEAR = 365 // 7 + 40
"""One a week, and one for each of some forty changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """An enrolled laptop."""

    agent_id: str
    device_id: str
    key: Ed25519PrivateKey


def rows(devices: int = DEVICES) -> list[Row]:
    """All measures of this file."""
    found: list[Row] = []
    with postgres.server() as server, tempfile.TemporaryDirectory() as folder:
        server.run("ALTER SYSTEM SET fsync = on")
        server.run("SELECT pg_reload_conf()")
        for engine in ("SQLite", "PostgreSQL"):
            data = Path(folder) / engine
            url = None if engine == "SQLite" else _text(server.fresh())
            bare = f"sqlite:///{data}-bare.sqlite" if engine == "SQLite" else _text(server.fresh())
            found += _engine_rows(engine, data, url, bare, devices)
    return found


def _text(url: sa.URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _engine_rows(engine: str, data: Path, url: str | None, bare: str, devices: int) -> list[Row]:
    console = start.open_console(data, database=url, clock=lambda: int(time.time()))
    start.ready(console)
    senders = _enrolled(console, devices)
    with _console(data, url) as (port, process):
        host = f"127.0.0.1:{port}"
        ours = as_fast_as_possible(port, _fulls(senders, host), connections=CONNECTIONS)
        notes = as_fast_as_possible(port, _unchanged(senders, host, len(senders)), connections=CONNECTIONS)
        steady = steadily(port, _unchanged(senders, host, STEADY), rate=STEADY_RATE, connections=CONNECTIONS)
        memory = process.memory_info().rss / (1 << 20)
    assert ours.statuses == (202,), ours.statuses
    assert steady.statuses == notes.statuses == (202,), steady.statuses
    with _bare(bare) as port:
        beside = as_fast_as_possible(port, _fulls(senders, f"127.0.0.1:{port}"), connections=CONNECTIONS)
        short = _unchanged(senders, f"127.0.0.1:{port}", len(senders))
        beside_notes = as_fast_as_possible(port, short, connections=CONNECTIONS)
    assert beside.statuses == (202,)
    made = [
        _rate_row(f"{engine}: first reports of devices a second", ours.rate, beside.rate),
        _rate_row(f"{engine}: words of no change a second", notes.rate, beside_notes.rate),
    ]
    made += [_wait_row(engine, steady.percentile(0.99))]
    made.append(Row(measure=f"{engine}: console's memory after it", seen=f"{memory:.0f} MB"))
    made.append(_growth(engine, console))
    console.store.close()
    return made


def _rate_row(measure: str, ours: float, beside: float) -> Row:
    return Row(
        measure=measure,
        seen=f"{ours:.0f}",
        beside=f"bare endpoint {beside:.0f}",
        ratio=ours / beside,
        target=f"at least {SHARE}",
        kept=ours >= SHARE * beside,
    )


def _wait_row(engine: str, wait_s: float) -> Row:
    return Row(
        measure=f"{engine}: 99 of 100 wait less than, at {STEADY_RATE} a second",
        seen=f"{wait_s * 1000:.0f} ms",
        target=f"{WAIT_S * 1000:.0f} ms",
        kept=wait_s < WAIT_S,
    )


def _growth(engine: str, console: Console) -> Row:
    """What a device's year takes, reckoned from the rows that this run left: full reports and words of no change."""
    with console.store.read() as db:
        sizes = {
            kind: float(db.scalar(sa.select(sa.func.avg(sa.func.length(tables.reports.c.body))).where(which)) or 0)
            for kind, which in (("full", tables.reports.c.seq == 1), ("short", tables.reports.c.seq > 1))
        }
        count = db.scalar(sa.select(sa.func.count()).select_from(tables.report_ids)) or 1
        if console.store.is_sqlite:
            pages = db.exec_driver_sql("PRAGMA page_count").scalar() * db.exec_driver_sql("PRAGMA page_size").scalar()
        else:
            pages = db.scalar(sa.text("SELECT pg_database_size(current_database())"))
    each = pages / count
    short = REPORTS_A_YEAR - FULL_A_YEAR
    year = (FULL_A_YEAR * sizes["full"] + short * sizes["short"] + REPORTS_A_YEAR * (each - sizes["full"] / 2)) / (
        1 << 20
    )
    return Row(
        measure=f"{engine}: a device's year, four reports a day, nothing pruned, reckoned", seen=f"{year:.1f} MB"
    )


def _enrolled(console: Console, count: int) -> list[Sender]:
    made = [Sender(agent_id=_id(), device_id=_id(), key=Ed25519PrivateKey.generate()) for _ in range(count)]
    now = console.now()
    with console.store.write() as db:
        practice = practices.make(db, console, name="Example Practice", timezone="Australia/Sydney")
        db.execute(
            tables.agents.insert(),
            [
                {
                    "id": one.agent_id,
                    "practice_id": practice,
                    "laptop_id": one.device_id,
                    "public_key": public_text(one.key.public_key()),
                    "ownership": "personal",
                    "enrolled_at": now,
                }
                for one in made
            ],
        )
    return made


def _id() -> str:
    return str(uuid.uuid4())


def _fulls(senders: Sequence[Sender], host: str) -> list[bytes]:
    """The first report of each."""
    template, chance = _report(), random.Random(1)
    made = []
    for one in senders:
        report = replace(
            template,
            id=_id(),
            device=replace(template.device, id=one.device_id),
            findings=tuple(replace(finding, uid=_id(), device_id=one.device_id) for finding in template.findings),
        )
        body = to_bytes(report)
        made.append(_request(one, host, body, Link(seq=1, previous=FIRST_LINK)))
        LAST[one.device_id] = (report.id, Link(seq=1, previous=FIRST_LINK).next_link(body), 1)
    chance.shuffle(made)
    return made


LAST: dict[str, tuple[str, bytes, int]] = {}
"""By device: the id of its full report, its last link and number."""


def _unchanged(senders: Sequence[Sender], host: str, count: int) -> list[bytes]:
    """What devices send most of the time."""
    made = []
    for number in range(count):
        one = senders[number % len(senders)]
        since, link, seq = LAST[one.device_id]
        at = datetime.now(UTC) + timedelta(seconds=number // len(senders))
        body = unchanged(report_id=_id(), device_id=one.device_id, since=since, generated_at=at)
        place = Link(seq=seq + 1, previous=link)
        made.append(_request(one, host, body, place))
        LAST[one.device_id] = (since, place.next_link(body), seq + 1)
    return made


def _request(sender: Sender, host: str, body: bytes, place: Link) -> bytes:
    signer = Signer(sender.key, keyid=sender.agent_id, clock=lambda: datetime.now(UTC), chance=secrets.token_bytes)
    headers = {"Content-Type": "application/json", CHAIN: place.header(), "Host": host}
    made = requests.Request("POST", f"http://{host}/v1/reports", data=body, headers=headers).prepare()
    signer.sign(made)
    lines = [f"{name}: {value}" for name, value in made.headers.items()]
    return ("POST /v1/reports HTTP/1.1\r\n" + "\r\n".join(lines) + "\r\n\r\n").encode() + body


def _report() -> Report:
    """A laptop with one finding of each check, as long as a real one's."""
    now = datetime.now(UTC).replace(microsecond=0)
    device = Device(
        id=_id(), kind=Kind.LAPTOP, platform=Platform.LINUX, model="ThinkPad T14", os_version="debian 12",
        ownership=Ownership.PERSONAL,
    )  # fmt: skip
    findings = tuple(
        Finding(
            uid=_id(), check_id=check.id, title=check.title, severity=Severity.HIGH, level=Level.REQUIRED,
            device_id=device.id, profile="owner", status=(Status.PASS, Status.FAIL, Status.UNKNOWN)[number % 3],
            because="It waits 20 minutes before it locks; the limit is 5 minutes.", source="device", observed_at=now,
            measures={"reasons": ("example",), "max_idle_s": 300, "enabled": True},
        )
        for number, check in enumerate(CATALOG)
    )  # fmt: skip
    return Report(
        id=_id(), agent_version=__version__, device=device, overall=Overall.NOT_COMPLIANT, policy_id="example",
        policy_version="7", proof=Proof(planted=5, found=5), generated_at=now, findings=findings,
    )  # fmt: skip


@contextlib.contextmanager
def _console(data: Path, url: str | None) -> Iterator[tuple[int, psutil.Process]]:
    port = free_port()
    words = ["console", "serve", "--data", str(data), "--listen", f"127.0.0.1:{port}"]
    words += [] if url is None else ["--database", url]
    command = [sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())", *words]
    with _process(command, f"http://127.0.0.1:{port}/v1/hello") as process:
        yield port, psutil.Process(process.pid)


@contextlib.contextmanager
def _bare(url: str) -> Iterator[int]:
    port = free_port()
    with _process([sys.executable, str(HERE / "bare_intake.py"), str(port), url], f"http://127.0.0.1:{port}/"):
        yield port


@contextlib.contextmanager
def _process(command: Sequence[str], address: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        _answers(address, process)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def _answers(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(requests.ConnectionError):
            requests.get(address, timeout=5)
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing answers at {address}")


if __name__ == "__main__":
    show(rows(int(sys.argv[1]) if len(sys.argv) > 1 else DEVICES))
