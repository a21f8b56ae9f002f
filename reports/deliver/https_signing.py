"""Signs a device's requests by RFC 9421, so that the body stays the exact bytes that the person can read."""

import base64
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from reports.signing import CHAIN, COVERED, TAG, content_digest

LABEL = "scrubin"
NONCE_BYTES = 16
ENROL_TAG = "scrubin-enrol"
"""The `tag` of the one request that a device signs before the practice knows its key."""


class Signer:
    """One key and the name under which the receiver knows it."""

    def __init__(
        self,
        key: Ed25519PrivateKey,
        *,
        keyid: str,
        clock: Callable[[], datetime],
        chance: Callable[[int], bytes],
        tag: str = TAG,
    ) -> None:
        """`clock` gives the time, aware; `chance` so many random bytes."""
        resolver = MappingKeyResolver(public_keys={}, private_keys={keyid: key})
        self._signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=resolver)
        self._keyid = keyid
        self._clock = clock
        self._chance = chance
        self._tag = tag

    def sign(self, request: requests.PreparedRequest) -> None:
        """Add the digest of the body and the signature; a new nonce each time, so that no copy passes for us."""
        if isinstance(request.body, bytes):
            request.headers["Content-Digest"] = content_digest(request.body)
        self._signer.sign(
            request,
            key_id=self._keyid,
            created=self._clock().astimezone(UTC),
            nonce=base64.b64encode(self._chance(NONCE_BYTES)).decode(),
            label=LABEL,
            tag=self._tag,
            covered_component_ids=_covered(request),
            use_existing_digest="Content-Digest" in request.headers,
        )


def _covered(request: requests.PreparedRequest) -> Sequence[str]:
    absent = {"content-digest": "Content-Digest", CHAIN.lower(): CHAIN}
    return tuple(one for one in COVERED if one not in absent or absent[one] in request.headers)
