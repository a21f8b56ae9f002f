"""Phones that lie, garble, flood, hang or are another phone: nothing is called gone without proof."""

import hashlib
import threading
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from phone_removal_parts import (
    ANSWERS,
    CAMERA,
    DEVICE,
    KEY,
    NAME,
    OWN,
    PICTURE,
    Removers,
    adb_server,
    copy_of,
    lay,
    left,
    remover,
    virtual_phone,
)
from virtual_phone.rig import PlugIn

from agent.collect.adb.files import PhoneFiles
from agent.collect.adb.wire import Script
from agent.collect.host import CollectError
from agent.demo.faults import Faults
from agent.demo.phone import VirtualPhone
from agent.photos.image import HEAD_BYTES
from agent.photos.index import digest
from agent.photos.phone_files import PhonePictures
from agent.photos.review.model import Copy, Marked, Removal, Removed
from agent.photos.review.phone_remover import PhoneRemover
from agent.photos.review.phone_scripts import RemovalScript, Step
from checks.clinical_images.fact import Folder, Origin
from checks.evidence import Why

__all__ = ["adb_server", "remover", "virtual_phone"]

PROOF = "[ro.serialno]: [S1]\n[ro.boottime.init]: [5]\n"
OTHER_PROOF = PROOF.replace("[5]", "[6]")
SHA = hashlib.sha256(PICTURE).digest()
COPY = Copy(
    id=1, device=DEVICE, path=f"{OWN}/{NAME}", size=len(PICTURE), stamp=1, modified_s=9,
    digest=digest(KEY, len(PICTURE), PICTURE), folder=Folder.CAMERA, origin=Origin.TAKEN,
)  # fmt: skip
MARKED = Marked(copy=COPY, sha256=SHA)
SEEN = f"1 {len(PICTURE)} 9 9 77 5 {SHA.hex()} {SHA.hex()}\n"
HANGS, ENDS = "(hangs)", "(ends)"
WORDS = [
    "there", "ready", "gone", "removed", "done", "link", "other", "changed", "denied", "shut", "readonly", "locked",
    "out", "failed", "", "GONE", "gone ", "\x1b[2J", HANGS, ENDS,
]  # fmt: skip


@dataclass
class Talk:
    """One run: what the phone says at once, and what after each line but the ones that say which file."""

    first: str
    after_go: str = ""
    proof: str = PROOF
    told: list[bytes] = field(default_factory=list)
    said: bytes = b""
    hangs: bool = False
    seconds: float = 0.0

    def begin(self, marker: str) -> "Talk":
        self.marker = marker
        self.said = f"{self.proof}{marker} B\n".encode()
        self._say(self.first)
        return self

    def _say(self, words: str) -> None:
        for one in words.split("|"):
            before, _, word = one.rpartition(">")
            self.hangs = self.hangs or word == HANGS
            if word in (HANGS, ENDS):
                break
            self.said += f"{before}\n{self.marker} {word}\n".encode()

    def read(self, wait_s: float) -> bytes | None:
        chunk, self.said = self.said[:4096], self.said[4096:]
        return chunk or (None if self.hangs else b"")

    def write(self, data: bytes, wait_s: float) -> None:
        self.told.append(data)
        if data == b"go\n":
            self._say(self.after_go)

    def close(self) -> None:
        pass


class Liar:
    """A phone that says what a test wants, script by script; the files are read as they truly are."""

    def __init__(self, *, mark: Talk | None = None, remove: Talk | None = None, look: Talk | None = None) -> None:
        self.talks = {Step.MARK: mark, Step.REMOVE: remove, Step.LOOK: look}
        self.now_s = 0.0

    def pipe(self, wanted: Script, marker: str) -> Talk:
        if isinstance(wanted, RemovalScript):
            talk = self.talks[wanted.step]
            if talk is None:
                raise CollectError(Why.OFFLINE, "gone")
            return talk.begin(marker)
        talk = Talk(ENDS).begin(marker)
        talk.said += PICTURE + f"\n{marker} read\n".encode()
        return talk

    def clock_s(self) -> float:
        self.now_s += 30.0
        return self.now_s

    def deletes(self) -> PhoneRemover:
        stop = threading.Event()
        clock = {"clock_s": self.clock_s, "patience_s": 0.0}
        pictures = PhonePictures(1, "S1", 34, DEVICE, stop, said=PROOF, line=self, **clock)
        files = PhoneFiles(self, marker=lambda: f"@@{'0' * 32}", stop=stop, said=PROOF, **clock)
        return PhoneRemover(files, pictures, release=34, key=KEY)


