"""Joins and leaves a practice, in an order that a power cut at any point leaves whole or easy to go on with.

Joining: the new key is kept first, then the console learns it, then it becomes the key, then the enrolment is written.
Cut off in between, the next try uses the same new key and, with the same code, the offer that the person agreed to:
the code may be used up by then. By that key or the old one it proves that it is the same laptop.
Leaving: what the practice sent goes first, then the enrolment, then the key. The numbers of the reports that were sent
stay: they name nobody, and a laptop that comes back to the same practice goes on counting where it stopped.
"""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from agent import directive, enrolment, enrolment_begun, trial_kept
from agent.atomic import private_folder
from agent.enrolment import Enrolment
from agent.secrets import Store
from agent.send import DEVICE_KEY

if TYPE_CHECKING:
    from agent.enrolment_code import Code
    from agent.enrolment_wire import Clock, Laptop, Offer
    from agent.places import Places
    from reports.deliver.https_door import Door

NEXT_KEY = "device-key-next"
"""The key of an enrolment that is under way."""
LOCK = "enrolment.lock"


class BusyError(Exception):
    """Another process enrols or leaves at this moment."""


def join(
    state: Path, store: Store, door: "Door", code: "Code", offer: "Offer", laptop: "Laptop", *, clock: "Clock"
) -> Enrolment:
    """Enrol. Raises BusyError, RefusedError, TransportError, StoreError, OSError; a new try goes on from there."""
    from agent.enrolment_wire import KnownError, enrol, new_key

    with _alone(state):
        enrolment_begun.keep(state, door.url, code, offer)
        current, begun = store.get(DEVICE_KEY), store.get(NEXT_KEY)
        key = begun or new_key()
        if begun is None:
            store.set(NEXT_KEY, key)
        # The console knows this laptop by one of them, or not at all.
        proofs: list[str | None] = [*dict.fromkeys(one for one in (current, begun) if one is not None)] or [None]
        for place, previous in enumerate(proofs, start=1):
            try:
                one = enrol(door, code, offer, laptop, key=key, previous=previous, clock=clock)
                break
            except KnownError:
                if place == len(proofs):
                    raise
        store.set(DEVICE_KEY, key)
        enrolment.keep(state, one)
        store.delete(NEXT_KEY)
        enrolment_begun.forget(state)
        return one


def part(places: "Places", store: Store) -> None:
    """Remove all that belongs to the enrolment. Raises BusyError, StoreError, OSError; a new try goes on from there."""
    with _alone(places.state):
        trial_kept.drop_others(places.state, ())
        directive.forget(places.state)
        enrolment_begun.forget(places.state)
        enrolment.forget(places.state)
        for name in (NEXT_KEY, DEVICE_KEY):
            store.delete(name)


@contextlib.contextmanager
def _alone(state: Path) -> Iterator[None]:
    private_folder(os.fspath(state))
    with open(state / LOCK, "wb") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BusyError(
                "another window is enrolling or leaving at this moment; try again when it is done"
            ) from error
        yield
