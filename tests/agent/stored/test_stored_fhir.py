"""A FHIR record is asked whether it has a picture: by hash and size, or byte for byte, of that very patient."""

import base64
import itertools
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fhir_parts import FHIR, ID, FakeRecord, attachment, bundle, document, listening, media
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from stored_parts import NOW, PATIENT, Clerk, picture, saying, terms

from agent.stored.model import Answer, Stored
from checks.policy_terms import RecordKind

BARE = attachment(hash=None)
"""What most servers give: no hash."""


@pytest.fixture(scope="module")
def running() -> Iterator[FakeRecord]:
    with listening(FakeRecord()) as one:
        yield one


@pytest.fixture
def record(running: FakeRecord) -> FakeRecord:
    running.begin_anew()
    running.binaries["img-001"] = picture()
    return running


def asked(record: FakeRecord, **more: Any) -> Answer:
    """What is said after two looks, so that anything that could count would."""
    clerk = Clerk(terms(record.url, RecordKind.FHIR))
    first = clerk.ask(**more)
    second = clerk.ask(now=NOW + 600, **more)
    assert (second.stored is Stored.STORED) == (first.stored is Stored.STORED_ONCE)
    return second


@pytest.mark.parametrize("one", [document(), media(), document(BARE), media(BARE)])
def test_a_picture_of_that_patient_is_stored(record: FakeRecord, one: dict[str, Any]) -> None:
    record.documents = [one]
    answer = asked(record)
    assert (answer.stored, answer.reference) == (Stored.STORED, f"{one['resourceType']}/doc-1")


def test_nothing_of_that_patient_is_said_to_be_nothing(record: FakeRecord) -> None:
    assert asked(record).stored is Stored.NOT_FOUND
    record.documents = [document(attachment(picture((1, 2, 3))))]
    assert asked(record).stored is Stored.NOT_FOUND


OTHER_HASH = base64.b64encode(b"x" * 20).decode()
SAME_SIZE = bytes(reversed(picture()))
NOT_ALIKE = {
    "another hash": attachment(hash=OTHER_HASH),
    "another size": attachment(size=len(picture()) + 1),
    "another size and no hash": attachment(hash=None, size=1),
    "other bytes": attachment(hash=None, url="Binary/other"),
    "other bytes inside": attachment(hash=None, url=None, data=base64.b64encode(SAME_SIZE).decode()),
    "a hash that lies": attachment(size=None, url="Binary/other"),
    "far more bytes": attachment(hash=None, size=None, url="Binary/far-more"),
}


@pytest.mark.parametrize("name", NOT_ALIKE)
def test_another_file_is_not_the_picture(record: FakeRecord, name: str) -> None:
    record.binaries |= {"other": SAME_SIZE, "far-more": picture() * 200}
    record.documents = [document(NOT_ALIKE[name])]
    assert asked(record).stored is Stored.NOT_FOUND


ALIKE = {
    "no size": attachment(size=None),
    "neither": attachment(size=None, hash=None),
    "a hash of another kind": attachment(hash="ab" * 32),
    "a hash that is none": attachment(hash="?!"),
    "the whole address": attachment(hash=None, url="{url}/Binary/img-001"),
    "an address from the top": attachment(hash=None, url="/fhir/Binary/img-001"),
    "inside": attachment(hash=None, url=None, data=base64.b64encode(picture()).decode()),
    "an odd kind": attachment(hash=None, contentType="text/html\r\nX: y"),
}


@pytest.mark.parametrize("name", ALIKE)
def test_where_the_hash_says_nothing_the_bytes_are_compared(record: FakeRecord, name: str) -> None:
    one = {**ALIKE[name], "url": ALIKE[name].get("url", "").replace("{url}", record.url)}
    record.documents = [document(one)]
    assert asked(record).stored is Stored.STORED


def test_bytes_that_come_wrapped_in_a_resource_are_compared_too(record: FakeRecord) -> None:
    inside = {"resourceType": "Binary", "contentType": "image/jpeg", "data": base64.b64encode(picture()).decode()}
    record.meddle = lambda request, body: inside if "Binary" in request.url.path else body
    record.documents = [document(BARE)]
    assert asked(record).stored is Stored.STORED
    inside["resourceType"] = "Basic"
    assert asked(record).stored is Stored.UNSURE


