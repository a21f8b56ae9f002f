"""Whom to ask, as the policy names them: a link only where it leads to the web, a telephone or a mailbox."""

import re

from agent.desk import Desk
from agent.escape import printable
from checks.policy_file import Contact

WEB = re.compile(r"https?://[^\s\"'<>]{1,500}", re.IGNORECASE)
DIALLED = re.compile(r"[^0-9+]")


def contacts(desk: Desk) -> list[dict[str, str]]:
    """Each with "" for what it does not have; `dial` is the number as a telephone takes it."""
    return [_contact(one) for one in desk.in_force.policy.contacts.values()]


def _contact(one: Contact) -> dict[str, str]:
    return {
        "label": printable(one.label, 80),
        "phone": printable(one.phone, 40),
        "dial": DIALLED.sub("", one.phone)[:20],
        "email": printable(one.email, 254),
        "url": one.url if WEB.fullmatch(one.url) else "",
    }
