"""What the clinician said is in the fact of the next scan, by the real finder, also where the index was lost."""

import shutil
import threading
from datetime import UTC, datetime
from pathlib import Path

from fakes import HOME, recorded_host
from ledger_parts import NOW, chance, ledger_in, said

from agent.collect.linux.mounts import TABLE
from agent.photos.consent import agree
from agent.photos.evidence import Pictures, Terms
from agent.photos.index import Index
from agent.photos.ledger_anew import withdraw
from agent.photos.scan import open_index
from agent.photos.weights import Weights
from checks.clinical_images.fact import ClinicalImages, Disposition
from tests.agent.photos.test_scan import TRACING

AT = datetime.fromtimestamp(NOW, UTC)


def scanned(kept: Path, pictures: Path) -> ClinicalImages:
    """By the probe that the audit takes; the recorded laptop has no folder but this one."""
    host = recorded_host(
        folders={HOME: [], str(pictures): []}, files={TABLE: "/dev/sda2 / ext4 rw 0 0\n"},
        commands={("id", "-u"): "1000\n", ("getent", "passwd", "clin"): f"clin:x:1000:1000::{HOME}:/bin/sh\n"},
    )  # fmt: skip
    terms = Terms(folder=kept, background=False, stop=threading.Event(), clock=lambda: AT)
    fact = Pictures(terms).laptop(Weights.BEST, [str(pictures)]).look(host)
    assert isinstance(fact, ClinicalImages)
    return fact


def counted(fact: ClinicalImages) -> list[tuple[Disposition, int]]:
    return sorted((one.disposition, one.count) for one in fact.tallies if one.score_percent >= 50)


def test_a_word_counts_in_the_next_scan_and_in_the_first_of_a_new_index(tmp_path: Path) -> None:
    kept, pictures = tmp_path / "kept", tmp_path / "pictures"
    pictures.mkdir()
    shutil.copy(TRACING, pictures / "a.jpg")
    agree(kept, now=AT)
    assert counted(scanned(kept, pictures)) == [(Disposition.NONE, 1)]
    with open_index(kept) as index, ledger_in(kept) as ledger:
        [one] = index.pictures("laptop", at_least=0.5)
        ledger.say(list(index.for_review([one.id]).values()), said(Disposition.NOT_CLINICAL))
    shutil.copy(pictures / "a.jpg", pictures / "copy.jpg")
    assert counted(scanned(kept, pictures)) == [(Disposition.NOT_CLINICAL, 2)]
    Index.wipe(kept)
    assert counted(scanned(kept, pictures)) == [(Disposition.NOT_CLINICAL, 2)]


def test_a_held_file_is_held_again_after_a_no_and_a_new_yes(tmp_path: Path) -> None:
    kept, pictures = tmp_path / "kept", tmp_path / "pictures"
    pictures.mkdir()
    shutil.copy(TRACING, pictures / "a.jpg")
    agree(kept, now=AT)
    scanned(kept, pictures)
    with open_index(kept) as index, ledger_in(kept) as ledger:
        [one] = index.pictures("laptop", at_least=0.5)
        ledger.say(list(index.for_review([one.id]).values()), said(Disposition.LEGAL_HOLD))
    withdraw(kept, randomness=chance(), at=NOW)
    assert counted(scanned(kept, pictures)) == [(Disposition.LEGAL_HOLD, 1)]
