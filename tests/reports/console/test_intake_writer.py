"""The writer answers after the disk has it, one bad report sinks no other, and a database in trouble loses nothing."""

import secrets
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
from consoles import practice_id
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sender import Sender, at_the_door, code_for, enrolled, finding, rows

from reports.console.console import Console
from reports.console.intake.watch import Watch
from reports.console.store import tables
from reports.console.store.engine import Store


@pytest.fixture
def sender(both: Console) -> Iterator[Sender]:
    """A laptop that has enrolled."""
    with at_the_door(both) as client:
        made = enrolled(client, both, practice_id(both))
        both.clock.forward(10)
        yield made


def at_once(tasks: list[Callable[[], Any]]) -> list[Any]:
    """Run them in threads that start together."""
    ready = threading.Barrier(len(tasks))

    def run(task: Callable[[], Any]) -> Any:
        ready.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return [one.result() for one in [threads.submit(run, task) for task in tasks]]


def test_one_report_sent_many_times_at_once_is_taken_in_once(both: Console, sender: Sender) -> None:
    body = sender.full("pfp")
    link = sender.place(sender.laptop_id, body)
    answers = at_once([lambda: sender.send(body, link=link).status_code] * 6)
    assert sorted(answers) == [200, 200, 200, 200, 200, 202]
    assert len(rows(both, tables.reports)) == len(rows(both, tables.report_ids)) == 1
    assert [row.chain for row in rows(both, tables.devices)] == ["whole"]


def test_two_consoles_over_one_postgresql_take_one_devices_reports_in_turn(pg_console: Console) -> None:
    second = replace(pg_console, store=Store(pg_console.store.url), name="console-2")
    with at_the_door(pg_console) as one, at_the_door(second) as two:
        sender = enrolled(one, pg_console, practice_id(pg_console))
        twin = replace(sender, client=two)
        body = sender.full("pfp")
        link = sender.place(sender.laptop_id, body)
        answers = at_once([lambda who=who: who.send(body, link=link).status_code for who in (sender, twin) * 3])
    second.store.close()
    assert sorted(answers) == [200, 200, 200, 200, 200, 202]
    assert len(rows(pg_console, tables.reports)) == 1


def test_many_devices_at_once_each_get_their_own_answer(both: Console, sender: Sender) -> None:
    others = [enrolled(sender.client, both, practice_id(both)) for _ in range(8)]
    answers = at_once([lambda one=one: one.report("pfp") for one in others])
    assert [one.json()["id"] for one in answers] == [one.last_full[one.laptop_id] for one in others]
    assert len(rows(both, tables.devices)) == 8


BLOCKED = {
    "sqlite": """CREATE TRIGGER no BEFORE INSERT ON report_ids WHEN NEW.id = '{id}'
        BEGIN SELECT RAISE(ABORT, 'no'); END""",
    "postgresql": """CREATE FUNCTION no() RETURNS trigger AS 'BEGIN RAISE ''no''; END' LANGUAGE plpgsql;
        CREATE TRIGGER no BEFORE INSERT ON report_ids FOR EACH ROW WHEN (NEW.id = '{id}') EXECUTE FUNCTION no()""",
}


def test_one_report_that_the_database_refuses_sinks_no_other(both: Console, sender: Sender) -> None:
    others = [enrolled(sender.client, both, practice_id(both)) for _ in range(4)]
    bodies = [(one, one.full("pfp")) for one in others]
    bad = others[2].last_full[others[2].laptop_id]
    with both.store.write() as db:
        for line in BLOCKED[both.store.url.get_backend_name()].format(id=bad).split(";\n"):
            db.execute(sa.text(line.replace(":", r"\:")))
    answers = at_once([lambda one=one, body=body: one.send(body).status_code for one, body in bodies])
    assert answers == [202, 202, 503, 202]
    assert {row.agent_id for row in rows(both, tables.devices)} == {
        one.agent_id for one in others if one is not others[2]
    }


