"""Reads what an administrator typed of a channel: which keys its details have, by kind, and what is wrong with each."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from typing import Any

from reports.console.alerts import door, webhooks
from reports.console.alerts.channels import Kind
from reports.console.alerts.undelivered import Undelivered
from reports.deliver.email import ADDRESS
from reports.deliver.submission import Security
from reports.web.entered import Entered

HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
SIGN_INS = ("password", "oauth", "none")
SHAPES = ("workflow", "card")
MOST_RECIPIENTS = 20
MOST_NETWORKS = 20
LONGEST_NAME, LONGEST_SECRET = 120, 500
OLD_SECRET_S = 7 * 86400
"""How long messages are signed by the old secret too."""


def details_of(kind: Kind, entered: Entered) -> dict[str, Any]:
    """Of a new channel; look at `entered.faults` before using them."""
    readers: Mapping[Kind, Callable[[Entered], dict[str, Any]]] = {
        Kind.EMAIL: _email,
        Kind.WEBHOOK: _webhook,
        Kind.TEAMS: lambda given: {"url": _url(given), "shape": given.choice("shape", "Format", SHAPES)},
        Kind.SLACK: lambda given: {"url": _url(given)},
    }
    return readers[kind](entered)


def renewed(kind: Kind, details: Mapping[str, Any], entered: Entered, *, now: int) -> dict[str, Any]:
    """The same with its secret replaced."""
    if kind is Kind.WEBHOOK:
        fresh = {"secret": webhooks.new_secret(), "old_secret": details["secret"], "old_until": now + OLD_SECRET_S}
        return {**details, **fresh}
    if kind is Kind.EMAIL:
        return {**details, **_secret(details["sign_in"], entered)}
    return {**details, "url": _url(entered)}


def _email(entered: Entered) -> dict[str, Any]:
    sign_in = entered.choice("sign_in", "Sign-in", SIGN_INS)
    details: dict[str, Any] = {
        "host": _host(entered),
        "port": entered.whole("port", "Port", low=1, high=65535),
        "security": entered.choice("security", "Encryption", [one.value for one in Security]),
        "sender": _address(entered, "sender", "From", entered.raw("sender")),
        "recipients": _recipients(entered),
        "sign_in": sign_in,
    }
    if sign_in != "none":
        details["user"] = _plain(entered, "user", "User name", 254)
    if sign_in == "oauth":
        details["token_url"] = _url(entered, "token_url", "Token address")
        details["client_id"] = _plain(entered, "client_id", "Client id", 200)
        details["scope"] = entered.line("scope", "Scope", longest=300, needed=False)
    return {**details, **_secret(sign_in, entered)}


def _secret(sign_in: str, entered: Entered) -> dict[str, str]:
    if sign_in == "password":
        return {"password": _plain(entered, "password", "Password", LONGEST_SECRET)}
    if sign_in == "oauth":
        return {"client_secret": _plain(entered, "client_secret", "Client secret", LONGEST_SECRET)}
    return {}


def _webhook(entered: Entered) -> dict[str, Any]:
    private = webhooks.new_private() if entered.ticked("by_key") else ""
    return {"url": _url(entered), "secret": webhooks.new_secret(), "private": private}


def _plain(entered: Entered, name: str, label: str, longest: int) -> str:
    return entered.line(name, label, longest=longest)


def _host(entered: Entered) -> str:
    text = entered.line("host", "Mail server", longest=253)
    if text and not HOST.fullmatch(text):
        entered.wrong("host", "Mail server: write its name, such as smtp.practice.example.")
        return ""
    return text


def _address(entered: Entered, name: str, label: str, text: str) -> str:
    found = text.strip()
    if not ADDRESS.fullmatch(found):
        entered.wrong(name, f"{label}: write an e-mail address, such as it@practice.example.")
        return ""
    return found


def _recipients(entered: Entered) -> list[str]:
    given = re.split(r"[\s,;]", entered.raw("recipients")[:4000])
    found = [_address(entered, "recipients", "To", one) for one in given if one]
    if not 1 <= len(found) <= MOST_RECIPIENTS:
        entered.wrong("recipients", f"To: write 1 to {MOST_RECIPIENTS} e-mail addresses.")
    return found


def _url(entered: Entered, name: str = "url", label: str = "Address") -> str:
    text = entered.raw(name).strip()
    try:
        return door.checked(text)
    except Undelivered as error:
        entered.wrong(name, f"{label}: {error.sentence[0].lower()}{error.sentence[1:]}")
        return ""


def networks_of(entered: Entered) -> list[str]:
    """Private networks, one a line."""
    given = re.split(r"[\s,;]+", entered.raw("networks")[:2000].strip())
    found = []
    for one in given:
        try:
            found += [str(ip_network(one))] if one else []
        except ValueError:
            entered.wrong("networks", "Networks: write each as in 10.0.0.0/8.")
    if len(found) > MOST_NETWORKS:
        entered.wrong("networks", f"Networks: at most {MOST_NETWORKS}.")
    return found