NOT_GIVEN = {
    "nowhere": attachment(hash=None, url=None),
    "not there": attachment(hash=None, url="Binary/gone"),
    "somewhere else": attachment(hash=None, url="http://127.0.0.1:9/fhir/Binary/img-001"),
    "a host that only begins alike": attachment(hash=None, url="{url}.evil.example/Binary/img-001"),
    "another host by two slashes": attachment(hash=None, url="//evil.example/Binary/img-001"),
    "up and out": attachment(hash=None, url="../admin"),
    "a file": attachment(hash=None, url="file:///etc/passwd"),
    "no address": attachment(hash=None, url="http://[::1"),
    "a line end": attachment(hash=None, url="Binary/img-001\r\nX: y"),
    "far too long": attachment(hash=None, url="Binary/" + "a" * 3000),
    "a number": attachment(hash=None, url=7),
    "inside, and not base 64": attachment(hash=None, data="!!!!"),
}


@pytest.mark.parametrize("name", NOT_GIVEN)
def test_what_is_not_given_out_leaves_it_open(record: FakeRecord, name: str) -> None:
    one = NOT_GIVEN[name]
    record.documents = [document({**one, "url": str(one["url"]).replace("{url}", record.url)} if "url" in one else one)]
    clerk = Clerk(terms(record.url, RecordKind.FHIR))
    answers = [clerk.ask(now=NOW + later) for later in (0, 600)]
    assert {one.stored for one in answers} == {Stored.UNSURE}
    assert "couldn't be compared" in answers[0].sentence
    assert set(clerk.opened) == {record.url}


@pytest.mark.parametrize("status", ["superseded", "entered-in-error", "preliminary", "", None, 7, ["current"]])
@pytest.mark.parametrize("make", [document, media])
def test_a_document_that_no_longer_holds_is_never_stored(record: FakeRecord, make: Any, status: Any) -> None:
    record.documents = [make(status=status)]
    answer = asked(record)
    assert (answer.stored, "no longer current" in answer.sentence) == (Stored.UNSURE, True)


def test_a_document_whose_contents_are_a_mistake_is_never_stored(record: FakeRecord) -> None:
    record.documents = [document(docStatus="entered-in-error")]
    assert asked(record).stored is Stored.UNSURE
    record.documents = [document(docStatus="final")]
    assert asked(record).stored is Stored.STORED


def test_of_two_documents_the_one_that_holds_counts(record: FakeRecord) -> None:
    for order in itertools.permutations([document(status="superseded"), document(BARE, id="doc-2"), document(id="x")]):
        record.documents = list(order)
        assert asked(record).stored is Stored.STORED


WHOSE = {
    "Patient/pat-002": Stored.OTHER_PATIENT,
    "https://elsewhere.example/fhir/Patient/pat-001": Stored.OTHER_PATIENT,
    "Patient/pat-0011": Stored.OTHER_PATIENT,
    "#pat-001": Stored.UNSURE,
    "Group/pat-001": Stored.UNSURE,
    None: Stored.UNSURE,
}


@pytest.mark.parametrize("reference", WHOSE)
def test_another_patients_document_is_never_stored(record: FakeRecord, reference: str | None) -> None:
    for one in (document(), media()):
        lies = {**one, "subject": {"reference": reference}}
        record.meddle = lambda request, body, lies=lies: bundle([lies]) if "Patient" not in request.url.path else body
        assert asked(record).stored is WHOSE[reference]


def test_what_might_turn_the_meaning_around_leaves_it_open(record: FakeRecord) -> None:
    for name in ("modifierExtension", "implicitRules"):
        record.documents = [document(**{name: [{"url": "urn:x:this-is-not-his", "valueBoolean": True}]})]
        assert asked(record).stored is Stored.UNSURE


