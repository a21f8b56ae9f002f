"""Android: who else has a part of this phone, and which of its profiles no cable can look into."""

from collections.abc import Iterable, Mapping
from functools import partial

from agent.collect.android import profiles
from agent.collect.android.commands import USER_STATES, USERS
from agent.collect.android.maker import maker
from agent.collect.android.profiles import FULL, GUEST, MANAGED, OWNER, PROFILE, SYSTEM, User
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.users.fact import Space, Users

CANARY = Canary(answers={USERS.argv: "users.txt", USER_STATES.argv: "states.txt"}, reason="more_people")
PART = "further_users"
KINDS: Mapping[str, Space] = {
    "android.os.usertype.profile.MANAGED": Space.WORK_PROFILE,
    "android.os.usertype.profile.CLONE": Space.CLONE,
    "android.os.usertype.profile.PRIVATE": Space.PRIVATE_SPACE,
}
SECURE_FOLDERS = range(150, 161)
"""Ids that Samsung keeps for them. Their flags, and on some releases their type, are those of a work profile."""
CLONES = frozenset({95, 96, 97, 98, 99, 128, 998, 999})
"""Ids that makers keep for second copies of apps: Samsung, Huawei, and the others."""
MAKERS_CLONE = 0x4000000
"""Huawei's flag for them, which calls them full users, too."""


def probe(host: Host) -> Users:
    """Both lists, since a list that was cut looks like one of fewer people. Raises CollectError where neither came."""
    gaps: list[Gap] = []
    looks = (profiles.listed, profiles.dumped)
    lists = [found for look in looks if (found := attempt(gaps, PART, partial(look, host))) is not None]
    if not lists:
        raise CollectError(gaps[0].why, gaps[0].detail)
    if not gaps and lists[0].keys() != lists[1].keys():
        gaps.append(Gap(part=PART, why=Why.UNPARSABLE, detail="two lists of users that differ"))
    users = _together([user for found in lists for user in found.values()])
    spaces = {space for user in users if (space := space_of(user)) is not None}
    return Users(
        people=sum(map(is_person, users)),
        guest=any(user.flags & GUEST and space_of(user) is None for user in users),
        spaces=tuple(space for space in Space if space in spaces),
        all_listed=not gaps,
        maker=attempt([], "maker", partial(maker, host)),
        gaps=tuple(gaps),
    )


def _together(users: Iterable[User]) -> list[User]:
    """Each user once, with what either list says of it."""
    found: dict[int, User] = {}
    for one in users:
        known = found.get(one.id, one)
        found[one.id] = User(id=one.id, flags=known.flags | one.flags, kind=one.kind or known.kind)
    return list(found.values())


def space_of(user: User) -> Space | None:
    """Which kind of profile it is; None for the owner, a guest and other people. Names are of no help: people choose
    them, and systems translate them."""
    if user.id == OWNER:
        return None
    if user.id in SECURE_FOLDERS and user.flags & (MANAGED | PROFILE):
        return Space.SECURE_FOLDER
    if user.id in CLONES and (not user.flags & FULL or user.flags & MAKERS_CLONE):
        return Space.CLONE
    if user.kind in KINDS:
        return KINDS[user.kind]
    if user.flags & MANAGED:
        return Space.WORK_PROFILE
    return Space.OTHER if user.flags & PROFILE else None


def is_person(user: User) -> bool:
    """Somebody's own part of the phone. Where user 0 is the system alone, its owner has another number."""
    if user.id == OWNER:
        return not user.flags & SYSTEM or bool(user.flags & FULL)
    return space_of(user) is None and not user.flags & GUEST
