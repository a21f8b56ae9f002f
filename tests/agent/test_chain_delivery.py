"""From the audit to the console: the bytes that were shown, in order, whole after a month of failures and any crash."""

import json
import os
import random
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from enrolled import Laptop, a_console, enrolled_laptop
from fake_console import FakeConsole, problem
from outbox_parts import parcel

from agent import desk as desks
from agent.commands.background import Work
from agent.keep import outbox
from agent.outbox import Outbox
from agent.outbox_model import Terms
from agent.send import transport

fake = pytest.fixture(a_console)
mine = pytest.fixture(enrolled_laptop)


def bodies(fake: FakeConsole) -> list[bytes]:
    return [body for _, body in fake.reports]


def test_what_arrives_is_what_was_shown_byte_for_byte(mine: Laptop, fake: FakeConsole) -> None:
    fake.meddle = lambda request: problem(503, "full")
    mine.audited()
    shown = mine.scrubin("report", "--show").out
    fake.meddle = lambda request: None
    Outbox(str(mine.state / "outbox.sqlite"), random=lambda: 0.0).reconfigured(now=desks.now())
    made_due(mine)
    assert mine.scrubin("report", "send", "--json").json["sent"] == 1
    assert b"".join(body + b"\n" for body in bodies(fake)).decode() == shown
    assert mine.scrubin("report", "--sent").out == shown


def made_due(mine: Laptop) -> None:
    """The wait that the console asked for is over."""
    import sqlite3

    db = sqlite3.connect(mine.state / "outbox.sqlite")
    with db:
        db.execute("UPDATE parcels SET wait_s = 0")
    db.close()


def test_agent_toml_that_names_a_way_keeps_it(mine: Laptop, fake: FakeConsole) -> None:
    drop = mine.folder / "drop"
    drop.mkdir()
    (mine.folder / "etc" / "agent.toml").write_text(
        f'secrets = "file"\n[deliver]\ntransport = "folder"\nfolder = "{drop}"\n'
    )
    mine.audited()
    assert len(list(drop.glob("*.json"))) == 1
    assert fake.reports == []


def test_second_audit_that_found_the_same_is_word_of_no_change(mine: Laptop, fake: FakeConsole) -> None:
    mine.audited()
    mine.audited()
    assert [json.loads(body)["schema"] for body in bodies(fake)] == ["scrubin/report/1", "scrubin/unchanged/1"]
    assert fake.breaks == []


def test_console_that_does_not_know_the_base_gets_the_next_report_in_full(mine: Laptop, fake: FakeConsole) -> None:
    mine.audited()
    fake.meddle = lambda request: problem(422, "since_unknown") if request.path == "/v1/reports" else None
    mine.audited()
    fake.meddle = lambda request: None
    mine.audited()
    assert [json.loads(body)["schema"] for body in bodies(fake)] == ["scrubin/report/1"] * 2
    assert fake.breaks == []
    assert mine.scrubin("status", "--json").json["waiting"] == 0


def test_month_of_failures_loses_nothing_and_arrives_oldest_first(mine: Laptop, fake: FakeConsole) -> None:
    """By a clock of its own: four reports a day, and tries by the back-off."""
    now = datetime(2026, 11, 1, tzinfo=UTC)
    fake.now = desks.now
    fake.meddle = lambda request: problem(500, "fault") if random.random() < 0.5 else problem(503, "full")
    box = Outbox(str(mine.state / "outbox.sqlite"), random=lambda: 0.5, terms=Terms(chained=True, limit_bytes=60_000))
    desk = desks.open_desk()
    for number in range(30 * 4):
        at = now + timedelta(hours=6 * number)
        one = parcel(number, "fp" if number % 2 else "pp", pad=800)
        body = json.dumps({**json.loads(one.body), "device": {"id": one.device_id}}).encode()
        box.enqueue(parcel(number, "fp" if number % 2 else "pp", pad=800, body=body), now=at)
        way = transport(desk.config, desk.places)
        assert way is not None
        box.deliver_due(way, now=at)
    waiting = [one.id for one in box.show()]
    fake.meddle = lambda request: None
    box.deliver_due(way, now=now + timedelta(days=60))
    assert [json.loads(body)["id"] for body in bodies(fake)] == waiting
    assert fake.breaks == []
    assert box.pending().waiting == 0


