"""Debugging, by which a phone is audited, is no more open than the audit needs.

An audit over a cable needs debugging, so that it is on says nothing of the person: it is a pass with something to do
afterwards. What an audit doesn't need is what can be judged: ways in over the network, trust without an end, and trust
in more computers than the practice expects.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from checks.bands import Count, count_band, either
from checks.model import PHONES, Exact, Point, Severity, Verdict, rule
from checks.points import not_seen
from checks.spec import Check, limit
from checks.usb_debugging.fact import UsbDebugging


class Reason(StrEnum):
    """What the judge may notice."""

    ON_DURING_AUDIT = "on_during_audit"
    OFF = "off"
    OPEN_TO_NETWORK = "open_to_network"
    ANY_COMPUTER = "any_computer"
    TRUST_WITHOUT_END = "trust_without_end"
    TOO_MANY_COMPUTERS = "too_many_computers"
    WIRELESS_NOT_SEEN = "wireless_not_seen"
    PLAIN_NOT_SEEN = "plain_not_seen"
    ROUTE_NOT_SEEN = "route_not_seen"
    ASKING_NOT_SEEN = "asking_not_seen"
    END_NOT_SEEN = "end_not_seen"
    COMPUTERS_NOT_SEEN = "computers_not_seen"


class Network(StrEnum):
    """Whether debugging is open to the network."""

    CLOSED = "closed"
    OPEN = "open"
    NOT_SEEN = "not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    max_computers: int = limit(
        1, doc="Most computers that the device trusts until it is told otherwise, the auditing one included.",
        minimum=0, maximum=50,
    )  # fmt: skip
    trust_ends: bool = limit(True, doc="Whether trust in a computer must run out when it no longer connects.")


def judge(seen: UsbDebugging, limits: Limits) -> Verdict:
    """Anything that the audit does not need is broken; that debugging is on while we look is not."""
    shared: dict[str, StrEnum | int] = {
        "network": either(_open(seen), yes=Network.OPEN, no=Network.CLOSED, not_seen=Network.NOT_SEEN),
        "computers": count_band(seen.computers),
        "limit_computers": limits.max_computers,
    }
    if not seen.on:
        return rule(kept=Point(reason=Reason.OFF, because="debugging is off"), measures=shared)
    return rule(
        broken=tuple(_broken(seen, limits)),
        unclear=not_seen(Reason, seen, _parts(seen, limits)),
        kept=Point(
            reason=Reason.ON_DURING_AUDIT,
            because="debugging is on, as the audit needs it, and is not seen to be open any further",
            exact=_menus(seen),
        ),
        measures=shared,
    )


def _open(seen: UsbDebugging) -> bool | None:
    if seen.wireless or seen.plain:
        return True
    return None if None in (seen.wireless, seen.plain) else False


def _parts(seen: UsbDebugging, limits: Limits) -> dict[str, object]:
    """What must be seen for a pass. How we came matters only where there is a way in over the network."""
    closed = _open(seen) is False
    # Who came over the network and saw no way in has not seen the one that let us in.
    wireless = None if closed and seen.by_network else seen.wireless
    parts: dict[str, object] = {"wireless": wireless, "plain": seen.plain, "asking": seen.asks}
    if _open(seen):
        parts["route"] = seen.by_network
    parts["computers"] = seen.computers
    if limits.trust_ends and seen.computers != 0:
        parts["end"] = seen.ends
    return parts


def _broken(seen: UsbDebugging, limits: Limits) -> Iterator[Point]:
    ways = bool(seen.wireless) + bool(seen.plain)
    # We know how we came, or we don't: of two ways in, we need at most one.
    needed = 0 if seen.by_network is False else 1
    if ways > needed:
        because = "debugging is open to the network, which the audit does not need"
        yield Point(reason=Reason.OPEN_TO_NETWORK, because=because, exact=_menus(seen))
    if seen.asks is False:
        yield Point(reason=Reason.ANY_COMPUTER, because="any computer is let in without a question")
    if limits.trust_ends and seen.ends is False and seen.computers:
        because = "trust in a computer never runs out"
        yield Point(reason=Reason.TRUST_WITHOUT_END, because=because, exact=_menus(seen))
    if seen.computers is not None and seen.computers > limits.max_computers:
        because = f"more computers are trusted than the limit of {limits.max_computers}"
        exact = {"computers": seen.computers, "most": limits.max_computers, **_menus(seen)}
        yield Point(reason=Reason.TOO_MANY_COMPUTERS, because=because, exact=exact)


def _menus(seen: UsbDebugging) -> Exact:
    return {} if seen.maker is None else {"maker": seen.maker}


CHECK = Check(
    id="usb_debugging",
    title="Debugging is no more open than an audit needs",
    severity=Severity.MEDIUM,
    fact=UsbDebugging,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"network": Network, "computers": Count, "limit_computers": int},
    requirements=("R18",),
    platforms=PHONES,
)
