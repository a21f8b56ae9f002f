"""What the system runs on: a container, a virtual machine or a real laptop."""

import re

from agent.collect.absent import text_if_there, there
from agent.collect.host import CollectError, Host
from checks.encryption.fact import Machine
from checks.evidence import Why

MARKS = ("/.dockerenv", "/run/.containerenv")
"""Files that container tools leave in the root they make."""
DMI = ("/sys/class/dmi/id/sys_vendor", "/sys/class/dmi/id/product_name")
VIRTUAL = re.compile(
    r"\b(qemu|kvm|vmware|virtualbox|innotek|xen|bochs|parallels|bhyve|virtual machine|virtualization|amazon ec2|"
    r"google compute engine|openstack|dummy-virt)\b",
    re.IGNORECASE,
)
"""Words in the names that hypervisors give their machines."""


def machine(host: Host) -> Machine:
    """Raises NOT_SAID where neither the processor nor the firmware says anything."""
    if _contained(host):
        return Machine.CONTAINER
    flags = processor_flags(host.read("/proc/cpuinfo"))
    if "hypervisor" in flags:
        return Machine.VIRTUAL
    names = " ".join(filter(None, (_text(host, path) for path in DMI))) or _device_tree(host)
    if VIRTUAL.search(names):
        return Machine.VIRTUAL
    if not flags and not names:
        raise CollectError(Why.NOT_SAID, "what the system runs on")
    return Machine.REAL


def processor_flags(text: str) -> frozenset[str]:
    """What the first processor can do, on x86; nothing elsewhere."""
    for line in text.split("\n"):
        key, _, value = line.partition(":")
        if key.strip() == "flags":
            return frozenset(value.split())
    return frozenset()


def _contained(host: Host) -> bool:
    """systemd writes down the kind of container it found itself in, and its word beats the marks."""
    kind = _text(host, "/run/systemd/container")
    if kind is not None:
        return kind != "none"
    return any(there(host, path) for path in MARKS)


def _device_tree(host: Host) -> str:
    """Boards without DMI name themselves here."""
    return (_text(host, "/proc/device-tree/compatible") or "").replace("\0", " ")


def _text(host: Host, path: str) -> str | None:
    text = text_if_there(host, path)
    return None if text is None else text.strip()
