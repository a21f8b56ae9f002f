"""Positive proof that an app uploads pictures: what the phone syncs, and jobs with the exemption for media backups."""

import re
from collections.abc import Iterator

from agent.collect.android.cloud_backup_clients import owner, syncing
from agent.collect.host import CollectError
from checks.cloud_backup.fact import Product
from checks.evidence import Why

MASTER = re.compile(r"^auto sync: (.*)$", re.IGNORECASE)
STATUS = "Sync Status"
END = re.compile(r"^(?:Recent Sync History|Per Adapter History|Detailed Statistics|Sync Statistics|SyncAdapters)\b")
ACCOUNT = re.compile(r"^Account .* u([0-9]{1,9}) (\S{1,200})$")
ROW = re.compile(r"^(\S{1,50}) +(-?[0-9]{1,2}) +(true|false)\b")
SYNCABLE = "1"
OWNER = "0"
JOB = re.compile(r"^ *JOB ")
SOURCE = re.compile(r"^ *Source: uid=\S+ user=([0-9]{1,9}) pkg=([A-Za-z0-9._]{1,255})$")
EXEMPT = re.compile(r"^ *Has media backup exemption=true *$")


def synced(text: str) -> frozenset[Product]:
    """From `dumpsys content`: enabled rows of the owner, while syncing as a whole is on.

    Raises UNPARSABLE where the dump does not say whether it is.
    """
    lines = text.splitlines()
    masters = [found.group(1).split() for line in lines if (found := MASTER.match(line)) is not None]
    words = masters[0] if masters else []
    if "u0=true" not in words and "u0=false" not in words:
        raise CollectError(Why.UNPARSABLE, "not said whether the phone syncs at all")
    return frozenset(_rows(lines)) if "u0=true" in words else frozenset()


def _rows(lines: list[str]) -> Iterator[Product]:
    inside, user, kind = False, "", ""
    for line in lines:
        if (account := ACCOUNT.match(line)) is not None:
            user, kind = account.groups()
        elif line.strip() == STATUS:
            inside = True
        elif END.match(line) is not None:
            inside = False
        elif inside and user == OWNER and (row := ROW.match(line)) is not None:
            authority, syncable, enabled = row.groups()
            if (syncable, enabled) == (SYNCABLE, "true"):
                yield from syncing(authority, kind)


def exempt(text: str) -> frozenset[Product]:
    """From `dumpsys jobscheduler`: the owner's jobs that the system lets run as uploads of new pictures."""
    found: set[Product] = set()
    product: Product | None = None
    for line in text.splitlines():
        if JOB.match(line) is not None:
            product = None
        elif (source := SOURCE.match(line)) is not None:
            user, package = source.groups()
            product = owner(package) if user == OWNER else None
        elif product is not None and EXEMPT.match(line) is not None:
            found.add(product)
    return frozenset(found)
