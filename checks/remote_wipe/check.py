"""The device is enrolled with something that the practice has found able to wipe it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import MEANING, Why
from checks.model import LAPTOPS, PHONES, Point, Severity, Verdict, rule
from checks.remote_wipe.fact import Enrolment, Product, RemoteWipe
from checks.remote_wipe.products import NAMES, may_wipe
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    ACCEPTED = "accepted"
    NOTHING_FOUND = "nothing_found"
    NOT_ENROLLED = "not_enrolled"
    CANNOT_WIPE = "cannot_wipe"
    WIPE_NOT_CONFIRMED = "wipe_not_confirmed"
    CLIENT_NOT_RUNNING = "client_not_running"
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
        (), doc="Products through which the practice has found that it can wipe its devices."
    )


def judge(seen: RemoteWipe, limits: Limits) -> Verdict:
    """One accepted enrolment is enough. A product that may wipe is a question; only without any is it a fail."""
    kept = [one for one in seen.enrolments if _ready(seen, one) and one.product in limits.accepted]
    unclear = () if kept else tuple(_unclear(seen))
    nothing = Point(reason=Reason.NOTHING_FOUND, because="no enrolment found that could wipe this device")
    broken = () if kept or unclear else tuple(_broken(seen)) or (nothing,)
    return rule(
        broken=broken,
        unclear=unclear,
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
    """An order to wipe could arrive and be followed."""
    return one.enrolled is True and one.running is True and may_wipe(seen.platform, one.product)


def _unclear(seen: RemoteWipe) -> Iterator[Point]:
    """What stands between us and an answer. What is hidden about a product without a wipe changes nothing."""
    why = {gap.part: gap.why for gap in seen.gaps}
    for one in seen.enrolments:
        if one.enrolled is False or not may_wipe(seen.platform, one.product):
            continue
        if one.enrolled is None or one.running is None:
            yield _not_seen(NAMES[one.product], why.get(one.product, Why.NOT_SAID))
        elif one.running:
            because = f"enrolled with {NAMES[one.product]}; the policy does not name it as able to wipe"
            yield _of(one, Reason.WIPE_NOT_CONFIRMED, because)
        else:
            yield _of(one, Reason.CLIENT_NOT_RUNNING, f"enrolled with {NAMES[one.product]}, whose client does not run")
    for part in sorted(why.keys() - set(Product)):
        yield _not_seen(NAMES[Product.OTHER], why[part])


def _broken(seen: RemoteWipe) -> Iterator[Point]:
    for one in seen.enrolments:
        name = NAMES[one.product]
        if one.enrolled:
            yield _of(one, Reason.CANNOT_WIPE, f"enrolled with {name}, which cannot wipe such a device")
        elif one.enrolled is False:
            yield _of(one, Reason.NOT_ENROLLED, f"{name} is installed and the device is not enrolled with it")


def _not_seen(name: str, why: Why) -> Point:
    because = f"enrolment with {name} not seen: {MEANING[why][1]}"
    return Point(reason=Reason.ENROLMENT_NOT_SEEN, because=because, exact={"product": name, "why": why})


def _of(one: Enrolment, reason: Reason, because: str) -> Point:
    return Point(reason=reason, because=because, exact={"product": NAMES[one.product]})


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
    controls=("CIS-Controls-v8:4.11",),
    platforms=LAPTOPS | PHONES,
)
