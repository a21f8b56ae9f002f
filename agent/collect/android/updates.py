"""Android: how old is the security patch that runs, and does somebody still publish patches for this release.

Apps and the parts that Google Play updates by itself are out of sight.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources

from agent.collect.android.commands import PROPERTIES
from agent.collect.android.maker import maker
from agent.collect.android.properties import properties, release
from agent.collect.android.settings import settings
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.updates.fact import Dated, Updates

CANARY = Canary(answers={PROPERTIES.argv: "getprop.txt"}, reason="patch_too_old")

PATCH = "ro.build.version.security_patch"
AHEAD = timedelta(days=14)
"""Makers mark a patch with a day of the coming month and send it out before; more than this is a wrong clock."""
FRESH = timedelta(days=120)
"""The slowest makers patch each quarter: a patch of this age was published by one who has not stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletins:
    """The dated list that ships with the product."""

    known_at: date
    ends: Mapping[int, date]
    """API level -> last day on which Google published patches for it."""


def probe(host: Host) -> Updates:
    """Look at every part by itself, so that one that fails leaves the others."""
    gaps: list[Gap] = []
    marked = attempt(gaps, "last_update", lambda: parse(properties(host)))
    age = attempt(gaps, "last_update", lambda: days(_today(host), marked)) if marked else None
    last = attempt(gaps, "support", lambda: support(release(host), marked, _today(host)))
    return Updates(
        supported=last[0] if last else None,
        supported_until=last[1] if last else None,
        last_update_days=age,
        automatic=attempt(gaps, "automatic", lambda: _automatic(host)),
        restart_pending=None,
        restart_days=None,
        dated=Dated.PUBLISHED,
        maker=attempt(gaps, "maker", lambda: maker(host)),
        gaps=tuple(gaps),
    )


def parse(found: Mapping[str, str]) -> date:
    """The date of the patch that runs. Raises NOT_SAID where there is none, UNPARSABLE where it is no date."""
    text = found.get(PATCH, "")
    if text == "":
        raise CollectError(Why.NOT_SAID, "no date of a security patch")
    if not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise CollectError(Why.UNPARSABLE, PATCH)
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise CollectError(Why.UNPARSABLE, PATCH) from error


def days(today: date, marked: date) -> int:
    """Whole days since the patch's date. Raises NOT_SAID for one in the future: it may hide any age."""
    if marked - today > AHEAD:
        raise CollectError(Why.NOT_SAID, "a patch from the future")
    return max(0, (today - marked).days)


def support(level: int, marked: date | None, today: date) -> tuple[bool, date | None]:
    """(patches are published for this release, last day on which they were). Raises NOT_SAID where neither shows.

    A fresh patch proves that somebody publishes. An old one proves nothing, unless Google has stopped and the phone
    runs nothing that was published after that.
    """
    if marked is None:
        raise CollectError(Why.NOT_SAID, "no date of a security patch")
    if days(today, marked) <= FRESH.days:
        return True, None
    end = bulletins().ends.get(level)
    if end is None or marked > end:
        raise CollectError(Why.NOT_SAID, f"nothing known of patches for API {level}")
    return False, end


@cache
def bulletins() -> Bulletins:
    """The list beside this module."""
    table = tomllib.loads(resources.files("agent.collect.android").joinpath("bulletins.toml").read_text("utf-8"))
    return Bulletins(known_at=table["known_at"], ends={int(level): end for level, end in table["ends"].items()})


def _today(host: Host) -> date:
    """Raises NOT_SAID when the clock that counts runs behind the day on which our dates were looked up."""
    today = host.now().date()
    if today < bulletins().known_at:
        raise CollectError(Why.NOT_SAID, "the clock is behind the time")
    return today


def _automatic(host: Host) -> bool:
    """Off is proven by the switch for developers; on is each maker's own business and not to be read."""
    if settings(host, "global").get("ota_disable_automatic_update") == "1":
        return False
    raise CollectError(Why.NOT_SAID, "no maker's switch can be read")