def went(remove: Talk, look: Talk | None) -> Removed:
    return Liar(remove=remove, look=look).deletes().remove(MARKED)


@pytest.mark.parametrize(
    ("look", "outcome"),
    [
        (Talk("gone"), Removal.GONE),
        (Talk("there"), Removal.FAILED),
        (Talk("link"), Removal.FAILED),
        (Talk("shut"), Removal.UNSURE),
        (Talk("out"), Removal.UNSURE),
        (Talk("locked"), Removal.UNSURE),
        (Talk("nonsense"), Removal.UNSURE),
        (Talk(HANGS), Removal.UNSURE),
        (Talk(ENDS), Removal.UNSURE),
        (Talk("gone", proof=OTHER_PROOF), Removal.UNSURE),
        (None, Removal.UNSURE),
    ],
)
def test_a_word_that_it_is_gone_is_looked_after(look: Talk | None, outcome: Removal) -> None:
    assert went(Talk("ready", "removed|2 0>done"), look).outcome is outcome


@pytest.mark.parametrize("then", [ENDS, HANGS, f"removed|{ENDS}", f"removed|{HANGS}", "failed", "", "x" * 9000])
def test_whatever_comes_after_go_it_is_looked_after(then: str) -> None:
    assert went(Talk("ready", then), Talk("gone")).outcome is Removal.GONE
    assert went(Talk("ready", then), Talk("out")).outcome is Removal.UNSURE


@pytest.mark.parametrize(
    ("first", "look", "outcome"),
    [
        ("gone", Talk("gone"), Removal.ALREADY_GONE),
        ("gone", Talk("there"), Removal.FAILED),
        ("gone", None, Removal.UNSURE),
        ("removed", Talk("gone"), Removal.FAILED),
        ("done", Talk("gone"), Removal.FAILED),
        ("changed", Talk("gone"), Removal.CHANGED),
        (HANGS, Talk("gone"), Removal.FAILED),
        (ENDS, Talk("gone"), Removal.PHONE_GONE),
    ],
)
def test_before_anything_was_said_to_go_nothing_can_have_been_deleted(
    first: str, look: Talk | None, outcome: Removal
) -> None:
    remove = Talk(first, "removed|0 0>done")
    assert went(remove, look).outcome is outcome
    assert b"go\n" not in remove.told


def test_another_phone_hears_of_no_file() -> None:
    remove, mark = Talk("ready", "removed|0 0>done", proof=OTHER_PROOF), Talk("there", proof=OTHER_PROOF)
    deletes = Liar(remove=remove, mark=mark, look=Talk("gone", proof=OTHER_PROOF)).deletes()
    assert deletes.remove(MARKED) == Removed(outcome=Removal.PHONE_GONE)
    assert deletes.mark(COPY) is Removal.PHONE_GONE
    assert deletes.is_gone(MARKED) is None
    assert remove.told == mark.told == []


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        (SEEN, None),
        (SEEN.replace("1 ", "2 ", 1), Removal.LINKED),
        (SEEN.replace(f" {len(PICTURE)} ", " 1 ", 1), Removal.CHANGED),
        (f"1 {len(PICTURE)} 9 9 77 5 {SHA.hex()} {'0' * 64}\n", Removal.CHANGED),
        (f"1 {len(PICTURE)} 9 9 77 5 {'g' * 64} {SHA.hex()}\n", Removal.FAILED),
        (f"1 {len(PICTURE)} 9 9 77 5  {SHA.hex()}\n", Removal.FAILED),
        ("", Removal.FAILED),
        (SEEN * 2, Removal.FAILED),
        ("9" * 4000, Removal.FAILED),
        ("9" * 9000, Removal.FAILED),
    ],
)
def test_what_a_phone_says_of_a_file_is_compared_with_what_comes_of_it(said: str, seen: Removal | None) -> None:
    marked = Liar(mark=Talk(f"{said}>there")).deletes().mark(COPY)
    assert marked == (MARKED if seen is None else seen)


def test_contents_that_were_not_judged_are_not_marked() -> None:
    other = digest(KEY, len(PICTURE), PICTURE[::-1])
    liar = Liar(mark=Talk(f"{SEEN}>there"))
    assert liar.deletes().mark(replace(COPY, digest=other)) is Removal.CHANGED
    assert len(PICTURE) < HEAD_BYTES


