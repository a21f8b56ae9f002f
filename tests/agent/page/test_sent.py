"""What the practice sees, byte for byte, and that the person knows by which rules."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fakes import laptop, phone
from self_check_parts import checked, finding, left, policy, report
from visit_parts import Visit, plain

from agent import desk as desks
from agent.keep import outbox, parcel
from agent.places import places
from agent.policy_acknowledged import acknowledged
from checks.model import Status
from reports.envelope import to_bytes


def delivers_to(folder: Path) -> None:
    etc = Path(os.environ["SCRUBIN_SYSTEM_CONFIG"])
    etc.mkdir(parents=True, exist_ok=True)
    (etc / "agent.toml").write_text(f'[deliver]\ntransport = "folder"\nfolder = "{folder}"\n')


def bytes_of(visit: Visit, device_id: str) -> bytes:
    answer = visit.get(f"/sent/{device_id}.json")
    assert answer.status == 200
    assert answer.headers["content-disposition"].startswith("attachment")
    assert "no-store" in answer.headers["cache-control"]
    return answer.data


def test_before_any_check_there_is_nothing_to_send(visit: Visit) -> None:
    page = plain(visit.get("/sent").text)
    assert "No report yet" in page
    assert "No practice is set up on this laptop, so nothing is sent" in page


def test_without_a_practice_the_bytes_are_those_of_the_last_check(visit: Visit) -> None:
    one = left(report(laptop(), finding("shared_use", Status.PASS)))
    assert bytes_of(visit, one.device.id) == to_bytes(one)
    page = visit.get("/sent").text
    assert f"Read the exact bytes: {len(to_bytes(one)):,}" in page
    assert "it is not queued" in page


def test_what_waits_is_shown_as_it_would_be_sent(visit: Visit, tmp_path: Path) -> None:
    delivers_to(tmp_path / "nowhere")
    one = left(report(laptop(), finding("shared_use", Status.PASS)))
    waits = report(phone(), finding("shared_use", Status.FAIL))
    box = outbox(desks.open_desk())
    box.enqueue(parcel(waits), now=datetime.now(UTC))
    assert bytes_of(visit, waits.device.id) == box.show()[0].body
    page = plain(visit.get("/sent").text)
    assert "This report waits to be sent" in page
    assert bytes_of(visit, one.device.id) == to_bytes(one)


def test_of_several_that_wait_the_newest_is_shown(visit: Visit, tmp_path: Path) -> None:
    delivers_to(tmp_path / "nowhere")
    box = outbox(desks.open_desk())
    for status in (Status.PASS, Status.FAIL):
        box.enqueue(parcel(report(laptop(), finding("shared_use", status))), now=datetime.now(UTC))
    assert bytes_of(visit, laptop().id) == box.show()[-1].body
    assert len(box.show()) == 2


def test_what_was_sent_last_is_what_lies_with_the_practice(visit: Visit, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    drop.mkdir()
    delivers_to(drop)
    checked(visit)
    (letter,) = (one.read_bytes() for one in drop.glob("*.json"))
    device_id = json.loads(letter)["device"]["id"]
    assert bytes_of(visit, device_id) == letter
    assert "This report was sent last" in plain(visit.get("/sent").text)
    assert "Sent to your practice" in plain(visit.get("/").text)


def test_reports_that_wait_say_why_when_it_was_tried_and_when_it_is_next(visit: Visit, tmp_path: Path) -> None:
    delivers_to(tmp_path / "not" / "there")
    page = plain(checked(visit))
    assert "1 report waits on this laptop." in page
    assert "Tried " in page
    assert "next try " in page


def test_a_queue_that_can_not_be_read_is_told_and_no_bytes_are_lost(visit: Visit, tmp_path: Path) -> None:
    delivers_to(tmp_path)
    one = left(report(laptop(), finding("shared_use", Status.PASS)))
    places().outbox.write_bytes(b"not a database" * 100)
    assert "What waits to be sent can't be read" in visit.get("/sent").text.replace("&#39;", "'")
    assert bytes_of(visit, one.device.id) == to_bytes(one)
    assert visit.get("/").status == 200


def test_the_person_says_that_they_know_the_policy(visit: Visit) -> None:
    policy(more="[acknowledgement]\nrequired = true\n")
    assert "Your practice asks you to say that you know them" in plain(visit.get("/sent").text)
    assert visit.post("/sent/acknowledge").status == 303
    now = datetime.now(UTC)
    at = acknowledged(str(places().state), desks.open_desk().in_force.policy)
    assert at is not None
    assert now - timedelta(minutes=1) < at <= now
    assert "that you know this version" in plain(visit.get("/sent").text)


def test_an_acknowledgement_that_can_not_be_kept_is_refused(visit: Visit) -> None:
    places().state.mkdir(parents=True, exist_ok=True)
    (places().state / "acknowledgements.json").mkdir()
    answer = visit.post("/sent/acknowledge")
    assert answer.status == 503
    assert "could not be kept" in answer.text