@pytest.mark.parametrize(
    ("number", "stored", "said"),
    [
        ("MRN 9", Stored.NOT_FOUND, "knows nobody"),
        ("", Stored.UNSURE, "Give the patient number"),
        ("MRN 1|7\nx", Stored.UNSURE, "on one line"),
        ("\u202e7", Stored.UNSURE, "on one line"),
        ("\ud800", Stored.UNSURE, "on one line"),
        ("7" * 65, Stored.UNSURE, "at most 64"),
        ("MRN 3", Stored.UNSURE, "more than one patient"),
    ],
)
def test_a_number_must_be_that_of_one_patient(record: FakeRecord, number: str, stored: Stored, said: str) -> None:
    record.patients |= {"pat-003": ["MRN 3"], "pat-004": ["MRN 3"]}
    record.documents = [document()]
    answer = asked(record, patient=number)
    assert (answer.stored, said in answer.sentence) == (stored, True)
    assert not number or number not in answer.sentence


def test_a_number_is_not_what_a_server_that_searches_loosely_makes_of_it(record: FakeRecord) -> None:
    loose = bundle([{"resourceType": "Patient", "id": ID, "identifier": [{"value": f"{PATIENT}0"}]}])
    record.meddle = lambda request, body: loose if request.url.path.endswith("Patient") else body
    record.documents = [document()]
    assert asked(record).stored is Stored.NOT_FOUND


def test_a_number_that_somebody_had_once_is_not_theirs(record: FakeRecord) -> None:
    old = {"resourceType": "Patient", "id": ID, "identifier": [{"value": PATIENT, "use": "old"}]}
    record.meddle = lambda request, body: bundle([old]) if request.url.path.endswith("Patient") else body
    record.documents = [document()]
    assert asked(record).stored is Stored.NOT_FOUND


def test_a_number_of_perhaps_more_patients_than_were_shown_says_nothing(record: FakeRecord) -> None:
    link = [{"relation": "next", "url": f"{record.url}/Patient?page=2"}]
    record.meddle = lambda request, body: {**body, "link": link} if request.url.path.endswith("Patient") else body
    record.documents = [document()]
    assert "more than one patient" in asked(record).sentence


@pytest.mark.parametrize("kind", ["history", "transaction", "", None])
def test_what_is_no_list_of_hits_is_never_a_yes(record: FakeRecord, kind: str | None) -> None:
    record.meddle = lambda request, body: {**body, "type": kind}
    record.documents = [document()]
    assert asked(record).stored is Stored.UNSURE


@pytest.mark.parametrize("mode", ["include", "outcome", 7])
def test_what_comes_beside_the_hits_is_none(record: FakeRecord, mode: Any) -> None:
    beside = {**bundle([]), "entry": [{"resource": document(), "search": {"mode": mode}}]}
    record.meddle = lambda request, body: beside if request.url.path.endswith("DocumentReference") else body
    assert asked(record).stored is Stored.NOT_FOUND


def test_all_pages_are_looked_through_up_to_a_number(record: FakeRecord) -> None:
    others = [document(attachment(picture((1, 2, 3)))) for _ in range(9)]
    record.documents = [*others, document(id="last")]
    assert asked(record).reference == "DocumentReference/last"
    record.documents = [*others, others[0], document(id="last")]
    answer = asked(record)
    assert (answer.stored, "more documents" in answer.sentence) == (Stored.UNSURE, True)


@pytest.mark.parametrize("elsewhere", ["http://127.0.0.1:9/fhir?x=1", "//evil.example/x", "{url}x/evil", 7, ""])
def test_no_page_is_fetched_from_elsewhere(record: FakeRecord, elsewhere: Any) -> None:
    more = elsewhere.replace("{url}", record.url) if isinstance(elsewhere, str) else elsewhere
    leads = {**bundle([]), "link": [{"relation": "next", "url": more}]}
    record.meddle = lambda request, body: leads if request.url.path.endswith("DocumentReference") else body
    clerk = Clerk(terms(record.url, RecordKind.FHIR))
    assert clerk.ask().stored is Stored.UNSURE
    assert (set(clerk.opened), len(record.heard)) == ({record.url}, 2)


def test_pages_that_lead_in_a_circle_come_to_an_end(record: FakeRecord) -> None:
    def circle(request: Request, body: Any) -> Any:
        again = {"relation": "next", "url": f"{record.url}/DocumentReference?patient=Patient/{ID}"}
        return {**body, "link": [again]} if request.url.path.endswith("DocumentReference") else body

    record.meddle = circle
    assert asked(record).stored is Stored.UNSURE
    assert len(record.heard) < 20


