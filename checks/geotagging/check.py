"""No camera app that we know may look up the place, which it would write into pictures."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import MEANING, Why
from checks.geotagging.fact import Camera, CameraApp, Geotagging
from checks.makers import Maker
from checks.model import PHONES, Exact, Point, Severity, Verdict, Word, rule
from checks.plurals import counted
from checks.points import not_seen
from checks.spec import Check, Saw, limit


class Reason(StrEnum):
    """What the judge may notice."""

    NOT_ALLOWED = "not_allowed"
    LOOKED_UP = "looked_up"
    ALLOWED = "allowed"
    NO_CAMERA = "no_camera"
    PERMISSION_NOT_SEEN = "permission_not_seen"
    CAMERAS_NOT_SEEN = "cameras_not_seen"


class Place(StrEnum):
    """What is known of all cameras together."""

    KEPT_OUT = "kept_out"
    ALLOWED = "allowed"
    LOOKED_UP = "looked_up"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_lookup_days: int = limit(
        7, doc="A camera that looked up the place counts for so many days.", minimum=1, maximum=90
    )


def judge(seen: Geotagging, limits: Limits) -> Verdict:
    """What a camera does with the place is its own secret: only one that cannot know it is sure not to store it."""
    looked_up = [one for one in seen.cameras if _looked_up(one, limits)]
    unclear = (
        *(_allowed(seen, one) for one in seen.cameras if one.may_locate and one not in looked_up),
        *(_not_seen(seen, one) for one in seen.cameras if one.may_locate is None),
        *_blind(seen),
    )
    return rule(
        broken=[_broken(seen, one, counted(limits.max_lookup_days, "day")) for one in looked_up],
        unclear=unclear,
        kept=Point(reason=Reason.NOT_ALLOWED, because="no camera app that we know may look up the place"),
        measures={"place": _place(seen.cameras, looked_up, unclear)},
    )


def _looked_up(one: Camera, limits: Limits) -> bool:
    """An old look may be from before the person switched it off; without the permission it surely is."""
    days = one.looked_up_days
    return one.may_locate is True and days is not None and 0 <= days <= limits.max_lookup_days


def _broken(seen: Geotagging, one: Camera, within: str) -> Point:
    because = f"a camera app looked up the place within {within}"
    return Point(reason=Reason.LOOKED_UP, because=because, exact={**_exact(seen, one), "within": within})


def _allowed(seen: Geotagging, one: Camera) -> Point:
    because = "a camera app may look up the place; whether it stores it cannot be read"
    return Point(reason=Reason.ALLOWED, because=because, exact={**_exact(seen, one), "why": Why.NOT_SAID})


def _not_seen(seen: Geotagging, one: Camera) -> Point:
    why = {gap.part: gap.why for gap in seen.gaps}.get("permission", Why.NOT_SAID)
    because = f"whether a camera app may look up the place not seen: {MEANING[why][1]}"
    return Point(reason=Reason.PERMISSION_NOT_SEEN, because=because, exact={**_exact(seen, one), "why": why})


def _exact(seen: Geotagging, one: Camera) -> Exact:
    """The person reads which camera; the steps go by the app or, for the phone's own, by the maker."""
    match one.app:
        case CameraApp.OTHER:
            return {"camera": one.name}
        case CameraApp.BUILT_IN:
            known = seen.maker not in (None, Maker.OTHER)
            return {"camera": TITLES[one.app], **({"maker": str(seen.maker)} if known else {})}
        case _:
            return {"camera": TITLES[one.app], "client": one.app}


def _blind(seen: Geotagging) -> Iterator[Point]:
    yield from not_seen(Reason, seen, {gap.part: None for gap in seen.gaps if gap.part == "cameras"})
    if not seen.cameras:
        yield Point(reason=Reason.NO_CAMERA, because="no camera app that we know was found")


def _place(cameras: Iterable[Camera], looked_up: list[Camera], unclear: tuple[Point, ...]) -> Place:
    if looked_up:
        return Place.LOOKED_UP
    if any(one.may_locate for one in cameras):
        return Place.ALLOWED
    return Place.NOT_SEEN if unclear else Place.KEPT_OUT


TITLES = {
    CameraApp.BUILT_IN: "Camera",
    CameraApp.GOOGLE: "Google Camera",
    CameraApp.OPEN_CAMERA: "Open Camera",
}
"""As people find them on their screen."""

CHECK = Check(
    id="geotagging",
    title="Cameras cannot look up the place",
    severity=Severity.LOW,
    fact=Geotagging,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"place": Place},
    requirements=("R7",),
    platforms=PHONES,
    saw=Saw(good=Word.OFF, bad=Word.ON),
)
