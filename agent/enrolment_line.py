"""The way to the console of the practice that this laptop is enrolled with: address, key and signature together."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from agent.chain import Chain
from agent.config import Config
from agent.enrolment import Enrolment, EnrolmentError, enrolment
from agent.enrolment_wire import open_door, signer
from agent.places import Places
from agent.secrets import NoStore, StoreError
from agent.send import DEVICE_KEY, secrets
from reports.deliver.errors import Reason, TransportError
from reports.deliver.https import Console
from reports.deliver.https_door import Door, Limits, Sign
from reports.signing import SignatureError


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A way that is ready to be used."""

    enrolment: Enrolment
    door: Door
    sign: Sign


def line(config: Config, places: Places, *, clock: Callable[[], datetime], limits: Limits | None = None) -> Line:
    """Raises TransportError where this laptop is not enrolled, or its key cannot be had."""
    try:
        one = enrolment(places.state)
    except EnrolmentError as error:
        raise _without(f"{str(error)[:1].upper()}{str(error)[1:]}.") from error
    if one is None:
        raise _without("This laptop is not enrolled with a practice: scrubin enrol URL CODE")
    try:
        sign = signer(one, _key(config, places), clock=clock).sign
    except SignatureError as error:
        raise _without("This laptop's key is damaged. Enrol again with a new code from your IT lead.") from error
    return Line(enrolment=one, door=open_door(one.url, limits=limits), sign=sign)


def console(config: Config, places: Places, *, clock: Callable[[], datetime]) -> Console:
    """The transport. Raises TransportError."""
    ready = line(config, places, clock=clock)
    chain = Chain(str(places.chain), agent_id=ready.enrolment.agent_id)
    return Console(ready.door, sign=ready.sign, places=chain, clock=clock)


def _key(config: Config, places: Places) -> str:
    store = secrets(config, places)
    if isinstance(store, NoStore):
        raise _without(f"This laptop's key can't be had. {store.reason} {store.how_to_mend}")
    try:
        value = store.get(DEVICE_KEY)
    except StoreError as error:
        raise _without(f"This laptop's key can't be had: {error}.") from error
    if value is None:
        raise _without(f"This laptop's key is not in {store.kind} any more. Enrol again with a new code.")
    return value


def _without(sentence: str) -> TransportError:
    return TransportError(permanent=False, reason=Reason.AUTH, sentence=sentence)
