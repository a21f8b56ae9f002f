"""The lost-device sheet: facts with their ages, gaps in words, signed, and no legal conclusion."""

import json
import re
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pypdfium2 as pdfium
import pytest
import stock
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from reports.console.console import Console
from reports.console.fleet_device import NOT_YET, day_states, device_of
from reports.console.lost import Loss, Sheet, evidence, make_sheet, sheet_of, verify_sheet
from reports.console.lost_paper import as_pdf, paper_of
from reports.console.model import Ask, Refusal
from reports.console.pages import lost
from reports.console.store import tables
from reports.signing import SignatureError, public_text

DAY = 86400


@pytest.fixture
def practice(console: Console, practice_of: Any) -> str:
    return str(practice_of(console))


def device(console: Console, practice: str, **given: Any) -> str:
    return stock.device(console, practice, stock.agent(console, practice), **given)


def facts(console: Console, practice: str, device_id: str) -> dict[str, Any]:
    with console.store.read() as db:
        return evidence(db, console, practice_id=practice, device_id=device_id, by="alice@practice.example")


def sheet(console: Console, practice: str, device_id: str, **loss: Any) -> Sheet:
    with console.store.write() as db:
        made = make_sheet(
            db, console, practice_id=practice, device_id=device_id, by="alice@practice.example", loss=Loss(**loss)
        )
    with console.store.read() as db:
        return sheet_of(db, practice, made)


def test_a_sheet_says_what_was_last_seen_and_when(console: Console, practice: str) -> None:
    made, now = device(console, practice), console.now()
    stock.finding(
        console, practice, made, check_id="clinical_images", observed_at=now - 7200, measures='{"images":"6-20"}'
    )
    stock.finding(console, practice, made, check_id="geotagging")
    (state,) = facts(console, practice, made)["state"]
    assert (state["called"], state["status"], state["measures"]) == ("Clinical images", "fail", "images 6-20")
    paper = paper_of(sheet(console, practice, made))
    assert paper["state"][0][-1] == "2 hours"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"proven": False}, "is not proven"),
        ({"chain": "gap"}, "never arrived"),
        ({"chain": "broken"}, "did not follow"),
        ({"due_at": 9}, "It is overdue"),
        ({"ended_at": 9}, "no longer waited for"),
        ({"observed_at": 1_795_302_000 + 7200}, "Its clock ran ahead by 2 hours"),
        ({"observed_at": 1_795_302_000 - 3 * DAY}, "arrived 3 days after it was made"),
        ({}, "Never reported for this device: Screen lock, Encryption"),
        ({}, "nothing has been heard for"),
        ({}, "a count is a floor"),
    ],
)
def test_each_gap_is_said(console: Console, practice: str, given: dict[str, Any], said: str) -> None:
    gaps = facts(console, practice, device(console, practice, **given))["gaps"]
    assert any(said in line for line in gaps)
    assert len(gaps) == len(set(gaps))


def test_a_whole_proven_device_in_time_gives_no_cause_for_doubt(console: Console, practice: str) -> None:
    text = " ".join(facts(console, practice, device(console, practice))["gaps"])
    assert not re.search("not proven|never arrived|did not follow|overdue|clock|no longer waited", text)


def test_what_was_not_seen_and_what_only_the_person_saw_are_gaps(console: Console, practice: str) -> None:
    made = device(console, practice)
    look = json.dumps({"saw": "off", "at": "2026-10-22T01:00:00Z", "until": "2026-11-21T01:00:00Z", "counts": False})
    stock.finding(
        console, practice, made, check_id="cloud_backup", status="unknown", because="not shown", attestation=look
    )
    gaps = facts(console, practice, made)["gaps"]
    assert "Photo upload: not known. not shown" in gaps
    assert any("the person looked themselves on 2026-10-22 and said: off" in line for line in gaps)


@pytest.mark.parametrize(("aware", "ends"), [("2026-11-21", "2026-12-21"), ("2028-02-01", "2028-03-02")])
def test_thirty_days_run_from_awareness(console: Console, practice: str, aware: str, ends: str) -> None:
    made = sheet(console, practice, device(console, practice), aware_on=date.fromisoformat(aware))
    assert made.facts["thirty_days_on"] == ends
    dates = paper_of(made)["dates"]
    assert "26WH" in dates
    assert "draws no legal conclusion" in dates


def test_a_saved_sheet_is_known_as_the_practice_s_own(console: Console, practice: str) -> None:
    made = sheet(console, practice, device(console, practice), told_by="its user")
    assert verify_sheet(made.saved(), made.public_key) == made.facts
    assert made.facts["loss"]["told_by"] == "its user"


@pytest.mark.parametrize("change", ["body", "signature", "key", "cut", "list"])
def test_an_altered_sheet_is_refused(console: Console, practice: str, change: str) -> None:
    made = sheet(console, practice, device(console, practice))
    saved, key = made.saved(), made.public_key
    if change == "body":
        saved = saved.replace(b"Example Practice", b"Exempla Practice")
    elif change == "signature":
        saved = saved.replace(made.signature.encode(), b"A" * 86 + b"==")
    elif change == "key":
        key = public_text(Ed25519PrivateKey.generate().public_key())
    else:
        saved = saved[:-20] if change == "cut" else b"[1]"
    with pytest.raises(SignatureError):
        verify_sheet(saved, key)


