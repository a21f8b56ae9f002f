"""Console and agent killed at random moments, again and again: every report that was accepted is there, once."""

import contextlib
import json
import random
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
import sqlalchemy as sa
from clock import Clock
from consoles import ZONE
from journey import PROGRAM, Laptop, Server, environment, running
from postgres import Server as Postgres
from sender import Sender, code_for

from reports.console import practices, start
from reports.console.console import Console
from reports.console.store import tables

KILLS = 5
SEED = 20261122


class Now(Clock):
    """The machine's own."""

    def __call__(self) -> int:
        return int(time.time())


@pytest.fixture(params=["sqlite", "postgresql"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Console, list[str]]]:
    """A console's database with a practice, and the words that serve it."""
    words, url = ["--data", str(tmp_path / "console")], None
    if request.param == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        url = server.fresh().set(drivername="postgresql").render_as_string(hide_password=False)
        words += ["--database", url]
    console = start.open_console(tmp_path / "console", database=url, clock=Now())
    start.ready(console)
    with console.store.write() as db:
        practices.make(db, console, name="Example Practice", timezone=ZONE)
    yield console, words
    console.store.close()


def practice_of(console: Console) -> str:
    with console.store.read() as db:
        return str(db.scalar(sa.select(tables.practices.c.id)))


class Fleet:
    """Laptops that send without pause, and keep each letter until it was accepted."""

    def __init__(self, senders: list[Sender]) -> None:
        self.senders = senders
        self.accepted: set[str] = set()
        self.stop = threading.Event()
        self.faults: list[str] = []
        self.threads = [threading.Thread(target=self._send, args=(one,)) for one in senders]

    def _send(self, one: Sender) -> None:
        while not self.stop.is_set():
            body = one.full("ppf")
            link = one.place(one.laptop_id, body)
            while not self._taken(one, body, link):
                if self.stop.wait(0.05):
                    return

    def _taken(self, one: Sender, body: bytes, link: object) -> bool:
        try:
            answer = one.post("/v1/reports", body, link)  # type: ignore[arg-type]
        except httpx2.TransportError:
            return False
        if answer.status_code in (200, 202):
            self.accepted.add(json.loads(body)["id"])
            return True
        if answer.status_code not in (503, 429):
            self.faults.append(f"{answer.status_code} {answer.text}")
            self.stop.set()
        return False


def test_a_console_killed_at_any_moment_loses_no_report_that_it_accepted(
    opened: tuple[Console, list[str]], tmp_path: Path
) -> None:
    console, words = opened
    practice, chance = practice_of(console), random.Random(SEED)
    with running(tmp_path / "server", words) as server, httpx2.Client(base_url=server.address, timeout=30) as client:
        senders = [_enrolled(client, console, practice, server) for _ in range(4)]
        fleet = Fleet(senders)
        for one in fleet.threads:
            one.start()
        for _ in range(KILLS):
            known = len(fleet.accepted)
            _grows(fleet, known + 3)
            time.sleep(chance.random() * 0.5)  # the moment of the blow, not a wait for something
            server.kill()
            server.start()
        _grows(fleet, len(fleet.accepted) + 3)
        fleet.stop.set()
        for one in fleet.threads:
            one.join(60)
    assert fleet.faults == []
    with console.store.read() as db:
        kept = list(db.scalars(sa.select(tables.report_ids.c.id)))
        bodies = list(db.scalars(sa.select(tables.reports.c.id)))
        chains = set(db.scalars(sa.select(tables.devices.c.chain)))
    assert len(kept) == len(set(kept))
    assert fleet.accepted <= set(kept)
    assert sorted(bodies) == sorted(kept)
    assert chains == {"whole"}


def _enrolled(client: httpx2.Client, console: Console, practice: str, server: Server) -> Sender:
    one = Sender(client=client, clock=console.clock, base=server.address)
    assert one.enrol(code_for(console, practice)).status_code == 201
    return one


def _grows(fleet: Fleet, size: int) -> None:
    deadline = time.monotonic() + 120
    while len(fleet.accepted) < size and not fleet.faults:
        assert time.monotonic() < deadline, "nothing is accepted any more"
        time.sleep(0.01)


def test_an_agent_killed_at_any_moment_delivers_all_that_it_queued(
    opened: tuple[Console, list[str]], tmp_path: Path
) -> None:
    console, words = opened
    chance, laptop = random.Random(SEED), Laptop(home=tmp_path / "laptop")
    with running(tmp_path / "server", words) as server:
        code = code_for(console, practice_of(console))
        assert laptop.run("enrol", server.address, code, "--yes").code == 0
        for round_ in range(KILLS):
            _killed(laptop, ("check", "--device", "laptop"), after_s=0.3 + chance.random() * 1.5)
            _killed(laptop, ("report", "send"), after_s=0.2 + chance.random())
            if round_ % 2:
                server.kill()
                server.start()
        assert laptop.run("check", "--device", "laptop").code in (1, 2)
        _five_minutes_later(laptop)
        assert laptop.run("report", "send").code == 0
        assert laptop.run("status").out.count("Nothing waits to be sent.") == 1
    with console.store.read() as db:
        rows = db.execute(sa.select(tables.reports.c.seq).order_by(tables.reports.c.seq)).scalars().all()
        chain = db.scalar(sa.select(tables.devices.c.chain))
    assert chain == "whole"
    assert rows == list(range(1, len(rows) + 1))
    assert rows


def _five_minutes_later(laptop: Laptop) -> None:
    """A letter that a killed process had in hand is tried again then, and what waits for its turn has waited."""
    with contextlib.closing(sqlite3.connect(laptop.home / ".local" / "state" / "scrubin" / "outbox.sqlite")) as box:
        box.execute("UPDATE parcels SET tried_at = tried_at - 4000")
        box.commit()


def _killed(laptop: Laptop, words: tuple[str, ...], *, after_s: float) -> None:
    process = subprocess.Popen(
        [*PROGRAM, *words],
        env=environment(laptop.home),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(after_s)
    process.kill()
    process.wait(60)
