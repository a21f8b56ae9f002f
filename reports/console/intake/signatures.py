"""Who signed a request: RFC 9421 with ed25519, over exactly what we ask for, seconds ago, and once."""

import hmac
import json
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import ED25519
from starlette.datastructures import Headers

from reports.console.intake.sentences import refusal
from reports.signing import CHAIN, COVERED, TAG, Link, SignatureError, content_digest, read_public

HEADER_BYTES = 2048
"""Of each header that we read; ours are far shorter."""
SKEW_S = 300
"""How far a device's clock may be off."""
NONCE_S = 600
NONCE_CHARACTERS = 100
NONCES_EACH = 2000
"""Requests of one key within NONCE_S; more is asked to wait."""
NONCES = 400_000
BODY_BYTES = 256 << 10
LINK_BYTES = 32
CHAIN_NAME = CHAIN.lower()
NAMES = ("signature-input", "signature", "content-digest", CHAIN_NAME)
Names = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request, as the verifying library looks at one."""

    method: str
    url: str
    """Of public scheme and authority, with the path and no query."""
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a request says of its signature, before anything of it is believed."""

    key_id: str
    created: int
    """Unix seconds."""
    nonce: str


class _Keys(HTTPSignatureKeyResolver):
    """The one key that the caller looked up."""

    def __init__(self, public_key: str) -> None:
        self._key = read_public(public_key)

    def resolve_public_key(self, key_id: str) -> Any:
        """Whatever the request calls it: `Claim.key_id` is what it was looked up by."""
        return self._key


class _Verifier(HTTPMessageVerifier):
    """Leaves time to us: the console's clock is passed in, and kept signatures stay valid."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        """Checked by `fresh`."""


def headers_of(headers: Headers) -> dict[str, str]:
    """What a signature needs of a request's headers. One that comes twice could be read two ways. Raises Refusal."""
    found = {}
    for name in NAMES:
        values = headers.getlist(name)
        if len(values) > 1 or any(len(one) > HEADER_BYTES for one in values):
            raise refusal("signature", "The signature's headers are too long, or come twice.")
        if values:
            found[name] = values[0]
    if "signature-input" not in found or "signature" not in found:
        raise refusal("signature", "The request is not signed.")
    return found


def claim_of(headers: Mapping[str, str]) -> Claim:
    """What the one signature says of itself. Raises Refusal."""
    members = list(_dictionary(headers["signature-input"]).values())
    if len(members) != 1:
        raise refusal("signature", "One signature was expected.")
    parameters = members[0][1]
    key_id, created, nonce = (parameters.get(name) for name in ("keyid", "created", "nonce"))
    if not isinstance(key_id, str) or type(created) is not int or not isinstance(nonce, str):
        raise refusal("signature", "The signature does not name its key, time and nonce.")
    if not 0 < len(nonce) <= NONCE_CHARACTERS or not 0 < len(key_id) <= NONCE_CHARACTERS:
        raise refusal("signature", "The signature's key and nonce have at most 100 characters.")
    return Claim(key_id=key_id, created=created, nonce=nonce)


def _dictionary(text: str) -> Mapping[str, tuple[Any, Mapping[str, Any]]]:
    """A dictionary of structured fields (RFC 8941): values with their parameters. Raises Refusal."""
    try:
        found = http_sf.parse(text.encode("latin-1"), tltype="dictionary")
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise refusal("signature", "The signature's headers can't be read.") from error
    return cast("Mapping[str, tuple[Any, Mapping[str, Any]]]", found)


def fresh(claim: Claim, *, now: int) -> None:
    """Raises Refusal where the device's clock or the request is off by more than five minutes."""
    if abs(claim.created - now) > SKEW_S:
        raise refusal("clock")


def verify(message: Message, body: bytes | None, claim: Claim, *, public_key: str, tag: str, covered: Names) -> None:
    """The signature covers exactly `covered`, and this body. `None`: the request has none. Raises Refusal."""
    if body is not None and not hmac.compare_digest(
        message.headers.get("content-digest", "").encode(), content_digest(body).encode()
    ):
        raise refusal("signature", "The body is not the one that was signed.")
    try:
        verifier = _Verifier(signature_algorithm=ED25519, key_resolver=_Keys(public_key))
        (result,) = verifier.verify(message, max_age=None, expect_tag=tag)
    except (HTTPMessageSignaturesException, SignatureError, ValueError) as error:
        raise refusal("signature") from error
    if list(result.covered_components) != [*(f'"{name}"' for name in covered), '"@signature-params"']:
        raise refusal("signature", "The signature does not cover what it has to.")
    said = (result.parameters["keyid"], result.parameters["created"], result.parameters["nonce"])
    if said != (claim.key_id, claim.created, claim.nonce):
        raise refusal("signature")


def link_of(headers: Mapping[str, str]) -> Link:
    """A report's place in its device's chain. Raises Refusal."""
    members = _dictionary(headers.get(CHAIN_NAME, ""))
    seq, previous = (members.get(name, (None, {}))[0] for name in ("seq", "prev"))
    if type(seq) is not int or not 0 < seq < 1 << 53 or not isinstance(previous, bytes) or len(previous) != LINK_BYTES:
        raise refusal("signature", "The report's place in its chain can't be read.")
    return Link(seq=seq, previous=previous)


class Nonces:
    """Which requests were seen in the last ten minutes. Threads share it; it never grows beyond NONCES."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self._seen: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._each: dict[str, int] = {}
        self._lock = threading.Lock()

    def use(self, claim: Claim) -> None:
        """Once: after the signature was found good, or anybody could fill the memory. Raises Refusal."""
        now = self._clock()
        key = (claim.key_id, claim.nonce)
        with self._lock:
            self._forget(now)
            if key in self._seen:
                raise refusal("replayed")
            if self._each.get(claim.key_id, 0) >= NONCES_EACH or len(self._seen) >= NONCES:
                raise refusal("too_many")
            self._seen[key] = now
            self._each[claim.key_id] = self._each.get(claim.key_id, 0) + 1

    def _forget(self, now: int) -> None:
        while self._seen:
            key, at = next(iter(self._seen.items()))
            if at > now - NONCE_S - SKEW_S:
                return
            del self._seen[key]
            self._each[key[0]] -= 1
            if not self._each[key[0]]:
                del self._each[key[0]]


def proof_of(message: Message, public_key: str) -> dict[str, str]:
    """What is kept beside a body, so that its signature can be verified again."""
    return {"method": message.method, "url": message.url, "key": public_key, **message.headers}


def verify_kept(row: Any, public_key: str, *, tag: str = TAG, covered: Names = COVERED) -> bytes:
    """The body of a row of `reports`, whose signature still fits. Raises Refusal."""
    proof = json.loads(row.proof)
    message = Message(
        method=proof["method"], url=proof["url"], headers={name: proof[name] for name in NAMES if name in proof}
    )
    try:
        body = zlib.decompressobj().decompress(row.body, BODY_BYTES + 1)
    except zlib.error as error:
        raise refusal("signature", "The body that was kept is damaged.") from error
    verify(message, body, claim_of(message.headers), public_key=public_key, tag=tag, covered=covered)
    return body
