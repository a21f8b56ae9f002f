"""The probe of clinical_images: a scan with the person's consent, and whether it found what was planted in it."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from agent.collect.host import CollectError, Host
from agent.collect.probe import Probe
from agent.photos.consent import given
from agent.photos.crew import CrewError, CrewTrouble
from agent.photos.engine import Outcome, Progress
from agent.photos.index import Index
from agent.photos.index_model import LAPTOP, IndexTrouble
from agent.photos.ledger_apply import apply_kept
from agent.photos.ledger_model import LedgerTrouble
from agent.photos.place import Place
from agent.photos.planted import was_found
from agent.photos.scan import glance_laptop, open_index, scan_laptop
from agent.photos.tallies import LEAST, fact
from agent.photos.weights import Weights, examiner, name_of
from checks.clinical_images.fact import ClinicalImages
from checks.evidence import Why

if TYPE_CHECKING:
    from agent.photos.phone_files import PhonePictures  # with it comes all that talks to adb

Tick = Callable[[Progress], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What one scan says."""

    fact: ClinicalImages
    proven: bool
    """The planted picture was found."""


class Looking:
    """A probe that plants and finds for itself."""

    def __init__(self, scan: Callable[[Host], Told]) -> None:
        self._scan = scan
        self._proven: bool | None = None

    def look(self, host: Host) -> ClinicalImages:
        """Raises CollectError."""
        self._proven = None
        told = self._scan(host)
        self._proven = told.proven
        return told.fact

    def proof(self) -> bool | None:
        """See Probe."""
        return self._proven

    def probe(self) -> Probe:
        """As the audit takes it."""
        return Probe(look=self.look, canary=None, proof=self.proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How pictures are looked at in one run."""

    folder: Path
    """Of the index and the consent."""
    background: bool
    """Nobody waits: it goes slowly, and not on battery."""
    stop: threading.Event
    clock: Callable[[], datetime]


class Pictures:
    """Makes the probes of one run; each carries its own proof."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self.tick: Tick = lambda _: None
        """Told how far a scan is, from any thread; may be set until the look begins."""

    def laptop(self, weights: str, extra: Sequence[str]) -> Probe:
        """`extra`: absolute folders besides those that the system names."""
        terms = self._terms

        def scan(host: Host) -> Told:
            with opened(terms.folder) as index:
                outcome, places = scan_laptop(
                    host, index, extra=extra, weights=Weights(weights), background=terms.background,
                    stop=terms.stop, tick=self.tick,
                )  # fmt: skip
                now = terms.clock()
                apply_kept(terms.folder, index, now=int(now.timestamp()))
                return told(index, LAPTOP, outcome, places, weights=Weights(weights), now=now)

        return Looking(scan).probe()

    def glance(self, host: Host, folders: Sequence[str], weights: str, extra: Sequence[str]) -> int:
        """Judge what came last into these folders, and put it into the index; how many files. Raises CollectError."""
        terms = self._terms
        with opened(terms.folder) as index:
            return glance_laptop(host, index, folders, extra=extra, weights=Weights(weights), stop=terms.stop)

    def phone(self, weights: str, device: str, reach: Callable[[threading.Event], "PhonePictures"]) -> Probe:
        """`device`: the phone's id. `reach` opens the way to its files, and raises CollectError."""
        terms = self._terms

        def scan(_: Host) -> Told:
            from agent.photos.phone_scan import scan_phone

            consented(terms.folder)
            phone = reach(terms.stop)
            with opened(terms.folder) as index:
                outcome, places = scan_phone(
                    phone, device, index, weights=Weights(weights),
                    background=terms.background, stop=terms.stop, tick=self.tick,
                )  # fmt: skip
                now = terms.clock()
                apply_kept(terms.folder, index, now=int(now.timestamp()))
                return told(index, device, outcome, places, weights=Weights(weights), now=now)

        return Looking(scan).probe()


def told(
    index: Index, device: str, outcome: Outcome, places: Sequence[Place], *, weights: Weights, now: datetime
) -> Told:
    """The index of a device after a scan, as evidence. Raises IndexTrouble.

    It must be the index that the scan opened: another of the same name may be a new one that holds little.
    """
    model = examiner(weights)
    counts = index.counts(device, model=model, at_least=LEAST)
    proven = was_found(index, device, model)
    return Told(fact=fact(counts, outcome, places, model=name_of(weights), weights=weights, now=now), proven=proven)


@contextmanager
def opened(folder: Path, opener: Callable[[Path], Index] = open_index) -> Iterator[Index]:
    """The index, for a scan that the person agreed to. Raises CollectError for all that it can meet."""
    consented(folder)
    with trouble(), opener(folder) as index:
        consented(folder)  # a no that came before the index was opened has removed an older one, and not this
        yield index


def consented(folder: Path) -> None:
    """Raises CollectError where the person has not agreed."""
    if not given(folder):
        raise CollectError(Why.NOT_CONSENTED, "")


@contextmanager
def trouble() -> Iterator[None]:
    """What a scan can meet, as the reasons that evidence knows."""
    try:
        yield
    except (IndexTrouble, LedgerTrouble) as error:
        raise CollectError(Why.UNREADABLE, error.sentence) from error
    except CrewError as error:
        missing = error.why is CrewTrouble.LIBRARY_MISSING
        raise CollectError(Why.TOOL_MISSING if missing else Why.TOOL_FAILED, str(error)) from error
