"""What can be seen of a system's age and of its updates."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from checks.evidence import Fact
from checks.makers import Maker


class Dated(StrEnum):
    """From which day the age of a system's updates is counted."""

    INSTALLED = "installed"
    """The day on which they went in."""
    PUBLISHED = "published"
    """The day with which the maker marks the newest patch in the system that runs. One that waits for a restart is
    not counted yet, so that the restart needs no question of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Updates(Fact):
    """Ages were counted when the device was looked at. In every field None means that the system would not say."""

    supported: bool | None
    """On that day the maker still published security updates for this release. Part "support"."""
    supported_until: date | None
    """The last such day; also None for a system that has no end date."""
    last_update_days: int | None
    """Whole days since all updates known at that time were installed, or since the date of the newest patch: `dated`
    says which. Part "last_update"."""
    automatic: bool | None
    """Updates are installed without anybody asking. Part "automatic"."""
    restart_pending: bool | None
    """An installed update takes effect only after a restart. Part "restart"."""
    restart_days: int | None
    """Whole days for which that restart has been due. Means nothing unless `restart_pending`."""
    dated: Dated = Dated.INSTALLED
    maker: Maker | None = None
    """Its menus differ by maker."""
