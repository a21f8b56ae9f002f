"""To the practice's console: one signed request a letter, its body the letter's exact bytes."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import requests

from reports.deliver import Letter
from reports.deliver.errors import ABOUT_THE_LETTER, Reason, TransportError
from reports.deliver.https_answers import taken
from reports.deliver.https_door import Door
from reports.signing import CHAIN, Link

PATH = "/v1/reports"
ACCEPTED = "scrubin/accepted/1"


class Places(Protocol):
    """Which place each letter has in its device's chain. Each method raises TransportError, and nothing else."""

    def place(self, letter: Letter) -> Link:
        """The letter's place, the same at every attempt; it is on the disk when this returns."""

    def refused(self, letter: Letter) -> None:
        """The receiver will not have this letter: its place is free for the next one."""


class Console:
    """The practice's console, as a transport."""

    carries_unchanged = True

    def __init__(
        self,
        door: Door,
        *,
        sign: Callable[[requests.PreparedRequest], None],
        places: Places,
        clock: Callable[[], datetime],
    ) -> None:
        """`clock` gives the time, aware."""
        self._door = door
        self._sign = sign
        self._places = places
        self._clock = clock

    def deliver(self, letter: Letter) -> None:
        """Return once the console has the letter on its disk. Raises TransportError."""
        link = self._places.place(letter)
        answer = self._door.ask("POST", PATH, body=letter.body, headers={CHAIN: link.header()}, sign=self._sign)
        try:
            body = taken(answer, ACCEPTED, now=self._clock())
        except TransportError as error:
            if error.reason in ABOUT_THE_LETTER:
                self._places.refused(letter)
            raise
        if body.get("id") != letter.id:
            # It speaks of another letter, or of none: whatever has answered, this one is not known to have arrived.
            raise _other_letter()


def _other_letter() -> TransportError:
    sentence = "Your practice's server did not confirm this report, so it is sent again."
    return TransportError(permanent=False, reason=Reason.PORTAL, sentence=sentence)
