"""Fetches access tokens for mail by OAuth 2 client credentials, and keeps each until it runs out."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any, Self
from urllib.parse import urlencode

from reports.console.alerts import door
from reports.console.alerts.door import Network, Parcel
from reports.console.alerts.outside import Outside, Token
from reports.console.alerts.undelivered import Undelivered

TEXT = re.compile(r"[\x21-\x7e]{1,8000}")
EARLY_S = 60
"""A token is not used in its last minute."""
UNSAID_S = 300
MOST_S = 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What to ask for, and where."""

    url: str
    client_id: str
    client_secret: str
    scope: str
    allowed: Sequence[Network] = ()

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Self:
        """Of a mail channel."""
        return cls(
            url=details["token_url"],
            client_id=details["client_id"],
            client_secret=details["client_secret"],
            scope=details["scope"],
            allowed=tuple(ip_network(one) for one in details.get("networks", ())),
        )


def token(outside: Outside, grant: Grant, *, key: str, now: int) -> str:
    """Raises Undelivered."""
    held = outside.tokens.get(key, now=now)
    if held is None:
        held = _fetched(outside, grant, now)
        outside.tokens.put(key, held)
    return held.text


def _fetched(outside: Outside, grant: Grant, now: int) -> Token:
    asked = {
        "grant_type": "client_credentials",
        "client_id": grant.client_id,
        "client_secret": grant.client_secret,
        **({"scope": grant.scope} if grant.scope else {}),
    }
    kind = {"content-type": "application/x-www-form-urlencoded", "accept": "application/json"}
    parcel = Parcel(url=grant.url, body=urlencode(asked).encode(), headers=kind)
    answer = door.post(outside, parcel, allowed=grant.allowed)
    if answer.status != 200:
        raise Undelivered(f"The sign-in server gives no token for mail (HTTP {answer.status}).")
    return _read(answer.content, now)


def _read(content: bytes, now: int) -> Token:
    """It goes into a line of SMTP: whatever is not a plain token is refused."""
    try:
        said = json.loads(content)
        text, seconds = said["access_token"], said.get("expires_in", UNSAID_S)
        if not TEXT.fullmatch(text):
            raise ValueError("not a token")
        lasts = min(max(int(seconds), 0), MOST_S)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise Undelivered("The sign-in server's answer holds no token for mail.") from error
    return Token(text=text, until=now + lasts - EARLY_S)
