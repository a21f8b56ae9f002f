"""The record system that the policy names, reached by this laptop's own keyring, proxy and authorities."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from agent.secrets import NoStore, Store, StoreError, StoreFault
from agent.stored.access import SECRET
from agent.stored.model import Answer, Stored
from agent.stored.system import RecordSystem
from agent.stored.words import NOBODY
from checks.policy import Policy

if TYPE_CHECKING:
    from reports.deliver.https_door import Door, Limits

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def record_system(
    policy: Policy,
    *,
    store: Callable[[], Store | NoStore],
    randomness: Callable[[int], bytes],
    clock_s: Callable[[], float],
) -> RecordSystem | None:
    """What the policy names; None where it names none. Nothing is opened or asked yet.

    `store` opens the keyring, at each look; `clock_s` never goes back.
    """
    terms = policy.record_system
    if terms is None:
        return None
    return RecordSystem(
        terms, secret=lambda: kept(store()), open_door=open_door, randomness=randomness, clock_s=clock_s
    )


def not_asked(now: int) -> Answer:
    """Where there is nobody to ask."""
    return Answer(stored=Stored.NOT_ASKED, sentence=NOBODY, source="", at=now)


def kept(store: Store | NoStore) -> str | None:
    """What the keyring holds for the record system. Raises StoreError."""
    if isinstance(store, NoStore):
        raise StoreError(StoreFault.FAILED, store.reason)
    return store.get(SECRET)


def open_door(url: str, limits: "Limits") -> "Door":
    """The system's proxy and the system's authorities; a server on this very laptop is asked directly."""
    from agent import enrolment_wire  # loads TLS and requests

    direct = urlsplit(url).hostname in LOOPBACK
    return enrolment_wire.open_door(url, proxies={} if direct else None, limits=limits)
