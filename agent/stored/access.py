"""What lets this laptop ask: a name and password, a token, or a key by which a token is had for a few minutes."""

import base64
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from agent.secrets import StoreError
from agent.stored.model import Because, LookError
from agent.stored.wire import Deadline, OpenDoor, exchange, must_be_good, parsed
from checks.policy_terms import RecordKind, RecordSystemTerms

SECRET = "record-system"  # noqa: S105 - the name under which it lies
PEM = "-----BEGIN"
TOKEN_BYTES = 64 << 10
LONGEST_TOKEN = 8000
LONGEST_LIFE_S = 3600
"""A token is asked for anew after so long, whatever the server says."""
EARLY_S = 30
"""A token that ends sooner is as good as ended."""
ASSERTION_S = 240
"""SMART allows five minutes."""
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SCOPES = {
    RecordKind.FHIR: "system/Patient.rs system/DocumentReference.rs system/Media.rs system/Binary.rs",
    RecordKind.DICOMWEB: "",
}
CURVE = "P-384"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A token, until it ends."""

    header: str
    ends_s: float
    """By the clock that never goes back."""


class Access:
    """Lets one laptop in. Thread-safe; keeps tokens in memory alone."""

    def __init__(
        self,
        terms: RecordSystemTerms,
        *,
        secret: Callable[[], str | None],
        open_door: OpenDoor,
        randomness: Callable[[int], bytes],
    ) -> None:
        """`secret` fetches what the keyring holds, and may raise StoreError."""
        self._terms = terms
        self._secret = secret
        self._open_door = open_door
        self._randomness = randomness
        self._kept: Kept | None = None
        self._lock = threading.Lock()

    def headers(self, *, now: int, deadline: Deadline) -> Mapping[str, str]:
        """What goes with each question; `now` is Unix seconds. Raises LookError."""
        if bool(self._terms.token_url) and not self._terms.client_id:
            raise LookError(Because.ODD_POLICY)
        if not self._terms.token_url:
            said = plain(self._terms, self._fetched())
            return {"Authorization": said} if said else {}
        with self._lock:
            if self._kept is None or self._kept.ends_s <= deadline.clock_s() + EARLY_S:
                self._kept = self._ask(now, deadline)
            return {"Authorization": self._kept.header}

    def forget(self) -> None:
        """The server refused: whatever was kept is of no use."""
        with self._lock:
            self._kept = None

    def _fetched(self) -> str | None:
        try:
            return self._secret()
        except StoreError as error:
            raise LookError(Because.NO_STORE) from error

    def _ask(self, now: int, deadline: Deadline) -> Kept:
        secret = self._fetched()
        if not secret:
            raise LookError(Because.NO_KEY)
        scope = SCOPES[self._terms.kind]
        form = {"grant_type": "client_credentials", **({"scope": scope} if scope else {})}
        headers = {"Accept": "application/json"}
        if secret.startswith(PEM):
            jti = self._randomness(16).hex()
            form |= {
                "client_assertion_type": ASSERTION,
                "client_assertion": assertion(self._terms, secret, now=now, jti=jti),
            }
        else:
            headers["Authorization"] = _basic(f"{quote_plus(self._terms.client_id)}:{quote_plus(secret)}")
        answer = exchange(
            self._open_door, self._terms.token_url, deadline, method="POST", path="", most_bytes=TOKEN_BYTES,
            headers=headers, form=urlencode(form).encode(),
        )  # fmt: skip
        if answer.status == 400:  # OAuth's way of saying who is not let in
            raise LookError(Because.NOT_ALLOWED, status=400)
        must_be_good(answer)
        return _kept(parsed(answer.body), deadline.clock_s())


def plain(terms: RecordSystemTerms, secret: str | None) -> str:
    """What is said without asking for a token first; "" for nothing. Raises LookError.

    With a client id the secret is its password; `name:password` is both; anything else is a token.
    """
    if not secret:
        if terms.client_id:
            raise LookError(Because.NO_KEY)
        return ""
    if secret.startswith(PEM):
        raise LookError(Because.ODD_KEY)
    if terms.client_id:
        return _basic(f"{terms.client_id}:{secret}")
    return _basic(secret) if ":" in secret else _bearer(secret, Because.ODD_KEY)


def assertion(terms: RecordSystemTerms, pem: str, *, now: int, jti: str) -> str:
    """A signed word of who asks, good for minutes and once (SMART backend services). Raises LookError."""
    from joserfc import jwt
    from joserfc.errors import JoseError
    from joserfc.jwk import ECKey

    claims = {"iss": terms.client_id, "sub": terms.client_id, "aud": terms.token_url, "jti": jti}
    try:
        key = ECKey.import_key(pem)
        if key.curve_name != CURVE or not key.is_private:
            raise LookError(Because.ODD_KEY)
        # By its thumbprint: the server finds our key among those that the practice gave it.
        header = {"alg": "ES384", "typ": "JWT", "kid": key.thumbprint()}
        return jwt.encode(header, {**claims, "iat": now, "exp": now + ASSERTION_S}, key, algorithms=["ES384"])
    except (JoseError, ValueError, TypeError) as error:
        raise LookError(Because.ODD_KEY) from error


def _kept(said: Any, clock_s: float) -> Kept:
    """A token out of the server's answer. Raises LookError."""
    if not isinstance(said, dict):
        raise LookError(Because.ODD_ANSWER)
    token, kind, life_s = said.get("access_token"), said.get("token_type", "bearer"), said.get("expires_in", 0)
    if not isinstance(token, str) or not isinstance(kind, str) or kind.lower() != "bearer":
        raise LookError(Because.ODD_ANSWER)
    known = isinstance(life_s, int) and not isinstance(life_s, bool)
    ends_s = clock_s + (min(max(life_s, 0), LONGEST_LIFE_S) if known else 0)
    return Kept(header=_bearer(token, Because.ODD_ANSWER), ends_s=ends_s)


def _bearer(token: str, otherwise: Because) -> str:
    """A token is printable and has no blank: nothing else may get into a header."""
    if not 0 < len(token) <= LONGEST_TOKEN or not all("!" <= one <= "~" for one in token):
        raise LookError(otherwise)
    return f"Bearer {token}"


def _basic(both: str) -> str:
    return f"Basic {base64.b64encode(both.encode()).decode('ascii')}"
