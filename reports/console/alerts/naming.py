"""What messages call a device, and how they give numbers: by code, in bands, never more than the reader needs."""

from typing import Any

from reports.console.alerts.rules import Names
from reports.console.fleet import code_of

SMALL = 5


def name_of(device: Any, names: Names) -> str:
    """Of a row with `device_id`, `label` and `kind`."""
    if names is Names.LABEL and device.label:
        return f"{device.label}, {device.kind}"
    return f"SCR-{code_of(device.device_id)}"


def banded(count: int) -> str:
    """`0`, `1-5`, or the number: a small one would say too much of one person."""
    return "1-5" if 0 < count <= SMALL else str(count)
