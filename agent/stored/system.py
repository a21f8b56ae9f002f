"""The practice's record system, asked about one picture at a time. Two looks, ten minutes apart, make a yes."""

import hashlib
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import date

from agent.fault import attempt
from agent.stored import dicomweb, fhir
from agent.stored.access import Access
from agent.stored.model import Answer, Asked, Because, Look, LookError, Stored
from agent.stored.wire import Deadline, OpenDoor, Wire
from agent.stored.words import AGAIN, SAID, TWICE, sentence
from checks.policy_terms import RecordKind, RecordSystemTerms

LOG = logging.getLogger(__name__)
WHOLE_S = 20.0
"""For all of one look: the keyring, a token, every page and every picture."""
BETWEEN_S = 600
"""Between the two looks. A server that is about to lose what it has just got has lost it by then."""
LARGEST_BYTES = 64 << 20
MOST_REMEMBERED = 10_000
LONGEST_NUMBER = 64
LOOKS: Mapping[RecordKind, Callable[[Asked, Wire], Look]] = {
    RecordKind.DICOMWEB: dicomweb.look,
    RecordKind.FHIR: fhir.look,
}


class RecordSystem:
    """One of the practice's systems. Thread-safe; remembers first looks while the process lives, as digests."""

    def __init__(
        self,
        terms: RecordSystemTerms,
        *,
        secret: Callable[[], str | None],
        open_door: OpenDoor,
        randomness: Callable[[int], bytes],
        clock_s: Callable[[], float],
        whole_s: float = WHOLE_S,
    ) -> None:
        """`secret` fetches what the keyring holds, and may raise StoreError; `clock_s` never goes back."""
        self._terms = terms
        self._open_door = open_door
        self._clock_s = clock_s
        self._whole_s = whole_s
        self._access = Access(terms, secret=secret, open_door=open_door, randomness=randomness)
        self._first: dict[bytes, int] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """As the clinician knows it."""
        return self._terms.name

    def ask(self, data: bytes, *, patient: str, taken_day: date | None, now: int) -> Answer:
        """Look once more, for 20 seconds at most. Never raises; `now` is Unix seconds."""
        asked = Asked(data=data, patient=patient.strip(), taken_day=taken_day)
        fault = _unfit(asked)
        look = Look(because=fault) if fault is not None else self._look(asked, now)
        return self._answer(asked, look, now)

    def _look(self, asked: Asked, now: int) -> Look:
        """In a thread of its own: a keyring, a name server or a proxy may hold on for longer than we wait."""
        deadline = Deadline(ends_s=self._clock_s() + self._whole_s, clock_s=self._clock_s)
        found: list[Look] = []

        def look() -> None:
            # What nobody thought of may quote the number that was asked for: it is logged without its words.
            _, seen = attempt(lambda: self._looked(asked, now, deadline), what="asking the record system", log=LOG)
            found.append(seen or Look(because=Because.ODD_ANSWER))

        thread = threading.Thread(target=look, name="scrubin-record", daemon=True)
        thread.start()
        thread.join(self._whole_s)
        return found[0] if found else Look(because=Because.LATE)

    def _looked(self, asked: Asked, now: int, deadline: Deadline) -> Look:
        try:
            headers = self._access.headers(now=now, deadline=deadline)
            wire = Wire(url=self._terms.url, open_door=self._open_door, deadline=deadline, headers=headers)
            return LOOKS[self._terms.kind](asked, wire)
        except LookError as error:
            if error.because is Because.NOT_ALLOWED:
                self._access.forget()
            return Look(because=error.because)

    def _answer(self, asked: Asked, look: Look, now: int) -> Answer:
        name, (stored, _), reference = self._terms.name, SAID[look.because], ""
        words = sentence(look.because, name)
        again = self._is_second(asked, look, now)
        if look.because is Because.SAME:
            reference = look.reference
            stored, words = (Stored.STORED, words + TWICE) if again else (Stored.STORED_ONCE, words + AGAIN)
        return Answer(stored=stored, sentence=words, source=name, at=now, reference=reference)

    def _is_second(self, asked: Asked, look: Look, now: int) -> bool:
        """Whether the same was found long enough ago; remembers or forgets it. One who was not reached says nothing."""
        key = hashlib.sha256(asked.sha256 + asked.patient.encode("utf-8", "surrogatepass")).digest()
        with self._lock:
            if look.because is not Because.SAME:
                if SAID[look.because][0] is not Stored.UNREACHABLE:
                    self._first.pop(key, None)
                return False
            # A clock that was set back begins the time anew.
            self._first[key] = first = min(self._first.pop(key, now), now)
            while len(self._first) > MOST_REMEMBERED:
                self._first.pop(next(iter(self._first)))
            return now - first >= BETWEEN_S


def _unfit(asked: Asked) -> Because | None:
    """Why nobody need be asked."""
    if not 0 < len(asked.data) <= LARGEST_BYTES:
        return Because.TOO_LARGE
    if len(asked.patient) > LONGEST_NUMBER or not asked.patient.isprintable():
        return Because.ODD_NUMBER
    return None
