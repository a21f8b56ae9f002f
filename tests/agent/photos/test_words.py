"""What the words of a page say, without OCR: rendered wording, broken words, words that only look alike."""

import re
import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_parts import renderer

from agent.photos.identifiers import Kind, Proof
from agent.photos.image import Words
from agent.photos.words import PERSON, Hit, hits, judge, strength, verdict, vocabulary

KINDS = renderer().kinds()


def lines(kind: str, seed: int) -> list[str]:
    return ["  ".join(cells) for cells in renderer().write(kind, Random(seed))]


@pytest.mark.parametrize(("kind", "clinical"), KINDS.items())
def test_each_kind_of_page_is_known(kind: str, *, clinical: bool) -> None:
    said = {verdict(lines(kind, seed)).words for seed in range(12)}
    assert said == {Words.CLINICAL if clinical else Words.ORDINARY}


@pytest.mark.parametrize(
    ("printed", "term"),
    [
        ("DISCHARGE SUMMARY", "discharge summary"),
        ("Dischargesummary", "discharge summary"),
        ("Discharqe Summary", "discharge summary"),
        ("HAEM0GLOBIN", "haemoglobin"),
        ("Haemogloin", "haemoglobin"),
        ("Haemmoglobin", "haemoglobin"),
        ("X-ray", "x ray"),
        ("aVR", "avr"),
        ("Specimens", "specimen"),
        ("Metformin.", "metformin"),
    ],
)
def test_a_broken_word_is_still_known(printed: str, term: str) -> None:
    assert term in {hit.term for hit in hits(printed)}


@pytest.mark.parametrize("word", ["meditation", "dedication", "hospitality", "description", "consolation", "patience"])
def test_a_word_that_looks_alike_is_none(word: str) -> None:
    assert not hits(f"{word} {word}s")


def test_a_medicare_card_alone_is_not_clinical() -> None:
    assert verdict(["medicare", "2123 45670 1", "1 RUBY TANAKA", "VALID TO 04/2027"]).words is Words.ORDINARY


def test_a_patient_label_is_clinical() -> None:
    page = verdict(["TANAKA, Ruby", "MRN 0123456   DOB 03/04/1956", "Medicare 2123 45670 1"])
    assert page.words is Words.CLINICAL


def test_other_languages_say_nothing() -> None:
    assert verdict(["Das Wetter bleibt morgen schön", "明日は晴れでしょう", "Завтра будет тепло"]).weight == 0


def test_where_nobody_is_named_more_is_asked() -> None:
    words = {Hit(kind="pathology", term="haemoglobin", weight=3.0), Hit(kind="pathology", term="biopsy", weight=3.0)}
    named = words | {Hit(kind=PERSON, term="number: record", weight=0.8)}
    assert strength(words) < 1 < strength(named)


def test_ordinary_words_speak_against() -> None:
    clinical = set(hits("Haemoglobin 130 g/L  Requested by Dr A Example  MRN 0123456"))
    assert strength(clinical | hits("TAX INVOICE  opening balance")) < strength(clinical)


def test_a_label_and_its_number_count_once() -> None:
    label, number = hits("MRN:"), hits("MRN: 0123456")
    assert strength(label | number) == strength(number)


def test_the_weight_is_one_half_where_a_page_just_is_clinical() -> None:
    threshold = vocabulary().kinds["letter"].threshold
    found = {Hit(kind=PERSON, term="a", weight=1.0), Hit(kind="letter", term="b", weight=threshold - 1)}
    assert judge(found).weight == pytest.approx(0.5)
    assert judge(found).words is Words.CLINICAL


def test_no_hit_holds_what_stood_on_the_page() -> None:
    """A hit goes through logs and errors as it likes: its words are the vocabulary's."""
    written = {hit.term for terms in vocabulary().terms.values() for _, hit in terms}
    written |= {hit.term for _, hit in vocabulary().patterns} | {f"number: {kind}" for kind in Kind}
    for kind in KINDS:
        assert {hit.term for line in lines(kind, 3) for hit in hits(line)} <= written


def test_every_number_that_can_be_found_has_a_weight() -> None:
    numbers = {kind for _, kind in vocabulary().identifiers}
    assert numbers == set(Kind)
    assert {proof for proof, _ in vocabulary().identifiers} == set(Proof)


@given(st.text(max_size=80))
def test_any_line_has_an_answer(line: str) -> None:
    assert 0 <= judge(hits(line)).weight < 1


def test_no_pattern_takes_long_on_a_hostile_line() -> None:
    hostile = ["1" * 400, "take one " * 44, "v1 " * 133, "a" * 400, "10 mg " * 66, ("v2 " + "." * 39) * 9]
    began = time.process_time()
    for line in hostile * 20:
        hits(line)
    # A backtracking pattern needs minutes here, a straight one some hundredths of a second.
    assert time.process_time() - began < 20


def test_every_pattern_matches_lower_case_only() -> None:
    """They are tried on lower-cased lines: a capital in one could never match."""
    for pattern, _ in vocabulary().patterns:
        assert not re.search(r"[A-Z]", pattern.pattern), pattern.pattern