def test_a_full_queue_asks_to_come_back(console: Console) -> None:
    with at_the_door(console, waiting=1) as client, ThreadPoolExecutor(4) as threads:
        senders = [enrolled(client, console, practice_id(console)) for _ in range(4)]
        with console.store.write():  # the writer waits behind this
            asked: list[Future[Any]] = [threads.submit(one.report) for one in senders]
            turned_away: set[Future[Any]] = set()
            while len(turned_away) < 2:  # one is being written at most, and one waits
                turned_away = {one for one in asked if one in wait(asked, 0.05).done}
        answers = [one.result() for one in asked]
    refused = [one for one in answers if one.status_code != 202]
    assert {(one.status_code, one.json()["code"], one.headers["retry-after"]) for one in refused} == {
        (503, "full", "30")
    }
    assert len(rows(console, tables.reports)) == 4 - len(refused) >= 1


PRAGMAS = {"full": "max_page_count=1", "read-only": "query_only=1"}


@pytest.mark.parametrize("trouble", PRAGMAS)
def test_a_database_that_cannot_take_it_keeps_nothing_half(console: Console, trouble: str) -> None:
    with at_the_door(console) as client:
        sender = enrolled(client, console, practice_id(console))
        before = [len(rows(console, table)) for table in tables.METADATA.sorted_tables]
        body = large(sender)
        link = sender.place(sender.laptop_id, body)

        def listener(raw: Any, _: object) -> None:
            raw.execute(f"PRAGMA {PRAGMAS[trouble]}")

        sa.event.listen(console.store.engine, "connect", listener)
        console.store.engine.dispose()
        answers = [sender.send(body, link=link) for _ in range(3)]
        sa.event.remove(console.store.engine, "connect", listener)
        console.store.engine.dispose()
        assert {(one.status_code, one.json()["code"]) for one in answers} == {(503, "database")}
        assert [len(rows(console, table)) for table in tables.METADATA.sorted_tables] == before
        assert sender.send(body, link=link).status_code == 202


def large(sender: Sender) -> bytes:
    """A report that cannot be squeezed into what room a full file may still have within its last page."""
    texts = [secrets.token_hex(900) for _ in range(60)]
    made = [
        finding(sender.laptop_id, f"check_{number}", "fail", sender.clock(), because=text)
        for number, text in enumerate(texts)
    ]
    return sender.full(findings=tuple(made))


def test_a_database_that_cannot_be_reached_loses_nothing(pg_console: Console) -> None:
    with at_the_door(pg_console) as client:
        sender = enrolled(client, pg_console, practice_id(pg_console))
        body = sender.full("pfp")
        link = sender.place(sender.laptop_id, body)
    nowhere = Store(pg_console.store.url.set(query={"host": "/nonexistent"}))
    with at_the_door(replace(pg_console, store=nowhere)) as client:
        answer = replace(sender, client=client).send(body, link=link)
        assert (answer.status_code, answer.json()["code"]) == (503, "database")
        assert "retry-after" in answer.headers
    nowhere.close()
    with at_the_door(pg_console) as client:
        assert replace(sender, client=client).send(body, link=link).status_code == 202


def test_what_waits_when_the_console_stops_is_still_written(console: Console) -> None:
    with at_the_door(console) as client, ThreadPoolExecutor(3) as threads:
        senders = [enrolled(client, console, practice_id(console)) for _ in range(3)]
        asked = [threads.submit(one.report) for one in senders]
        wait(asked)
    assert [one.result().status_code for one in asked] == [202] * 3
    assert len(rows(console, tables.reports)) == 3


def test_a_refusal_that_cannot_be_noted_is_still_answered(console: Console) -> None:
    broken = replace(console, store=Store(sa.URL.create("sqlite", database="/nonexistent/console.sqlite")))
    Watch(broken).note("signature", practice_id=None, who="")
    assert rows(console, tables.audit) == []


def test_two_that_enrol_one_laptop_at_once_are_one_agent(both: Console, sender: Sender) -> None:
    code = code_for(both, practice_id(both), uses=6)
    twins = [replace(sender, laptop_id="11111111-2222-4333-8444-555555555555", agent_id="") for _ in range(6)]
    for one in twins:
        one.key = Ed25519PrivateKey.generate()
    answers = at_once([lambda one=one: one.enrol(code).status_code for one in twins])
    assert sorted(answers) == [201, 409, 409, 409, 409, 409]
    assert len(rows(both, tables.agents)) == 2
