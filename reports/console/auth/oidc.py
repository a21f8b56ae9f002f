"""Sign-in through an OpenID provider: a code with PKCE, and an ID token of which nothing is taken on trust."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from reports.console.auth import oidc_wire
from reports.console.model import Refusal

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519"]
"""Signatures that only the provider can make; never one by a secret that we hold as well, and never none."""
KNOWN_S = 600
"""How long its addresses and keys are believed."""
AGAIN_S = 30
"""A key that we don't know is asked for at most so often: forged tokens must not make us knock all the time."""
LEEWAY_S = 120
LONGEST_SUBJECT = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """Where the people of one practice sign in."""

    practice_id: str
    issuer: str
    client_id: str
    secret: str = ""
    """"" for a public client, which PKCE alone protects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """One sign-in under way, as the browser keeps it for us, sealed."""

    practice_id: str
    state: str
    nonce: str
    verifier: str
    next: str
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Vouched:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    email: str | None
    """In lower case; None unless the provider says that it is theirs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What a provider says of itself."""

    authorization: str
    token: str
    basic: bool
    """It takes a client's secret as HTTP's basic authentication."""
    keys: Any
    at: int


_KNOWN: dict[str, _Known] = {}
_LOCK = Lock()


def trouble(sentence: str, *, status: int = 502) -> Refusal:
    """What people are told; nothing of what the provider said."""
    return Refusal(status=status, code="provider", sentence=sentence)


def begin(provider: Provider, *, redirect_uri: str, onward: str, now: int) -> tuple[str, Started]:
    """The address to send the browser to, and what to keep meanwhile. Raises Refusal."""
    known = _known(provider, now)
    made = Started(
        practice_id=provider.practice_id,
        state=secrets.token_urlsafe(32),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        next=onward,
        at=now,
    )
    with _session(provider, known, redirect_uri) as asking:
        address, _ = asking.create_authorization_url(
            known.authorization, state=made.state, code_verifier=made.verifier, nonce=made.nonce
        )
    return str(address), made


def finish(provider: Provider, started: Started, *, code: str, redirect_uri: str, now: int) -> Vouched:
    """Trade the code for an ID token, and read it. Raises Refusal."""
    known = _known(provider, now)
    try:
        with _session(provider, known, redirect_uri) as asking:
            answer = asking.fetch_token(
                known.token,
                grant_type="authorization_code",
                code=code,
                code_verifier=started.verifier,
                allow_redirects=False,
            )
    except (AuthlibBaseError, requests.RequestException, ValueError, TypeError, AttributeError) as error:
        raise trouble("Your organisation's sign-in did not confirm this. Try again.") from error
    token = answer.get("id_token") if isinstance(answer, Mapping) else None
    if not isinstance(token, str):
        raise trouble("Your organisation's sign-in did not say who you are.")
    claims = _claims(provider, known, token, nonce=started.nonce, access=answer.get("access_token"), now=now)
    return _vouched(provider, claims)


def _session(provider: Provider, known: _Known, redirect_uri: str) -> Any:
    # By what this practice has, which another practice of the same provider need not have.
    way = "client_secret_basic" if known.basic else "client_secret_post"
    method = way if provider.secret else "none"
    return oidc_wire.session(provider.client_id, provider.secret, method=method, redirect_uri=redirect_uri)


def _claims(
    provider: Provider, known: _Known, token: str, *, nonce: str, access: object, now: int
) -> Mapping[str, Any]:
    """Of a token that this provider signed for us, for this very sign-in. Raises Refusal."""
    try:
        read = _decoded(provider, known, token, now)
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        }
        params = {"nonce": nonce, "client_id": provider.client_id, "access_token": access}
        made = CodeIDToken(read.claims, read.header, options, params)
        made.validate(now, LEEWAY_S)
    except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise trouble("Your organisation's sign-in gave an answer that can't be trusted.") from error
    return dict(made)


def _decoded(provider: Provider, known: _Known, token: str, now: int) -> Any:
    """A key that is new to us may just have been made: its keys are fetched once more. Raises JoseError, ValueError."""
    try:
        return jwt.decode(token, known.keys, algorithms=ALGORITHMS)
    except (JoseError, ValueError):
        if known.at + AGAIN_S > now:
            raise
    return jwt.decode(token, _asked(provider, now).keys, algorithms=ALGORITHMS)


def _vouched(provider: Provider, claims: Mapping[str, Any]) -> Vouched:
    subject, email = claims.get("sub"), claims.get("email")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise trouble("Your organisation's sign-in did not say who you are.")
    theirs = claims.get("email_verified") is True and isinstance(email, str) and len(email) <= 254
    return Vouched(issuer=provider.issuer, subject=subject, email=str(email).lower() if theirs else None)


def _known(provider: Provider, now: int) -> _Known:
    """Raises Refusal."""
    with _LOCK:
        found = _KNOWN.get(provider.issuer)
    return found if found is not None and found.at <= now < found.at + KNOWN_S else _asked(provider, now)


def _asked(provider: Provider, now: int) -> _Known:
    """What it says of itself now. Raises Refusal."""
    try:
        said = oidc_wire.fetch(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        found = _said(provider, said, now)
    except (requests.RequestException, JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise trouble(
            "Your organisation's sign-in can't be reached, or is not set up as an OpenID provider."
        ) from error
    with _LOCK:
        if len(_KNOWN) > 1000:
            _KNOWN.clear()
        _KNOWN[provider.issuer] = found
    return found


def _said(provider: Provider, said: Any, now: int) -> _Known:
    """Raises ValueError and what reading a document of any shape may raise."""
    if said["issuer"] != provider.issuer:
        raise ValueError("another issuer")
    addresses = [said[name] for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")]
    here = provider.issuer.startswith("http://")
    if not all(oidc_wire.fits(one) and (here or one.startswith("https://")) for one in addresses):
        # A provider elsewhere must not send us to what listens on this very machine.
        raise ValueError("an address that no provider may have")
    methods = said.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return _Known(
        authorization=addresses[0],
        token=addresses[1],
        basic="client_secret_basic" in methods,
        keys=KeySet.import_key_set(oidc_wire.fetch(addresses[2])),
        at=now,
    )
