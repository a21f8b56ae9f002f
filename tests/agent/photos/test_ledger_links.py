"""Whom a word reaches is found by look, as the groups of copies are; and what the disk refuses changes nothing."""

import contextlib
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledger_parts import NOW, chance, ledger_in, looking, picture, printed, said

from agent.photos.copies import Prints
from agent.photos.index_model import Reviewable
from agent.photos.ledger import Ledger
from agent.photos.ledger_keys import read_or_make
from agent.photos.ledger_links import Links
from agent.photos.ledger_model import LedgerTrouble, Trouble
from agent.photos.ledger_rows import Word, of
from agent.photos.ledger_store import Store
from checks.clinical_images.fact import Disposition

looks = st.integers(1, 5)


@settings(deadline=None)
@given(st.lists(looks, max_size=8), looks)
def test_asking_without_adding_finds_what_adding_finds(known: list[int], asked: int) -> None:
    added, learned = Prints(), Prints()
    for one in known:
        added.add(printed(one))
        learned.learn(printed(one))
    assert learned.like(printed(asked)) == learned.like(printed(asked)) == added.add(printed(asked))


def word(number: int, disposition: Disposition, look: int, lifted: int = 0) -> Word:
    one = of(picture(number, look=look))
    assert one.content is not None
    return Word(number=number, content=one.content, picture=one, said=said(disposition), lifted=lifted)


words = st.lists(st.tuples(st.sampled_from(Disposition), looks), max_size=6)


@settings(deadline=None)
@given(words, looks)
def test_whoever_looks_like_something_held_is_held(spoken: list[tuple[Disposition, int]], look: int) -> None:
    links = Links(word(number, one, of_look) for number, (one, of_look) in enumerate(spoken, 1))
    held = links.hold_on(of(picture(99, look=look)))
    assert (held is not None) is ((Disposition.LEGAL_HOLD, look) in spoken)


@settings(deadline=None)
@given(words, looks)
def test_of_the_words_on_copies_the_newest_counts(spoken: list[tuple[Disposition, int]], look: int) -> None:
    links = Links(word(number, one, of_look) for number, (one, of_look) in enumerate(spoken, 1))
    silent = {Disposition.NONE, Disposition.TEACHING, Disposition.LEGAL_HOLD}
    reaching = [one for one, of_look in spoken if of_look == look and one not in silent]
    found = links.of_a_copy(of(picture(99, look=look)))
    assert (None if found is None else found.said.disposition) == (reaching[-1] if reaching else None)


REFUSALS = [
    ("PRAGMA query_only=ON", Trouble.READ_ONLY),
    ("PRAGMA max_page_count=1", Trouble.NO_SPACE),
]


@pytest.mark.parametrize(("state", "reason"), REFUSALS)
def test_what_the_disk_refuses_changes_nothing(tmp_path: Path, state: str, reason: Trouble) -> None:
    secret = read_or_make(tmp_path, chance())
    store = Store(tmp_path, secret.mark, chance=chance())
    with Ledger(store, secret) as ledger:
        ledger.say([picture(1)], said(Disposition.OWN))
        store.db.execute(state)
        with pytest.raises(LedgerTrouble) as caught:
            ledger.say([picture(number) for number in range(2, 40)], said(Disposition.IN_RECORD))
        assert caught.value.reason is reason
        assert [one.said for one in ledger.words()] == [said(Disposition.OWN)]


def test_a_ledger_that_another_process_holds_is_told_as_that(tmp_path: Path) -> None:
    secret = read_or_make(tmp_path, chance())
    store = Store(tmp_path, secret.mark, chance=chance())
    store.db.execute("PRAGMA busy_timeout=0")
    with contextlib.closing(sqlite3.connect(tmp_path / "ledger.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with Ledger(store, secret) as ledger, pytest.raises(LedgerTrouble) as caught:
            ledger.lift([picture(1)], at=NOW)
    assert caught.value.reason is Trouble.BUSY


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path: Path) -> None:
    """The one setting that this hangs by: with WAL, FULL flushes each commit."""
    ledger_in(tmp_path).close()
    secret = read_or_make(tmp_path, chance())
    store = Store(tmp_path, secret.mark, chance=chance())
    assert store.db.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert store.db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    store.close()


def alike(one: Reviewable, *, cosine: float) -> Reviewable:
    """As it is, but that the network saw something else in it."""
    mark = one.result.fingerprint
    assert mark is not None
    other = bytes([round(127 * cosine), round(127 * (1 - cosine**2) ** 0.5)]) + bytes(len(mark.embedding) - 2)
    return looking(one, replace(mark, embedding=other))


@pytest.mark.parametrize("disposition", [Disposition.NOT_CLINICAL, Disposition.OWN])
def test_what_excuses_a_picture_reaches_only_what_is_surely_a_copy(disposition: Disposition) -> None:
    links = Links([word(1, disposition, 7)])
    near, far = alike(picture(2, look=7), cosine=0.9), alike(picture(3, look=7), cosine=0.5)
    assert links.of_a_copy(of(near)) is not None
    assert links.of_a_copy(of(far)) is None


@pytest.mark.parametrize("disposition", [Disposition.IN_RECORD, Disposition.FILED, Disposition.LEGAL_HOLD])
def test_what_excuses_nothing_reaches_every_picture_that_may_be_a_copy(disposition: Disposition) -> None:
    links = Links([word(1, disposition, 7)])
    far = of(alike(picture(3, look=7), cosine=0.5))
    assert (links.of_a_copy(far) or links.hold_on(far)) is not None
