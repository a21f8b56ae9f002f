"""What can be seen of the people on a phone and of the profiles beside the main one."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import Fact
from checks.makers import Maker


class Space(StrEnum):
    """Profiles of the phone's owner beside the main one. Policies and reports name them so."""

    WORK_PROFILE = "work_profile"
    SECURE_FOLDER = "secure_folder"
    """Samsung's, with a lock of its own."""
    CLONE = "clone"
    """Second copies of apps, such as a second messenger."""
    PRIVATE_SPACE = "private_space"
    """Android's own hidden space."""
    OTHER = "other"
    """A profile of a kind that we do not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Users(Fact):
    """Counts and kinds only, never a name. Nothing is looked into but the main user's part."""

    people: int
    """Users with a part of their own, the owner included and guests not: at least so many."""
    guest: bool
    """There is a guest. False: none was seen."""
    spaces: tuple[Space, ...]
    """Each kind of profile that was seen, once, in the order of Space."""
    all_listed: bool
    """The system listed them all, twice and alike. False: there may be more; a gap of the part "further_users" says
    why."""
    maker: Maker | None = None
    """Menus differ by maker. None: not seen, and nothing hangs on it."""
