"""Which numbers are taken for a patient's or a clinician's, and how sure that is. All numbers are made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.photos.identifiers import (
    Identifier,
    Kind,
    Proof,
    identifiers,
    is_hpi,
    is_ihi,
    is_medicare,
    is_nhi,
    is_provider,
)

SEEN = [
    ("Medicare No: 2123 45670 1", Kind.MEDICARE, Proof.CHECKED),
    ("Medicare No 2l23 4567O 1", Kind.MEDICARE, Proof.CHECKED),
    ("Medicare card number 21234567012", Kind.MEDICARE, Proof.CHECKED),
    ("Medicare: 2123 45671 1", Kind.MEDICARE, Proof.NAMED),
    ("2123 45670 1", Kind.MEDICARE, Proof.CHECKED),
    ("order 2123456701", Kind.MEDICARE, Proof.BARE),
    ("Medicare", Kind.MEDICARE, Proof.LABEL),
    ("IHI 8003 6081 6669 0503", Kind.IHI, Proof.CHECKED),
    ("8003608166690503", Kind.IHI, Proof.CHECKED),
    ("IHI: 8003608166690504", Kind.IHI, Proof.NAMED),
    ("HPI-I 8003619900015717", Kind.HPI, Proof.CHECKED),
    ("8003621566684455", Kind.HPI, Proof.CHECKED),
    ("DVA No NX012345", Kind.VETERAN, Proof.NAMED),
    ("DVA file number: QSM12345A", Kind.VETERAN, Proof.NAMED),
    ("Provider No. 2426621B", Kind.PROVIDER, Proof.CHECKED),
    ("Provider No. 2426621A", Kind.PROVIDER, Proof.NAMED),
    ("2426621B", Kind.PROVIDER, Proof.BARE),
    ("MRN: 0123456", Kind.RECORD, Proof.NAMED),
    ("M.R.N. 0123456", Kind.RECORD, Proof.NAMED),
    ("UR No A123456", Kind.RECORD, Proof.NAMED),
    ("URN O123456", Kind.RECORD, Proof.NAMED),
    ("MRN:", Kind.RECORD, Proof.LABEL),
    ("NHI: ZZZ0016", Kind.NHI, Proof.CHECKED),
    ("NHI ZBN77VL", Kind.NHI, Proof.CHECKED),
    ("NHI ZZZ0017", Kind.NHI, Proof.NAMED),
    ("NHI ZBN77VM", Kind.NHI, Proof.NAMED),
    ("ZZZ0016", Kind.NHI, Proof.BARE),
    ("DOB 03/04/1956", Kind.BIRTH, Proof.CHECKED),
    ("D0B: 3 Apr 1956", Kind.BIRTH, Proof.CHECKED),
    ("Date of birth 31.02.1956", Kind.BIRTH, Proof.LABEL),
    ("Accession No 24-0123456", Kind.ACCESSION, Proof.NAMED),
    ("Lab ref: 553-1209", Kind.ACCESSION, Proof.NAMED),
    ("Dr A Example", Kind.DOCTOR, Proof.LABEL),
]
NOT_SEEN = [
    "ABN 51 824 753 556",
    "Ph 02 5550 1234 Fax 02 5550 1235",
    "0400 000 123",
    "urn:isbn:9780000000000",
    "BSB 000-111",
    "Total $2123.45",
    "QF 1531 seat 22C",
    "The doctor saw a urn in the hall",
    "1.2.3456.789.0123",
    "drive west",
]


@pytest.mark.parametrize(("line", "kind", "proof"), SEEN)
def test_a_number_is_known_by_its_name_and_its_check(line: str, kind: Kind, proof: Proof) -> None:
    assert Identifier(kind=kind, proof=proof) in identifiers(line)


@pytest.mark.parametrize("line", NOT_SEEN)
def test_other_numbers_are_nobodys(line: str) -> None:
    assert identifiers(line) == frozenset()


def test_two_numbers_on_one_line_are_both_seen() -> None:
    kinds = {one.kind for one in identifiers("MRN 0123456  DOB 03/04/1956  Medicare 2123 45670 1")}
    assert kinds == {Kind.RECORD, Kind.BIRTH, Kind.MEDICARE}


CHECKS = [
    (is_medicare, "2123456701", range(9)),
    (is_ihi, "8003608166690503", range(16)),
    (is_hpi, "8003619900015717", range(5, 16)),
    (is_nhi, "ZZZ0016", range(3, 7)),
    (is_provider, "2426621B", range(6)),
]


@pytest.mark.parametrize(("check", "number", "places"), CHECKS)
def test_one_wrong_digit_is_noticed(check, number: str, places: range) -> None:
    assert check(number)
    for place in places:
        wrong = str((int(number[place]) + 1) % 10)
        assert not check(number[:place] + wrong + number[place + 1 :]), place


@given(st.text(max_size=60))
def test_any_text_has_an_answer_without_the_text(line: str) -> None:
    for one in identifiers(line):
        assert isinstance(one.kind, Kind)
        assert isinstance(one.proof, Proof)


@given(
    st.sampled_from(["Medicare No", "IHI", "DVA", "HPI-I", "Provider No", "MRN", "NHI", "DOB", "Accession"]),
    st.text("0123456789OISBZ /-.ABCN²½٣", max_size=30),
)
def test_any_number_behind_a_name_has_an_answer(label: str, number: str) -> None:
    assert identifiers(f"{label}: {number}")


def test_a_line_is_looked_at_up_to_its_limit() -> None:
    assert identifiers("x" * 400 + " MRN 0123456") == frozenset()
