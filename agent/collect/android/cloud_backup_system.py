"""Whether Android's own backup is on: it copies apps, messages and settings, and not the camera's pictures."""

import re

from agent.collect.android.answers import answer, first_of, heard
from agent.collect.android.commands import BACKUP, BACKUP_ENABLED
from agent.collect.android.settings import settings
from agent.collect.host import CollectError, Host
from checks.evidence import Why

SWITCH = re.compile(r"^Backup Manager currently (enabled|disabled)$", re.MULTILINE)
NOT_ACTIVATED = re.compile(r"^Error: Backup Manager is not activated for user 0$", re.MULTILINE)
DUMPED = re.compile(r"^Backup Manager is (enabled|disabled) / ", re.MULTILINE)
"""The owner's line; those of other users begin with theirs."""


def backs_up(host: Host) -> bool:
    """Raises the CollectError of the best source where none says."""
    return first_of((
        lambda: _asked(host),
        lambda: dumped(answer(host, BACKUP)),
        lambda: _stored(host),
    ))  # fmt: skip


def _asked(host: Host) -> bool:
    """It tells some of its answers as errors."""
    said = heard(host, BACKUP_ENABLED)
    return switched(f"{said.stdout}\n{said.stderr}")


def switched(text: str) -> bool:
    """From `bmgr enabled`. Whoever owns the phone, or its maker, may have put the whole service out of use."""
    found = set(SWITCH.findall(text))
    if len(found) == 1:
        return found == {"enabled"}
    if not found and NOT_ACTIVATED.search(text) is not None:
        return False
    raise CollectError(Why.UNPARSABLE, "bmgr says neither on nor off")


def dumped(text: str) -> bool:
    """From `dumpsys backup`."""
    found = set(DUMPED.findall(text))
    if len(found) != 1:
        raise CollectError(Why.UNPARSABLE, "the dump says neither on nor off")
    return found == {"enabled"}


def _stored(host: Host) -> bool:
    """From a setting that the service has given up: a 0 is often stale, so it only ever proves that backup is on."""
    if settings(host, "secure").get("backup_enabled") == "1":
        return True
    raise CollectError(Why.NOT_SAID, "the setting may be stale")