WORK = """
import sys
from pathlib import Path
sys.path[:0] = {paths!r}
import os, shutil, killing
from agent.cli import main
import agent.chain, agent.outbox, agent.outbox_store, agent.outbox_queue, agent.round, agent.enrolment_line
import agent.directive, agent.directive_fetch, reports.deliver.https, agent.trial_kept, agent.atomic
import agent.commands.deliver

def work(folder):
    shutil.copytree({state!r}, folder / "state")
    os.environ["SCRUBIN_STATE"] = str(folder / "state")
    main(["report", "send", "--json"])

OURS = ("agent.chain", "agent.outbox", "agent.round", "agent.directive", "reports.deliver.https")
killing.kill(lambda folder, countdown: killing.by_lines(work, folder, countdown, OURS), Path(sys.argv[1]), {points})
"""
POINTS = 12


def test_killed_anywhere_in_a_delivery_every_report_arrives_once_and_the_chain_holds(
    mine: Laptop, fake: FakeConsole, monkeypatch: Any
) -> None:
    fake.meddle = lambda request: problem(503, "full") if request.path == "/v1/reports" else None
    mine.audited()
    made_due(mine)
    box = outbox(desks.open_desk())
    queued = {one.id for one in box.show()}
    fake.meddle = lambda request: None
    here = Path(__file__)
    paths = [str(here.parents[1]), str(here.parent)]
    code = WORK.format(paths=paths, state=str(mine.state), points=POINTS)
    runs = mine.folder / "runs"
    runs.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(here.parents[2])}
    subprocess.run([sys.executable, "-c", code, str(runs)], check=True, env=environ, capture_output=True, timeout=300)
    for place in sorted(runs.glob("0*")):
        monkeypatch.setenv("SCRUBIN_STATE", str(place / "state"))
        other = Laptop(place, mine._capsys)
        made_due(other)
        other.scrubin("report", "send")
        assert other.scrubin("status", "--json").json["waiting"] == 0
    assert {json.loads(body)["id"] for body in bodies(fake)} == queued
    assert fake.breaks == []


class Ticking:
    """The daemon's clock, moved by hand."""

    wake_descriptor = -1

    def __init__(self) -> None:
        self.s = 0.0

    def now(self) -> datetime:
        return desks.now()

    def monotonic(self) -> float:
        return self.s

    def wait(self, timeout_s: float) -> None:
        self.s += timeout_s

    def wake(self) -> None:
        pass


def test_daemon_sends_in_a_process_of_its_own_and_hears_of_a_new_policy(mine: Laptop, fake: FakeConsole) -> None:
    from agent.child import call

    asked: list[tuple[str, ...]] = []

    def child(arguments: Any, **terms: Any) -> str:
        asked.append(tuple(arguments))
        return call(arguments, **terms)

    clock = Ticking()
    toml = 'schema = "scrubin/policy/1"\nlayer = "practice"\nid = "example"\nversion = "7"\nname = "Example"\n'
    fake.policy, fake.serial = {"version": "7", "toml": toml}, 2
    work = Work(clock, child=child)
    due = work.deliver()
    assert ("deliver", "--json") in asked
    assert due is not None
    assert work.news()
    assert not work.news()
    count = len(fake.seen)
    work.deliver()
    assert len(fake.seen) == count, "nothing is due"
    clock.s += 7 * 3600
    work.deliver()
    assert len(fake.seen) == count + 1, "the console is asked again what it wants"
    assert work._desk().in_force.policy.version.startswith("practice-7")
    assert asked.count(("status", "--json")) == 2, "each directive's signature is looked at once"


def test_daemon_believes_no_word_that_somebody_changed(mine: Laptop, fake: FakeConsole) -> None:
    from agent.child import call

    path = mine.state / "directive.json"
    kept = json.loads(path.read_text())
    path.write_text(json.dumps({**kept, "body": kept["body"].replace('"serial": 1', '"serial": 8')}))
    desk = Work(Ticking(), child=call)._desk()
    assert desk.told.said is None
    assert "does not match" in desk.problems[0]


def test_daemon_loads_nothing_of_what_speaks_to_a_console() -> None:
    code = "import sys; import agent.daemon.service, agent.commands.background; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"cryptography", "requests", "ssl", "truststore"} & set(done.stdout.split()) == set()
