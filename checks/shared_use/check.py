"""Only one person uses this device."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import Count, count_band, either
from checks.model import LAPTOPS, Point, Severity, Verdict, rule
from checks.points import not_seen
from checks.shared_use.fact import SharedUse
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    ONE_PERSON = "one_person"
    MORE_PEOPLE = "more_people"
    GUEST_SESSION = "guest_session"
    PREVIEWS_SHOWN = "previews_shown"
    DIRECTORY_ACCOUNTS = "directory_accounts"
    PEOPLE_NOT_SEEN = "people_not_seen"
    DIRECTORY_NOT_SEEN = "directory_not_seen"
    GUEST_NOT_SEEN = "guest_not_seen"
    PREVIEWS_NOT_SEEN = "previews_not_seen"


class Guest(StrEnum):
    """Whether somebody without an account can start a session."""

    OFF = "off"
    ON = "on"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_people: int = limit(1, doc="Most accounts with which people can sign in.", minimum=1, maximum=50)
    hide_previews: bool = limit(False, doc="Whether notifications must stay hidden while the screen is locked.")


def judge(seen: SharedUse, limits: Limits) -> Verdict:
    """Shared is proven by any one part; one person needs all of them."""
    parts = {"people": seen.people, "directory": seen.directory, "guest": seen.guest}
    if limits.hide_previews:
        parts["previews"] = seen.previews
    return rule(
        broken=tuple(_broken(seen, limits)),
        unclear=(*_out_of_sight(seen), *not_seen(Reason, seen, parts)),
        kept=Point(
            reason=Reason.ONE_PERSON, because=f"no guest session, and accounts within the limit of {limits.max_people}"
        ),
        measures={
            "people": count_band(seen.people),
            "guest": either(seen.guest, yes=Guest.ON, no=Guest.OFF, not_seen=Guest.NOT_SEEN),
            "limit_people": limits.max_people,
        },
    )


def _broken(seen: SharedUse, limits: Limits) -> Iterator[Point]:
    if seen.people is not None and seen.people > limits.max_people:
        because = f"more accounts can sign in than the limit of {limits.max_people}"
        yield Point(reason=Reason.MORE_PEOPLE, because=because, exact={"people": seen.people})
    if seen.guest:
        yield Point(reason=Reason.GUEST_SESSION, because="a guest can start a session without an account")
    if limits.hide_previews and seen.previews:
        yield Point(reason=Reason.PREVIEWS_SHOWN, because="notifications show while the screen is locked")


def _out_of_sight(seen: SharedUse) -> Iterator[Point]:
    if seen.directory:
        because = "accounts of an organisation's directory may sign in, and cannot be counted here"
        yield Point(reason=Reason.DIRECTORY_ACCOUNTS, because=because)


CHECK = Check(
    id="shared_use",
    title="Only one person uses this laptop",
    severity=Severity.MEDIUM,
    fact=SharedUse,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"people": Count, "guest": Guest, "limit_people": int},
    requirements=("R25",),
    controls=("CIS-Controls-v8:5.1",),
    platforms=LAPTOPS,
)
