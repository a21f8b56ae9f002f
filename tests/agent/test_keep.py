"""A finished audit is kept, queued and sent; whatever refuses it, nothing that was found is lost in silence."""

import json
import sqlite3
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from fakes import NOON, laptop

from agent.collect.host import LocalHost
from agent.config import Config, Transport
from agent.desk import Desk
from agent.keep import keep, outbox
from agent.places import Places
from agent.policy_source import policy_in_force
from agent.round import look_again_after_change
from agent.runner import Audit
from checks.catalog import CATALOG
from checks.model import Finding, Level, Overall, Severity, Status
from reports.envelope import Proof, Report

FINDING = Finding(
    uid="11111111-1111-5111-8111-111111111111", check_id="screen_lock", title="Screen locks with a credential",
    severity=Severity.HIGH, level=Level.REQUIRED, device_id=laptop().id, profile="owner", status=Status.FAIL,
    because="locking is switched off", measures={"reasons": ("lock_off",)}, source="device", observed_at=NOON,
)  # fmt: skip


def audited(number: int, status: Status = Status.FAIL) -> Audit:
    report = Report(
        id=f"22222222-2222-4222-8222-{number:012d}", agent_version="0.1.0", device=laptop(),
        overall=Overall.NOT_COMPLIANT, policy_id="baseline", policy_version="1", proof=Proof(planted=1, found=1),
        generated_at=NOON + timedelta(minutes=number), findings=(replace(FINDING, status=status),),
    )  # fmt: skip
    return Audit(report=report, examined=())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    state = tmp_path / "state"
    state.mkdir()
    return Desk(
        places=Places(state=state, runtime=tmp_path, config=tmp_path, system_config=tmp_path),
        config=Config(transport=Transport.FOLDER, folder=str(tmp_path / "drop")),
        door=LocalHost(environ={"HOME": "/"}),
        in_force=policy_in_force(CATALOG, folders=(), state_dir=str(state), now=NOON),
        explicit_policy=False,
    )


def arrived(desk: Desk) -> list[str]:
    return sorted(json.loads(path.read_text())["id"] for path in Path(desk.config.folder).glob("*.json"))


def test_report_is_sent_at_once_and_the_status_stands(desk: Desk) -> None:
    Path(desk.config.folder).mkdir()
    (note,) = keep(desk, audited(1), now=NOON)
    assert note.startswith("Sent to your practice.")
    assert arrived(desk) == [audited(1).report.id]
    assert json.loads(desk.places.status.read_text())["delivery"]["waiting"] == 0


def test_without_a_way_nothing_is_queued_and_nothing_is_said(desk: Desk) -> None:
    assert keep(replace(desk, config=Config()), audited(1), now=NOON) == ()
    assert outbox(desk).pending().waiting == 0
    assert desk.places.kept().last_report.exists()


def test_practice_that_is_away_gets_it_later(desk: Desk) -> None:
    (note,) = keep(desk, audited(1), now=NOON)
    assert note.startswith("1 report waits here.")
    Path(desk.config.folder).mkdir()
    keep(desk, audited(2, Status.PASS), now=NOON + timedelta(hours=2))
    assert arrived(desk) == [audited(1).report.id, audited(2).report.id]


def test_refused_report_is_kept_beside_the_queue_and_goes_in_first(desk: Desk) -> None:
    Path(desk.config.folder).mkdir()
    outbox(desk).pending()
    keep(desk, audited(1), now=NOON)
    with sqlite3.connect(desk.places.outbox) as database:
        database.execute("PRAGMA user_version = 9999")  # as a newer version of the program would leave it
    notes = keep(desk, audited(2, Status.PASS), now=NOON + timedelta(hours=1))
    assert any("not queued" in note and "kept beside the queue" in note for note in notes)
    with sqlite3.connect(desk.places.outbox) as database:
        database.execute("PRAGMA user_version = 1")
    keep(desk, audited(3), now=NOON + timedelta(hours=2))
    assert arrived(desk) == [audited(number).report.id for number in (1, 2, 3)]
    assert not list((desk.places.state / "refused").iterdir())


def test_refused_report_that_cannot_be_kept_is_said(desk: Desk) -> None:
    (desk.places.state / "refused").touch()
    desk.places.outbox.mkdir()
    notes = keep(desk, audited(1), now=NOON, send=False)
    assert any("could not be kept beside the queue either" in note for note in notes)


def test_changed_way_makes_waiting_letters_due(desk: Desk, tmp_path: Path) -> None:
    keep(desk, audited(1), now=NOON)
    box = outbox(desk)
    assert (box.next_due(NOON) or NOON) > NOON
    look_again_after_change(desk, box, NOON)
    assert (box.next_due(NOON) or NOON) > NOON, "nothing has changed"
    other = replace(desk, config=replace(desk.config, folder=str(tmp_path / "elsewhere")))
    look_again_after_change(other, box, NOON)
    assert box.next_due(NOON) is not None


@pytest.mark.parametrize("text", [b"", b"{", b'{"schema": "scrubin/report/2"}', b"\xff" * 300_000])
def test_damaged_report_beside_the_queue_holds_up_no_other(desk: Desk, text: bytes) -> None:
    Path(desk.config.folder).mkdir()
    refused = desk.places.state / "refused"
    refused.mkdir()
    (refused / "one.json").write_bytes(text)
    notes = keep(desk, audited(1), now=NOON)
    assert arrived(desk) == [audited(1).report.id]
    assert "damaged" in notes[0]
    assert [path.name for path in refused.iterdir()] == ["one.damaged"], "kept, and not tried again"


def test_notes_quote_no_path(desk: Desk) -> None:
    desk.places.kept().last_report.mkdir()
    (desk.places.state / "refused").touch()
    desk.places.outbox.mkdir()
    notes = keep(desk, audited(1), now=NOON)
    assert len(notes) >= 2
    assert not any(str(desk.places.state.parent) in note or "Errno" in note for note in notes)
