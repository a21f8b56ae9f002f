"""What a practice wants to be told, when and how often: its rules, their defaults, and how they are read."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from checks.model import Severity
from reports.console.console import Console

SETTING = "alerts"
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
MOST_DAYS = 60
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class RulesError(ValueError):
    """A value is outside its range. `fault` names the field."""

    def __init__(self, fault: str, sentence: str) -> None:
        super().__init__(sentence)
        self.fault = fault


class When(StrEnum):
    """How soon."""

    NOW = "now"
    """Within minutes, quiet hours aside."""
    DIGEST = "digest"
    """In the daily mail only."""
    NEVER = "never"
    """Shown on the console, told to nobody."""


class Names(StrEnum):
    """How messages call a device."""

    CODE = "code"
    """By a short code; whose it is stands in the console, behind the sign-in."""
    LABEL = "label"
    """By the label that practice IT gave it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """For one severity."""

    when: When
    repeat_days: int = 0
    """While it stays open, told again after so many days; 0 is never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Of one practice."""

    by_severity: Mapping[Severity, Rule] = field(
        default_factory=lambda: {
            Severity.CRITICAL: Rule(when=When.NOW, repeat_days=1),
            Severity.HIGH: Rule(when=When.NOW, repeat_days=3),
            Severity.MEDIUM: Rule(when=When.NOW),
            Severity.LOW: Rule(when=When.DIGEST),
        }
    )
    quiet_from: str = "20:00"
    """The practice's own time; equal to `quiet_until` where there are no quiet hours."""
    quiet_until: str = "06:30"
    critical_passes: bool = True
    """Critical news are told in quiet hours too."""
    steps: tuple[int, int, int] = (0, 3, 7)
    """Days after a device was due at which its silence weighs more."""
    grace_days: int = 3
    """How long a check may be unable to run."""
    waiver_days: tuple[int, int] = (14, 3)
    """Days before the end of a waiver."""
    digest_at: str = "07:15"
    all_clear_day: int = 0
    """Monday is 0: the digest of this day is sent even when nothing has changed."""
    names: Names = Names.CODE

    def of(self, severity: Severity) -> Rule:
        """The rule for a severity."""
        return self.by_severity[severity]


def rules_of(console: Console, practice_id: str) -> Rules:
    """As the practice set them, or the defaults. Raises StoreError."""
    kept = console.setting(practice_id, SETTING)
    return Rules() if kept is None else read(kept)


def to_plain(rules: Rules) -> dict[str, Any]:
    """For the settings table."""
    return asdict(rules)


def read(given: Mapping[str, Any]) -> Rules:
    """Raises RulesError."""
    return Rules(
        by_severity={one: _rule(given["by_severity"][one.value], one) for one in Severity},
        quiet_from=_time(given["quiet_from"], "quiet_from"),
        quiet_until=_time(given["quiet_until"], "quiet_until"),
        critical_passes=bool(given["critical_passes"]),
        steps=_rising(given["steps"]),
        grace_days=_days(given["grace_days"], "grace_days"),
        waiver_days=_falling(given["waiver_days"]),
        digest_at=_time(given["digest_at"], "digest_at"),
        all_clear_day=_number(given["all_clear_day"], "all_clear_day", 6),
        names=_names(given["names"]),
    )


def _rule(given: Mapping[str, Any], severity: Severity) -> Rule:
    try:
        when = When(given["when"])
    except ValueError as error:
        raise RulesError(f"when_{severity}", "Choose now, digest or never.") from error
    return Rule(when=when, repeat_days=_days(given["repeat_days"], f"repeat_{severity}"))


def _names(given: str) -> Names:
    try:
        return Names(given)
    except ValueError as error:
        raise RulesError("names", "Choose code or label.") from error


def _time(given: str, fault: str) -> str:
    if not isinstance(given, str) or not TIME.fullmatch(given):
        raise RulesError(fault, "Give a time as in 07:15.")
    return given


def _days(given: Any, fault: str) -> int:
    return _number(given, fault, MOST_DAYS)


def _number(given: Any, fault: str, most: int) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= most:
        raise RulesError(fault, f"Give a whole number from 0 to {most}.")
    return given


def _rising(given: Any) -> tuple[int, int, int]:
    first, second, third = (_days(one, "steps") for one in given)
    if not first < second < third:
        raise RulesError("step_1", "Each step comes later than the one before.")
    return first, second, third


def _falling(given: Any) -> tuple[int, int]:
    first, second = (_days(one, "waiver_days") for one in given)
    if not first > second:
        raise RulesError("waiver_1", "The first reminder comes earlier than the second.")
    return first, second