def test_a_phone_that_says_gone_at_once_is_looked_at_twice() -> None:
    assert Liar(mark=Talk("gone"), look=Talk("gone")).deletes().mark(COPY) is Removal.ALREADY_GONE
    assert Liar(mark=Talk("gone"), look=Talk("there")).deletes().mark(COPY) is Removal.FAILED
    assert Liar(mark=Talk("gone")).deletes().mark(COPY) is Removal.FAILED


@pytest.mark.parametrize("told", ["", "x y>", "1 1 1>", "-1 0>", "9999999 0>", "1 0>x|"])
def test_garbled_words_on_twins_count_for_nothing(told: str) -> None:
    assert went(Talk("ready", f"removed|{told}done"), Talk("gone")) == Removed(outcome=Removal.GONE)


@given(
    st.sampled_from(WORDS), st.sampled_from(WORDS), st.sampled_from(WORDS), st.booleans(), st.booleans(), st.booleans()
)
def test_whatever_it_says_gone_needs_a_second_look_and_a_go(
    first: str, then: str, look: str, proven: bool, looks: bool, last: bool
) -> None:
    remove = Talk(first, f"{then}|0 0>done" if last else then, proof=PROOF if proven else OTHER_PROOF)
    removed = went(remove, Talk(look) if looks else None)
    if removed.outcome in (Removal.GONE, Removal.ALREADY_GONE):
        assert (look, looks, proven) == ("gone", True, True)
    if removed.outcome is Removal.GONE:
        assert b"go\n" in remove.told
    if b"go\n" in remove.told:
        assert first == "ready"
        assert removed.outcome is not Removal.PHONE_GONE, "it may have been deleted"
    if not proven:
        assert remove.told == []


@pytest.fixture
def storage(tmp_path: Path) -> Path:
    return lay(tmp_path / "sdcard", {NAME: PICTURE, f"{CAMERA}/c.jpg": PICTURE})


def program(phone: VirtualPhone, name: str, text: str) -> None:
    """Put another program in the place of one of the phone's."""
    path = Path(phone.folder, "root/system/bin", name)
    path.unlink()
    path.write_text(f"#!/system/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_a_real_phone_whose_deletion_does_nothing(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    program(phone, "rm", "exit 0")
    deletes = remover(phone)
    assert deletes.remove(deletes.mark(copy_of(storage, NAME))) == Removed(outcome=Removal.FAILED)
    assert NAME in left(storage)


def test_a_real_phone_that_makes_up_hashes(virtual_phone: PlugIn, remover: Removers, storage: Path) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    program(phone, "sha256sum", f"echo '{'0' * 64}  -'")
    deletes = remover(phone)
    assert deletes.mark(copy_of(storage, NAME)) is Removal.CHANGED
    assert deletes.remove(Marked(copy=copy_of(storage, NAME), sha256=SHA)) == Removed(outcome=Removal.CHANGED)
    assert NAME in left(storage)


@pytest.mark.parametrize("missing", ["sha256sum", "readlink", "stat"])
def test_a_phone_without_a_program_that_proves_deletes_nothing(
    missing: str, virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    phone = virtual_phone(ANSWERS, storage=storage, writable=True)
    program(phone, missing, "exit 127")
    deletes = remover(phone)
    assert isinstance(deletes.mark(copy_of(storage, NAME)), Removal)
    assert deletes.remove(Marked(copy=copy_of(storage, NAME), sha256=SHA)).outcome in (Removal.LINKED, Removal.FAILED)
    assert NAME in left(storage)


def test_a_phone_that_floods_in_place_of_saying_which_it_is_hears_of_no_file() -> None:
    remove = Talk("ready", "removed|0 0>done", proof=PROOF * 9000)
    assert went(remove, Talk("gone")) == Removed(outcome=Removal.FAILED)
    assert remove.told == []


def test_a_real_phone_that_does_not_say_which_it_is_hears_of_no_file(
    virtual_phone: PlugIn, remover: Removers, storage: Path
) -> None:
    marked = Marked(copy=copy_of(storage, NAME), sha256=SHA)
    deletes = remover(virtual_phone(ANSWERS, storage=storage, writable=True, faults=Faults(garbled=("getprop",))))
    assert deletes.mark(marked.copy) in (Removal.PHONE_GONE, Removal.FAILED)
    assert deletes.remove(marked).outcome in (Removal.PHONE_GONE, Removal.FAILED)
    assert deletes.is_gone(marked) is None
    assert NAME in left(storage)
