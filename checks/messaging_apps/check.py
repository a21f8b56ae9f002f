"""No messaging app is installed, of those that we know, that the practice has not approved."""

from dataclasses import dataclass
from enum import StrEnum

from checks.evidence import MEANING, Why
from checks.messaging_apps.fact import Chat, Found, MessagingApps
from checks.messaging_apps.products import TITLES
from checks.model import PHONES, Point, Severity, Verdict, rule
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    NONE_FOUND = "none_found"
    APPROVED_ONLY = "approved_only"
    SWITCHED_OFF_ONLY = "switched_off_only"
    NOT_APPROVED = "not_approved"
    RUNNING_NOT_SEEN = "running_not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    approved: tuple[Chat, ...] = limit((), doc="Messaging apps that may be on a phone that takes clinical pictures.")


def judge(seen: MessagingApps, limits: Limits) -> Verdict:
    """That an app is there is no proof of misuse; it is proof that nobody has looked at how it protects pictures."""
    others = [one for one in seen.found if one.app not in limits.approved]
    running = [one for one in others if one.runs]
    return rule(
        broken=[_not_approved(one) for one in running],
        unclear=[_not_seen(seen, one) for one in others if one.runs is None],
        kept=_kept(seen),
        measures={"not_approved": tuple(one.app for one in running)},
    )


def _not_approved(one: Found) -> Point:
    because = f"{TITLES[one.app]} is installed and the practice has not approved it"
    return Point(reason=Reason.NOT_APPROVED, because=because, exact={"client": one.app, "product": TITLES[one.app]})


def _not_seen(seen: MessagingApps, one: Found) -> Point:
    why = {gap.part: gap.why for gap in seen.gaps}.get(one.app, Why.NOT_SAID)
    because = f"whether {TITLES[one.app]} can run not seen: {MEANING[why][1]}"
    exact = {"client": one.app, "product": TITLES[one.app], "why": why}
    return Point(reason=Reason.RUNNING_NOT_SEEN, because=because, exact=exact)


def _kept(seen: MessagingApps) -> Point:
    """Claims no more than the apps that we know."""
    running = [TITLES[one.app] for one in seen.found if one.runs is not False]
    if running:
        names = ", ".join(running)
        because = f"only messaging apps that the practice approves are installed: {names}"
        return Point(reason=Reason.APPROVED_ONLY, because=because, exact={"products": names})
    if seen.found:
        because = "no messaging app that we know can run; some are installed and switched off"
        return Point(reason=Reason.SWITCHED_OFF_ONLY, because=because)
    return Point(reason=Reason.NONE_FOUND, because="no messaging app that we know is installed")


CHECK = Check(
    id="messaging_apps",
    title="Only approved messaging apps are installed",
    severity=Severity.MEDIUM,
    fact=MessagingApps,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"not_approved": Chat},
    requirements=("R8",),
    controls=("CIS-Controls-v8:2.3",),
    platforms=PHONES,
)