def test_no_more_than_a_few_pictures_are_fetched(record: FakeRecord) -> None:
    record.binaries["other"] = SAME_SIZE
    record.documents = [document(*[attachment(hash=None, url="Binary/other")] * 8)]
    assert Clerk(terms(record.url, RecordKind.FHIR)).ask().stored is Stored.UNSURE
    assert sum("Binary" in one.path for one in record.heard) == 5


def test_attachments_without_number_leave_it_open(record: FakeRecord) -> None:
    record.documents = [document(*[attachment(size=1)] * 21)]
    assert asked(record).stored is Stored.UNSURE


@pytest.mark.parametrize("status", [400, 403, 404, 501])
def test_a_server_without_photographs_beside_its_documents_is_no_fault(record: FakeRecord, status: int) -> None:
    gone = Response(status_code=status)
    record.meddle = lambda request, body: gone if request.url.path.endswith("Media") else body
    assert asked(record).stored is Stored.NOT_FOUND
    record.documents = [document()]
    assert asked(record).stored is Stored.STORED


@pytest.mark.parametrize("path", ["Patient", "DocumentReference", "Media", "img-001"])
@pytest.mark.parametrize("status", [302, 401, 500])
def test_a_fault_on_the_way_is_never_a_yes_nor_a_no(record: FakeRecord, path: str, status: int) -> None:
    fault = RedirectResponse("/fhir/Binary/img-001") if status == 302 else Response(status_code=status)
    record.meddle = lambda request, body: fault if request.url.path.endswith(path) else body
    record.documents = [document(attachment(hash=None))] if path == "img-001" else []
    assert asked(record).stored is (Stored.UNSURE if path == "img-001" else Stored.UNREACHABLE)


def test_only_the_number_and_a_day_are_sent(record: FakeRecord) -> None:
    record.documents = [document(BARE)]
    asked(record, day=date(2026, 11, 21))
    sent = [(one.path.removeprefix("/fhir/"), one.query) for one in record.heard[:3]]
    about = {"patient": f"Patient/{ID}", "date": "ge2026-11-20", "_count": "50"}
    assert sent == [
        ("Patient", {"identifier": "MRN 1\\|7", "_elements": "identifier", "_count": "3"}),
        ("DocumentReference", {**about, "_elements": "status,docStatus,subject,date,content"}),
        ("Binary/img-001", {}),
    ]
    assert {(one.method, one.body) for one in record.heard} == {("GET", b"")}
    assert not any("cookie" in one.headers or "authorization" in one.headers for one in record.heard)


def test_without_a_day_all_of_the_patients_documents_are_looked_through(record: FakeRecord) -> None:
    record.documents = [document()]
    assert asked(record, day=None).stored is Stored.STORED
    assert "date" not in record.heard[1].query


KEYS = ["resourceType", "type", "entry", "resource", "link", "relation", "url", "id", "identifier", "value", "status",
        "subject", "reference", "content", "attachment", "hash", "size", "data", "search", "mode"]  # fmt: skip
WORDS = ["Bundle", "searchset", "Patient", "DocumentReference", "Media", "next", ID, PATIENT, "current", "match", "x"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=15,
)


@given(JSON, JSON)
@settings(max_examples=80, deadline=None)
def test_whatever_json_comes_it_is_never_a_yes_and_never_an_error(whole: Any, resource: Any) -> None:
    patient = {"resourceType": "Patient", "id": ID, "identifier": [{"value": PATIENT}]}
    odd = {"resourceType": "DocumentReference", **(resource if isinstance(resource, dict) else {"content": resource})}
    for answers in ([whole], [bundle([patient]), whole], [bundle([patient]), bundle([odd, resource]), bundle([])]):
        with saying(*map(as_fhir, answers)) as url:
            answer = Clerk(terms(url, RecordKind.FHIR)).ask()
        assert answer.stored in (Stored.UNSURE, Stored.NOT_FOUND, Stored.OTHER_PATIENT)


def as_fhir(body: Any) -> bytes:
    text = json.dumps(body).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n" % (FHIR.encode(), len(text)) + text
