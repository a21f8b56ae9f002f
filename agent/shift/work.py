"""What the daemon calls before a shift. What is heavy or hostile is done in short-lived processes of this program."""

import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from agent.child import ChildError
from agent.config import Roster
from agent.desk import Desk
from agent.shift.bounds import SHIFTS
from agent.shift.plan import Plan, Terms
from checks.policy import Policy

log = logging.getLogger(__name__)

NEXT = ("shift", "next", "--json")
NEXT_S = 90.0
"""Twenty seconds for a feed's server, ten for reading what it sent, and patience with a busy laptop."""
TELL = ("shift", "tell", "--json")
TELL_S = 30.0
LATER = frozenset({"no_bus", "nobody_shows"})
"""The person has not signed in to a desktop yet."""
SAYS: Mapping[str, str] = {
    "no_bus": "the person could not be told before their shift: there is no session bus",
    "nobody_shows": "the person could not be told before their shift: no program shows notifications",
    "no_answer": "the program that shows notifications did not answer in time",
    "refused": "the program that shows notifications refused one",
    "not_installed": "the person can't be told before their shift: the extra `page` is not installed",
}


class ShiftWork:
    """See agent.daemon.parts.BeforeShift."""

    def __init__(self, open_desk: Callable[[], Desk], child: Callable[..., str], stop: threading.Event) -> None:
        """`child` runs this program once more, as agent.child.call does."""
        self._open_desk = open_desk
        self._child = child
        self._stop = stop

    def plan(self) -> Plan:
        """See BeforeShift. Raises CannotRun, ChildError."""
        desk = self._open_desk()
        roster = desk.config.roster
        told = terms(desk.in_force.policy, roster)
        if roster is None:
            return Plan(terms=told)
        said = _heard(self._child(NEXT, stop=self._stop, timeout_s=NEXT_S, fine=(0, 2)))
        plan = Plan(terms=told, starts=_starts(said), trouble=str(said.get("trouble", ""))[:300], watched=True)
        if plan.trouble:
            log.warning("%s", plan.trouble)
        if said.get("odd"):
            log.info("the roster holds entries that are not understood")
        return plan

    def ring(self) -> bool:
        """See BeforeShift. Raises ChildError."""
        rung = _heard(self._child(TELL, stop=self._stop, timeout_s=TELL_S, fine=(0, 2))).get("rung")
        if rung in SAYS:
            log.warning("%s", SAYS[str(rung)])
        return rung not in LATER


def terms(policy: Policy, roster: Roster | None) -> Terms:
    """The practice's, and how long before a shift the person wants to know."""
    said = policy.before_shift
    minutes = Terms().minutes_before if said is None else said.minutes_before
    if roster is not None and roster.minutes_before is not None:
        minutes = roster.minutes_before
    return Terms(times=() if said is None else said.times, minutes_before=minutes)


def _heard(text: str) -> Mapping[str, Any]:
    """Raises ChildError."""
    try:
        said = json.loads(text)
    except ValueError as error:
        raise ChildError("the process did not say what it found") from error
    if not isinstance(said, dict):
        raise ChildError("the process did not say what it found")
    return said


def _starts(said: Mapping[str, Any]) -> tuple[datetime, ...]:
    """Raises ChildError."""
    try:
        return tuple(
            datetime.strptime(one, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) for one in said["starts"][:SHIFTS]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise ChildError("the process did not say when shifts begin") from error
