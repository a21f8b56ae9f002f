"""What is left to do when a phone is unplugged: the audit itself needed debugging to be on."""

from agent.runner import Audit
from checks.evidence import Observed
from checks.guidance import steps
from checks.model import Kind
from checks.usb_debugging.check import CHECK, Reason
from checks.usb_debugging.fact import UsbDebugging


def closing(done: Audit) -> tuple[str, tuple[str, ...]] | None:
    """The head and the steps, as this phone's maker names its menus. None for a laptop."""
    device = done.report.device
    if device.kind is not Kind.PHONE:
        return None
    todo = steps(CHECK.id, Reason.ON_DURING_AUDIT, (*_maker(done), device.platform, "any"), {})
    return f"When you unplug the {device.model or 'phone'}:", todo


def _maker(done: Audit) -> tuple[str, ...]:
    for one in done.examined:
        if one.finding.check_id == CHECK.id and isinstance(one.evidence, Observed):
            fact = one.evidence.fact
            if isinstance(fact, UsbDebugging) and fact.maker is not None:
                return (fact.maker,)
    return ()
