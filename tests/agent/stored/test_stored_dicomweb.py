"""A real PACS is asked whether it has a picture: Debian's Orthanc, with its DICOMweb plugin."""

from collections.abc import Iterator

import pytest
from orthanc_parts import Orthanc, orthanc, uid_of
from stored_parts import NOW, PATIENT, Clerk, picture, terms

from agent.stored.dicomweb import uid_of as own_uid_of
from agent.stored.model import Asked, Stored


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("orthanc")) as one:
        yield one


@pytest.fixture
def pacs(running: Orthanc) -> Orthanc:
    running.empty()
    return running


@pytest.fixture
def clerk(pacs: Orthanc) -> Clerk:
    return Clerk(terms(pacs.url))


@pytest.mark.parametrize("odd", [False, True])
def test_a_picture_in_the_pacs_is_stored_when_it_was_seen_twice(pacs: Orthanc, clerk: Clerk, odd: bool) -> None:
    data = picture(odd=odd)
    pacs.store(data, patient=PATIENT)
    first, early, second = (clerk.ask(data, now=NOW + later) for later in (0, 599, 600))
    assert [one.stored for one in (first, early, second)] == [Stored.STORED_ONCE, Stored.STORED_ONCE, Stored.STORED]
    assert second.reference == uid_of(data)
    assert (second.source, second.at) == ("Practice PACS", NOW + 600)


def test_a_picture_that_is_not_there_is_said_not_to_be(pacs: Orthanc, clerk: Clerk) -> None:
    pacs.store(picture((1, 2, 3)), patient=PATIENT)
    answer = clerk.ask()
    assert answer.stored is Stored.NOT_FOUND
    assert "Practice PACS doesn't have this picture" in answer.sentence
    assert answer.reference == ""


@pytest.mark.parametrize("number", ["MRN 1|70", "mrn 1|7", "MRN  1|7", "MRN 1|", "*", "MRN 1?7", "\\"])
def test_another_patients_picture_is_never_stored(pacs: Orthanc, clerk: Clerk, number: str) -> None:
    pacs.store(picture(), patient=PATIENT)
    answers = [clerk.ask(patient=number, now=NOW + later) for later in (0, 600, 1200)]
    assert {(one.stored, one.reference) for one in answers} == {(Stored.OTHER_PATIENT, "")}
    assert number == "*" or number not in answers[0].sentence


@pytest.mark.parametrize("number", ["", "  "])
def test_without_a_number_nothing_is_known_to_be_stored(pacs: Orthanc, clerk: Clerk, number: str) -> None:
    pacs.store(picture(), patient=PATIENT)
    assert {clerk.ask(patient=number, now=NOW + later).stored for later in (0, 600)} == {Stored.UNSURE}


@pytest.mark.parametrize("named", [None, ""])
def test_a_picture_of_nobody_is_never_stored(pacs: Orthanc, clerk: Clerk, named: str | None) -> None:
    pacs.store(picture(), patient=named)
    answers = [clerk.ask(patient=number, now=NOW + later) for number in (PATIENT, "") for later in (0, 600)]
    assert {one.stored for one in answers} == {Stored.UNSURE}
    assert "doesn't say whose it is" in answers[0].sentence


def test_other_bytes_under_the_pictures_own_uid_are_never_stored(pacs: Orthanc, clerk: Clerk) -> None:
    pacs.store(picture((9, 9, 9)), patient=PATIENT, uid=uid_of(picture()))
    answers = [clerk.ask(now=NOW + later) for later in (0, 600)]
    assert {one.stored for one in answers} == {Stored.UNSURE}
    assert "not the same byte for byte" in answers[0].sentence


def test_a_picture_that_goes_between_the_two_looks_begins_anew(pacs: Orthanc, clerk: Clerk) -> None:
    pacs.store(picture(), patient=PATIENT)
    assert clerk.ask().stored is Stored.STORED_ONCE
    pacs.empty()
    assert clerk.ask(now=NOW + 600).stored is Stored.NOT_FOUND
    pacs.store(picture(), patient=PATIENT)
    assert clerk.ask(now=NOW + 700).stored is Stored.STORED_ONCE


def test_the_second_look_is_one_for_the_same_picture_and_the_same_patient(pacs: Orthanc, clerk: Clerk) -> None:
    pacs.store(picture(), patient=PATIENT)
    pacs.store(picture((1, 2, 3)), patient=PATIENT)
    clerk.ask()
    assert clerk.ask(picture((1, 2, 3)), now=NOW + 600).stored is Stored.STORED_ONCE
    assert Clerk(clerk.terms).ask(now=NOW + 600).stored is Stored.STORED_ONCE


def test_a_clock_that_was_set_back_begins_anew(pacs: Orthanc, clerk: Clerk) -> None:
    pacs.store(picture(), patient=PATIENT)
    times = [0, -5000, -4401, -4400]
    assert [clerk.ask(now=NOW + one).stored for one in times] == [Stored.STORED_ONCE] * 3 + [Stored.STORED]


@pytest.mark.parametrize("data", [b"a", b"\0", bytes(range(256)), picture()])
def test_the_uid_is_the_one_of_the_contract(data: bytes) -> None:
    assert own_uid_of(Asked(data=data, patient="", taken_day=None).sha256) == uid_of(data)


@pytest.mark.parametrize(
    ("secret", "client", "stored"),
    [
        ("robin:a secret:with colon", "", Stored.STORED_ONCE),
        ("a secret:with colon", "robin", Stored.STORED_ONCE),
        ("robin:wrong", "", Stored.UNREACHABLE),
        ("a-token", "", Stored.UNREACHABLE),
        (None, "", Stored.UNREACHABLE),
        (None, "robin", Stored.UNREACHABLE),
    ],
)
def test_a_pacs_that_asks_for_a_password_gets_the_one_of_the_keyring(guarded: Orthanc, secret, client, stored) -> None:
    clerk = Clerk(terms(guarded.url, client_id=client), secret=secret)
    answer = clerk.ask()
    assert answer.stored is stored
    assert "secret:with" not in answer.sentence


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with orthanc(tmp_path_factory.mktemp("guarded"), login="robin:a secret:with colon") as one:
        one.store(picture(), patient=PATIENT)
        yield one
