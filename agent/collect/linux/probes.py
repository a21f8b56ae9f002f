"""Which probe answers which check on Linux laptops."""

from collections.abc import Mapping

from agent.collect.linux import (
    cloud_backup,
    encryption,
    remote_wipe,
    screen_lock,
    shared_use,
    updates,
)
from agent.collect.probe import Probe

PROBES: Mapping[str, Probe] = {
    "screen_lock": Probe(look=screen_lock.probe, canary=screen_lock.CANARY),
    "cloud_backup": Probe(look=cloud_backup.probe, canary=cloud_backup.CANARY),
    "remote_wipe": Probe(look=remote_wipe.probe, canary=remote_wipe.CANARY),
    "encryption": Probe(look=encryption.probe, canary=encryption.CANARY),
    "updates": Probe(look=updates.probe, canary=updates.CANARY),
    "shared_use": Probe(look=shared_use.probe, canary=shared_use.CANARY),
}
