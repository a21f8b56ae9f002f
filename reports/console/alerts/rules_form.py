"""Turns the form of the rules into rules and back."""

from typing import Any

from checks.model import Severity
from reports.console.alerts.rules import MOST_DAYS, Names, Rules, When
from reports.web.entered import Entered


def values_of(rules: Rules) -> dict[str, str]:
    """For the form's fields."""
    values = {
        "quiet_from": rules.quiet_from,
        "quiet_until": rules.quiet_until,
        "critical_passes": "yes" if rules.critical_passes else "",
        "grace_days": str(rules.grace_days),
        "digest_at": rules.digest_at,
        "all_clear_day": str(rules.all_clear_day),
        "names": rules.names.value,
    }
    for place, days in enumerate(rules.steps, 1):
        values[f"step_{place}"] = str(days)
    for place, days in enumerate(rules.waiver_days, 1):
        values[f"waiver_{place}"] = str(days)
    for severity, rule in rules.by_severity.items():
        values[f"when_{severity}"] = rule.when.value
        values[f"repeat_{severity}"] = str(rule.repeat_days)
    return values


def plain_of(entered: Entered) -> dict[str, Any]:
    """As rules.read takes it; look at `entered.faults` first."""

    def days(name: str, label: str) -> int:
        return entered.whole(name, label, low=0, high=MOST_DAYS)

    return {
        "by_severity": {
            one.value: {
                "when": entered.choice(f"when_{one}", f"{one.capitalize()}, told", [when.value for when in When]),
                "repeat_days": days(f"repeat_{one}", f"{one.capitalize()}, again after days"),
            }
            for one in Severity
        },
        "quiet_from": entered.raw("quiet_from").strip(),
        "quiet_until": entered.raw("quiet_until").strip(),
        "critical_passes": entered.ticked("critical_passes"),
        "steps": [days(f"step_{place}", f"Silent, step {place}") for place in (1, 2, 3)],
        "grace_days": days("grace_days", "Days of grace"),
        "waiver_days": [days(f"waiver_{place}", f"Waivers, reminder {place}") for place in (1, 2)],
        "digest_at": entered.raw("digest_at").strip(),
        "all_clear_day": entered.whole("all_clear_day", "Weekly digest", low=0, high=6),
        "names": entered.choice("names", "Devices are called", [one.value for one in Names]),
    }
