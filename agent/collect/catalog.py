"""Which probe answers which check on which platform; whatever stands here nowhere is unknown, "no probe yet"."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from agent.collect.canary import Canary
from agent.collect.host import Host
from agent.collect.linux import (
    cloud_backup as linux_cloud_backup,
)
from agent.collect.linux import (
    encryption as linux_encryption,
)
from agent.collect.linux import (
    remote_wipe as linux_remote_wipe,
)
from agent.collect.linux import (
    screen_lock as linux_screen_lock,
)
from agent.collect.linux import (
    shared_use as linux_shared_use,
)
from agent.collect.linux import (
    updates as linux_updates,
)
from checks.model import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """How one check is looked at on one platform."""

    look: Callable[[Host], Any]
    """Returns the check's fact or raises CollectError."""
    canary: Canary


def _probe(module: Any) -> Probe:
    return Probe(look=module.probe, canary=module.CANARY)


PROBES: Mapping[Platform, Mapping[str, Probe]] = {
    Platform.LINUX: {
        "screen_lock": _probe(linux_screen_lock),
        "cloud_backup": _probe(linux_cloud_backup),
        "remote_wipe": _probe(linux_remote_wipe),
        "encryption": _probe(linux_encryption),
        "updates": _probe(linux_updates),
        "shared_use": _probe(linux_shared_use),
    },
}


def probes(platform: Platform, photo_folders: tuple[str, ...] = ()) -> Mapping[str, Probe]:
    """The probes of a platform; `photo_folders` are absolute folders besides those that the system names."""
    known = PROBES.get(platform, {})
    if platform is Platform.LINUX and photo_folders:
        cloud = Probe(look=linux_cloud_backup.probe_with(photo_folders), canary=linux_cloud_backup.CANARY)
        disks = Probe(look=linux_encryption.probe_with(photo_folders), canary=linux_encryption.CANARY)
        return {**known, "cloud_backup": cloud, "encryption": disks}
    return known
