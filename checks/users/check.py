"""Only one person uses this phone, and no part of it is out of sight."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import Count, count_band, either
from checks.evidence import MEANING, Why
from checks.model import PHONES, Exact, Point, Severity, Verdict, rule
from checks.points import not_seen
from checks.spec import Check, limit
from checks.users.fact import Space, Users


class Reason(StrEnum):
    """What the judge may notice."""

    ONE_PERSON = "one_person"
    ALLOWED_ONLY = "allowed_only"
    MORE_PEOPLE = "more_people"
    GUEST = "guest"
    WORK_PROFILE_NOT_INSPECTED = "work_profile_not_inspected"
    SECURE_FOLDER_NOT_INSPECTED = "secure_folder_not_inspected"
    CLONE_NOT_INSPECTED = "clone_not_inspected"
    PRIVATE_SPACE_NOT_INSPECTED = "private_space_not_inspected"
    OTHER_NOT_INSPECTED = "other_not_inspected"
    FURTHER_USERS_NOT_SEEN = "further_users_not_seen"


class Guest(StrEnum):
    """Whether there is a guest."""

    OFF = "off"
    ON = "on"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_people: int = limit(1, doc="Most people with a user of their own on one phone.", minimum=1, maximum=50)
    allowed_profiles: tuple[Space, ...] = limit(
        (), doc="Profiles that may stay without being looked into, such as work_profile; never `other`."
    )


def judge(seen: Users, limits: Limits) -> Verdict:
    """Shared is proven by any list; one person needs both. A profile may hold pictures that nobody looked at."""
    return rule(
        broken=tuple(_broken(seen, limits)),
        unclear=(
            *_out_of_sight(seen, limits),
            *not_seen(Reason, seen, {"further_users": True if seen.all_listed else None}),
        ),
        kept=_kept(seen, limits),
        measures={
            "people": count_band(seen.people if seen.all_listed else None),
            "guest": either(seen.guest or _none(seen), yes=Guest.ON, no=Guest.OFF, not_seen=Guest.NOT_SEEN),
            "not_inspected": seen.spaces,
            "limit_people": limits.max_people,
        },
    )


def _none(seen: Users) -> bool | None:
    """No guest was seen: that there is none takes the whole list."""
    return False if seen.all_listed else None


def _broken(seen: Users, limits: Limits) -> Iterator[Point]:
    if seen.people > limits.max_people:
        because = f"more people have a user of their own than the limit of {limits.max_people}"
        yield Point(reason=Reason.MORE_PEOPLE, because=because, exact={"people": seen.people, **_menus(seen)})
    if seen.guest:
        yield Point(reason=Reason.GUEST, because="a guest can use the phone", exact=_menus(seen))


def _out_of_sight(seen: Users, limits: Limits) -> Iterator[Point]:
    for space in seen.spaces:
        if space is Space.OTHER or space not in limits.allowed_profiles:
            because = f"{space.replace('_', ' ')} not inspected: {MEANING[Why.OTHER_PROFILE][1]}"
            exact = {"why": Why.OTHER_PROFILE, **_menus(seen)}
            yield Point(reason=Reason(f"{space}_not_inspected"), because=because, exact=exact)


def _menus(seen: Users) -> Exact:
    return {} if seen.maker is None else {"maker": seen.maker}


def _kept(seen: Users, limits: Limits) -> Point:
    if seen.spaces or seen.people > 1:
        because = f"people within the limit of {limits.max_people} and profiles that the policy allows, not inspected"
        return Point(reason=Reason.ALLOWED_ONLY, because=because)
    return Point(reason=Reason.ONE_PERSON, because="one person, no guest and no further profile")


CHECK = Check(
    id="users",
    title="One person uses this phone, with no part of it out of sight",
    severity=Severity.MEDIUM,
    fact=Users,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"people": Count, "guest": Guest, "not_inspected": Space, "limit_people": int},
    requirements=("R25",),
    controls=("CIS-Controls-v8:5.1",),
    platforms=PHONES,
)
