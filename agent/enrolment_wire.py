"""What is said between this laptop and the console while it enrols and when it leaves."""

import secrets as chance
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import truststore
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent.collect.host import LocalHost
from agent.enrolment import ID, KEY, Enrolment, Practice, line, read_practice, shaped
from agent.enrolment_code import Code
from agent.enrolment_proxy import system_proxies
from checks.model import Ownership
from reports.deliver.bodies import utc_text
from reports.deliver.errors import Reason, TransportError
from reports.deliver.https_answers import code_of, taken
from reports.deliver.https_door import Answer, Door, Limits, Sign
from reports.deliver.https_signing import ENROL_TAG, Signer
from reports.envelope import encode
from reports.signing import SignatureError, pin_of, private_text, public_text, read_private, read_public, sign_bytes

PREVIEW, ENROL, LEAVE = "/v1/enrol/preview", "/v1/enrol", "/v1/leave"
ASK, OFFER, ENROLLED, GOODBYE = "scrubin/enrol/1", "scrubin/offer/1", "scrubin/enrolled/1", "scrubin/leave/1"
PREVIOUS = "Scrubin-Previous"
PREVIOUS_DOMAIN = b"scrubin-previous-1\0"
BAD_CODE = "This code is not valid: it was used, has ended, or has a typing mistake. Ask your IT lead for a new one."
KNOWN = (
    "Your practice's console knows this laptop already, by a key that is not here. "
    "Ask your IT lead for a code that is made for this very laptop."
)
IMPOSTOR = (
    "The code does not fit the server that answered: it is not the practice that made the code. Nothing was sent to it "
    "that it could use. Check the address, and ask your IT lead."
)
Clock = Callable[[], datetime]


class RefusedError(Exception):
    """The console, or this laptop, says no to the enrolment; the text is a sentence for a person."""


class KnownError(RefusedError):
    """The console knows this laptop by another key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Who would get this laptop's reports, by a code that nothing was used up of yet."""

    practice: Practice
    ownership: Ownership
    group: str
    console_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Laptop:
    """What the console learns of this laptop when it enrols."""

    id: str
    platform: str
    model: str
    os_version: str
    agent_version: str


def open_door(url: str, *, proxies: Mapping[str, str] | None = None, limits: Limits | None = None) -> Door:
    """The way to a console, by the system's proxy and the system's list of authorities."""
    tls = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    found = system_proxies(url, LocalHost()) if proxies is None else proxies
    return Door(url, tls=tls, proxies=found, limits=limits)


def signer(one: Enrolment, private: str, *, clock: Clock) -> Signer:
    """Signs as the enrolled laptop. Raises SignatureError for a key that is none."""
    return Signer(read_private(private), keyid=one.agent_id, clock=clock, chance=chance.token_bytes)


def preview(door: Door, code: Code, *, now: datetime) -> Offer:
    """Ask what a code leads to; nothing is used up. Raises TransportError, RefusedError."""
    answer = door.ask("POST", PREVIEW, body=encode({"schema": ASK, "code": code.text}))
    _must_not_refuse(answer)
    offer = _read_offer(taken(answer, OFFER, now=now))
    if pin_of(offer.console_key) != code.pin:
        raise RefusedError(IMPOSTOR)
    return offer


def enrol(
    door: Door, code: Code, offer: Offer, laptop: Laptop, *, key: str, previous: str | None, clock: Clock
) -> Enrolment:
    """Register this laptop's key; `key` and `previous` are private keys as text. Raises TransportError, RefusedError.

    `previous` is the key by which the console may know this laptop already.
    """
    private = read_private(key)
    public = public_text(private.public_key())
    body = encode(
        {
            "schema": ASK,
            "code": code.text,
            "laptop_id": laptop.id,
            "public_key": public,
            "platform": laptop.platform,
            "model": laptop.model,
            "os_version": laptop.os_version,
            "agent_version": laptop.agent_version,
        }
    )
    headers = {} if previous is None else {PREVIOUS: f":{sign_bytes(read_private(previous), PREVIOUS_DOMAIN, body)}:"}
    sign = Signer(private, keyid=public, clock=clock, chance=chance.token_bytes, tag=ENROL_TAG).sign
    answer = door.ask("POST", ENROL, body=body, headers=headers, sign=sign)
    _must_not_refuse(answer)
    said = taken(answer, ENROLLED, now=clock())
    if _read_offer(said) != offer:
        raise RefusedError("The console's offer changed in between. Look at the new one: enrol again.")
    return _enrolment(door.url, said, offer, public, clock())


def leave(door: Door, sign: Sign, *, now: datetime) -> bool:
    """Tell the console that this laptop leaves; False where the enrolment had ended before. Raises TransportError."""
    answer = door.ask("POST", LEAVE, body=encode({"schema": GOODBYE, "at": utc_text(now)}), sign=sign)
    if answer.status == 401 and code_of(answer) == "revoked":
        return False  # by IT, or by an earlier try whose answer was lost
    taken(answer, "", now=now)
    return True


def new_key() -> str:
    """A private key as text."""
    return private_text(Ed25519PrivateKey.generate())


def _must_not_refuse(answer: Answer) -> None:
    code = code_of(answer)
    if answer.status == 404 and code == "code":
        raise RefusedError(BAD_CODE)
    if answer.status == 409 and code == "known":
        raise KnownError(KNOWN)


def _read_offer(body: Mapping[str, Any]) -> Offer:
    try:
        key = shaped(body["console_key"], KEY)
        read_public(key)
        return Offer(
            practice=read_practice(body["practice"]),
            ownership=Ownership(body["ownership"]),
            group=line(body.get("group") or ""),
            console_key=key,
        )
    except (ValueError, KeyError, TypeError, AttributeError, SignatureError) as error:
        raise _unlike() from error


def _enrolment(url: str, said: Mapping[str, Any], offer: Offer, public: str, now: datetime) -> Enrolment:
    try:
        agent_id = shaped(said["agent_id"], ID)
    except (ValueError, KeyError) as error:
        raise _unlike() from error
    return Enrolment(
        url=url,
        practice=offer.practice,
        console_key=offer.console_key,
        agent_id=agent_id,
        public_key=public,
        ownership=offer.ownership,
        group=offer.group,
        enrolled_at=now,
    )


def _unlike() -> TransportError:
    sentence = "What answers is not your practice's server, or one of the two needs an update."
    return TransportError(permanent=False, reason=Reason.PORTAL, sentence=sentence)
