"""Of which services the phone's owner has accounts: their types only, never their names."""

import re
from collections.abc import Iterator
from itertools import takewhile

from agent.collect.android.answers import answer
from agent.collect.android.commands import ACCOUNTS
from agent.collect.host import CollectError, Host
from checks.evidence import Why

USER = re.compile(r"^User UserInfo\{([0-9]+):")
COUNT = re.compile(r"^ +Accounts: ([0-9]{1,4})$")
ACCOUNT = re.compile(r"^ +Account \{name=.*, type=([A-Za-z0-9._-]{1,200})\}$")
OWNER = "0"


def account_types(host: Host) -> frozenset[str]:
    """Types such as com.google. Raises CollectError."""
    return parse(answer(host, ACCOUNTS))


def parse(text: str) -> frozenset[str]:
    """Types of the owner's accounts. Raises UNPARSABLE where the list is not there, or not as long as it says."""
    lines = iter(text.splitlines())
    for line in lines:
        user = USER.match(line)
        if user is not None and user.group(1) == OWNER:
            return _listed(takewhile(lambda one: USER.match(one) is None, lines))
    raise CollectError(Why.UNPARSABLE, "no accounts of the owner")


def _listed(lines: Iterator[str]) -> frozenset[str]:
    """The accounts below their count.

    An app may give its account a name that holds line ends and looks like accounts, to hide those of others: then
    there are more lines, or fewer, than accounts, and none is believed.
    """
    count = COUNT.match(next(lines, ""))
    if count is None:
        raise CollectError(Why.UNPARSABLE, "no number of accounts")
    found = [kind.group(1) for line in lines if (kind := ACCOUNT.match(line)) is not None]
    if len(found) != int(count.group(1)):
        raise CollectError(Why.UNPARSABLE, "the list of accounts is not as long as it says")
    return frozenset(found)