def test_a_sheet_is_one_practice_s_and_its_making_is_in_the_log(
    console: Console, practice: str, practice_of: Any
) -> None:
    made = sheet(console, practice, device(console, practice))
    other = practice_of(console, "Other Practice")
    with console.store.read() as db, pytest.raises(Refusal) as met:
        sheet_of(db, other, made.id)
    assert met.value.status == 404
    with console.store.write() as db, pytest.raises(Refusal):
        make_sheet(db, console, practice_id=other, device_id=made.facts["device"]["id"], by="eve")
    assert stock.acts_of(console, practice)[-1] == "sheet.made"
    assert "sheet.made" not in stock.acts_of(console, other)


@pytest.mark.parametrize("label", ["Registrar 4", '#read("/etc/passwd") *x* $y$', "护士 \N{PILE OF POO}", "A" * 120])
def test_the_pdf_shows_any_word_as_a_word(console: Console, practice: str, label: str) -> None:
    agent = stock.agent(console, practice, label=label)
    made = stock.device(console, practice, agent)
    stock.finding(console, practice, made, because="over 5 minutes")
    pdf = as_pdf(sheet(console, practice, made, last_in_hand="<b>'\"& about 9:30"))
    assert pdf.startswith(b"%PDF-")
    document = pdfium.PdfDocument(pdf)
    text = document[0].get_textpage().get_text_range()
    document.close()
    assert "<b>'\"& about 9:30" in text
    if label.isascii() and len(label) < 60:
        assert label in text.replace("\r\n", " ")


def test_silent_days_are_told_from_days_with_a_verdict(console: Console, practice: str) -> None:
    now = console.now()
    made = device(
        console, practice, first_seen_at=now - 5 * DAY, overall="not_compliant", received_at=now, due_at=now + DAY
    )
    for ago in (5, 4, 1):
        _report(console, practice, made, now - ago * DAY)
    about = {"practice_id": practice, "device_id": made, "what": "overall"}
    move = {"before": "compliant", "after": "not_compliant", "at": now - DAY, "received_at": now - DAY}
    stock.put(console, tables.changes, {**about, **move})
    with console.store.read() as db:
        row, zone = device_of(db, practice, made), ZoneInfo("Australia/Melbourne")
        states = [state for _, state in day_states(db, row, raw_days=90, now=now, zone=zone, days=8)]
    last = ["compliant", "compliant", "silent", "silent", "not_compliant", "not_compliant"]
    assert states == [NOT_YET, NOT_YET, *last]


def _report(console: Console, practice: str, device_id: str, at: int) -> None:
    ids = {"id": f"{at:036d}", "practice_id": practice, "agent_id": "a", "device_id": device_id}
    stock.put(console, tables.reports, {**ids, "received_at": at, "seq": 1, "link": "", "body": b"", "proof": "{}"})


def test_the_form_makes_a_sheet_or_says_what_is_wrong(console: Console, practice: str, as_role: Any, ask: Any) -> None:
    path = {"device_id": device(console, practice)}
    wrong = {"aware": "2031-01-01", "hand": "x" * 161, "told": "line\nline"}
    reply = lost.make(ask(console, as_role(console), path=path, form=wrong))
    assert reply.status == 422
    assert reply.content.count(b'aria-invalid="true"') == 3
    reply = lost.make(ask(console, as_role(console), path=path, form={"aware": "2026-11-21"}))
    sheet_id = reply.headers["location"].removeprefix("/lost/")
    found = _pages(ask, console, as_role(console), sheet_id)
    assert found == ["text/html; charset=utf-8", "application/json", "application/pdf"]


def _pages(ask: Any, console: Console, me: Any, sheet_id: str) -> list[str]:
    asked: Ask = ask(console, me, path={"sheet_id": sheet_id})
    replies = [one(asked) for one in (lost.show, lost.as_file, lost.as_paper)]
    assert [one.status for one in replies] == [200, 200, 200]
    return [one.kind for one in replies]


def test_a_device_that_was_silent_for_a_year_still_has_its_sheet(console: Console, practice: str) -> None:
    made = device(console, practice, due_at=console.now())
    console.clock.forward(400 * DAY)  # type: ignore[attr-defined]
    paper = paper_of(sheet(console, practice, made))
    assert paper["history"] == ["90 days overdue"]
    assert any("It is overdue" in line for line in paper["gaps"])


def test_values_are_never_markup_on_the_page(console: Console, practice: str, as_role: Any, ask: Any) -> None:
    agent = stock.agent(console, practice, label="<script>alert(1)</script>")
    made = sheet(console, practice, stock.device(console, practice, agent), told_by="<i>x</i>")
    page = lost.show(ask(console, as_role(console), path={"sheet_id": made.id})).content
    assert b"<script>alert" not in page
    assert b"<i>x" not in page
    assert b"&lt;script&gt;" in page
