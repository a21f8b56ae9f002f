"""The device is enrolled with something that the practice has found able to wipe it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import MEANING, Why
from checks.model import LAPTOPS, PHONES, Point, Severity, Verdict, Word, rule
from checks.remote_wipe.fact import Enrolment, Product, Reach, RemoteWipe
from checks.remote_wipe.products import LACKS, NAMES, may_wipe
from checks.spec import Check, Saw, limit


class Reason(StrEnum):
    """What the judge may notice."""

    ACCEPTED = "accepted"
    NOTHING_FOUND = "nothing_found"
    NOT_ENROLLED = "not_enrolled"
    CANNOT_WIPE = "cannot_wipe"
    WIPE_NOT_CONFIRMED = "wipe_not_confirmed"
    PROFILE_ONLY = "profile_only"
    FINDER_CANNOT_WORK = "finder_cannot_work"
    FINDER_NOT_CONFIRMED = "finder_not_confirmed"
    FINDER_ON = "finder_on"
    CLIENT_NOT_RUNNING = "client_not_running"
    POWER_NOT_SEEN = "power_not_seen"
    ENROLMENT_NOT_SEEN = "enrolment_not_seen"


class Wipe(StrEnum):
    """How far a remote wipe is in sight."""

    ACCEPTED = "accepted"
    POSSIBLE = "possible"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    accepted: tuple[Product, ...] = limit(
        (), doc="Products through which the practice has found that it can wipe its devices; never `other`."
    )


def judge(seen: RemoteWipe, limits: Limits) -> Verdict:
    """One accepted enrolment is enough. A product that may wipe is a question; only without any is it a fail."""
    kept = [one for one in seen.enrolments if _ready(seen, one) and one.product in limits.accepted]
    unclear = () if kept else tuple(_unclear(seen))
    nothing = Point(reason=Reason.NOTHING_FOUND, because="no enrolment found that could wipe this device")
    broken = () if kept or unclear else tuple(_broken(seen)) or (nothing,)
    return rule(
        broken=broken,
        unclear=(*unclear, *_narrow(seen)) if unclear else (),
        kept=Point(
            reason=Reason.ACCEPTED,
            because="enrolled with a product that the practice accepts for remote wipe",
            exact={"product": NAMES[kept[0].product] if kept else ""},
        ),
        measures={
            "enrolled_with": tuple(one.product for one in seen.enrolments if one.enrolled),
            "wipe": Wipe.ACCEPTED if kept else Wipe.POSSIBLE if unclear else Wipe.NONE,
        },
    )


def _ready(seen: RemoteWipe, one: Enrolment) -> bool:
    """An order to wipe could arrive and be followed. Nobody can have tried out a product that has no name."""
    named = one.product is not Product.OTHER and may_wipe(seen.platform, one.product)
    return one.enrolled is True and one.running is True and one.reach is Reach.DEVICE and named


def _unclear(seen: RemoteWipe) -> Iterator[Point]:
    """What stands between us and an answer. What is hidden about a product without a wipe changes nothing."""
    why = {gap.part: gap.why for gap in seen.gaps}
    for one in seen.enrolments:
        if one.enrolled is not False and may_wipe(seen.platform, one.product) and one.reach in (Reach.DEVICE, None):
            yield _question(one, why.get(one.product))
    for part in sorted(why.keys() - set(Product)):
        yield _not_seen(NAMES[Product.OTHER], why[part])


def _question(one: Enrolment, why: Why | None) -> Point:
    """What is left to ask about a product that may wipe."""
    name = NAMES[one.product]
    if one.finder and one.enrolled is None and why is None:
        return _of(one, Reason.FINDER_NOT_CONFIRMED, f"{name} could be on; only the person can look it up")
    if one.enrolled is None or one.running is None:
        return _not_seen(name, why or Why.NOT_SAID)
    if not one.running:
        return _of(one, Reason.CLIENT_NOT_RUNNING, f"enrolled with {name}, whose client does not run")
    if one.reach is None:
        return _of(one, Reason.POWER_NOT_SEEN, f"enrolled with {name}; whether it may wipe the device was not seen")
    if one.finder:
        return _of(one, Reason.FINDER_ON, f"{name} is on; the policy does not name it as able to wipe")
    because = f"enrolled with {name}; the policy does not name it as able to wipe"
    return _of(one, Reason.WIPE_NOT_CONFIRMED, because)


def _broken(seen: RemoteWipe) -> Iterator[Point]:
    yield from _narrow(seen)
    for one in seen.enrolments:
        name = NAMES[one.product]
        if one.enrolled and not _own_profile(seen, one):
            yield _of(one, Reason.CANNOT_WIPE, f"enrolled with {name}, which cannot wipe such a device")
        elif one.lack is not None:
            because = f"{name} cannot work: {LACKS[one.lack]}"
            exact = {"product": name, "lacking": LACKS[one.lack], "lack": one.lack}
            yield Point(reason=Reason.FINDER_CANNOT_WORK, because=because, exact=exact)
        elif one.enrolled is False:
            yield _of(one, Reason.NOT_ENROLLED, f"{name} is installed and the device is not enrolled with it")


def _narrow(seen: RemoteWipe) -> Iterator[Point]:
    """Worth saying beside any other answer: people take the wipe of a profile for one of their pictures."""
    for one in seen.enrolments:
        if one.enrolled and _own_profile(seen, one):
            because = f"enrolled with {NAMES[one.product]}, which can wipe its own profile only"
            yield _of(one, Reason.PROFILE_ONLY, because)


def _own_profile(seen: RemoteWipe, one: Enrolment) -> bool:
    return one.reach is Reach.PROFILE and may_wipe(seen.platform, one.product)


def _not_seen(name: str, why: Why) -> Point:
    because = f"enrolment with {name} not seen: {MEANING[why][1]}"
    return Point(reason=Reason.ENROLMENT_NOT_SEEN, because=because, exact={"product": name, "why": why})


def _of(one: Enrolment, reason: Reason, because: str) -> Point:
    """`id` chooses the steps that a product has of its own."""
    return Point(reason=reason, because=because, exact={"product": NAMES[one.product], "id": one.product})


CHECK = Check(
    id="remote_wipe",
    title="Enrolled so that it can be wiped if lost",
    severity=Severity.HIGH,
    fact=RemoteWipe,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"enrolled_with": Product, "wipe": Wipe},
    requirements=("R3",),
    saw=Saw(good=Word.ON, bad=Word.OFF, one_suffices=True, settles=frozenset({Reason.FINDER_NOT_CONFIRMED})),
    controls=("CIS-Controls-v8:4.11",),
    platforms=LAPTOPS | PHONES,
)
