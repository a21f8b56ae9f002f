"""Intune and Entra: the portal's own record of its registration, and the identity broker's status."""

import re
import tomllib

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Command, Host
from checks.evidence import Why
from checks.remote_wipe.fact import Enrolment, Product

NO_BROKER = 2
"""Exit code of `dsreg --status` where the identity broker is not there."""


def intune(host: Host) -> Enrolment | None:
    """Enrolled once the record names the device; signing in alone writes only the account."""
    hints = _hints(host)
    return None if hints is None else Enrolment(product=Product.INTUNE, enrolled="device_hint" in hints)


def entra(host: Host) -> Enrolment | None:
    """As the broker says; older brokers have no tool, there the portal's record answers."""
    registered = _broker(host)
    if registered is None:
        registered = "aad_device_hint" in (_hints(host) or ())
    return Enrolment(product=Product.ENTRA, enrolled=True) if registered else None


def parse_registration(text: str) -> frozenset[str]:
    """Names of the hints that hold something; the values name people and devices and are dropped at once."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise CollectError(Why.UNPARSABLE, "registration.toml") from error
    hints = {"account_hint", "aad_device_hint", "device_hint"}
    return frozenset(name for name in hints if isinstance(table.get(name), str) and table[name].strip())


def parse_dsreg(text: str) -> bool:
    """`Device Registration Status : Registered`, colours taken out. Raises UNPARSABLE without such a line."""
    for line in re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text).split("\n"):
        key, _, value = line.partition(":")
        if key.strip() == "Device Registration Status":
            match value.strip().lower().replace(" ", ""):
                case "registered":
                    return True
                case "notregistered" | "unregistered":
                    return False
            break
    raise CollectError(Why.UNPARSABLE, "dsreg --status")


def _broker(host: Host) -> bool | None:
    """None where there is no broker to ask."""
    try:
        answer = host.run(Command(argv=("dsreg", "--status")))
    except CollectError as error:
        if error.why is Why.TOOL_MISSING:
            return None
        raise
    if answer.exit_code == NO_BROKER:
        return None
    if answer.exit_code != 0:
        raise CollectError(Why.TOOL_FAILED, f"dsreg: exit code {answer.exit_code}")
    return parse_dsreg(answer.stdout)


def _hints(host: Host) -> frozenset[str] | None:
    """None where the portal has never been used."""
    text = text_if_there(host, f"{host.home}/.config/intune/registration.toml")
    return None if text is None else parse_registration(text)
