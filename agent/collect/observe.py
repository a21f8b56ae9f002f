"""probe -> evidence: the one place where a failed look becomes a reason."""

from collections.abc import Callable
from typing import TypeVar

from agent.collect.host import CollectError, Host
from checks.evidence import Evidence, Fact, Gap, Observed, Unobserved

F = TypeVar("F", bound=Fact)
T = TypeVar("T")
SOURCE = "device"


def observe(probe: Callable[[Host], F], host: Host) -> Evidence[F]:
    """Run a probe. A CollectError becomes Unobserved; anything else is a fault and goes up to the audit loop."""
    try:
        fact = probe(host)
    except CollectError as error:
        return Unobserved(why=error.why, detail=error.detail, source=SOURCE, at=host.now())
    return Observed(fact=fact, source=SOURCE, at=host.now())


def attempt(gaps: list[Gap], part: str, look: Callable[[], T]) -> T | None:
    """Look at one part of a fact; on CollectError note the gap and answer None, so that the other parts still count."""
    try:
        return look()
    except CollectError as error:
        gaps.append(Gap(part=part, why=error.why, detail=error.detail))
        return None
