"""Which probe answers which check on Android phones."""

from collections.abc import Mapping

from agent.collect.android import (
    cloud_backup,
    encryption,
    geotagging,
    integrity,
    messaging_apps,
    photo_access,
    remote_wipe,
    screen_lock,
    updates,
    usb_debugging,
    users,
)
from agent.collect.android.owner import of_the_person
from agent.collect.probe import Probe

PROBES: Mapping[str, Probe] = {
    "screen_lock": Probe(look=of_the_person(screen_lock.probe), canary=screen_lock.CANARY),
    "cloud_backup": Probe(look=of_the_person(cloud_backup.probe), canary=cloud_backup.CANARY),
    "remote_wipe": Probe(look=of_the_person(remote_wipe.probe), canary=remote_wipe.CANARY),
    "encryption": Probe(look=encryption.probe, canary=encryption.CANARY),
    "updates": Probe(look=updates.probe, canary=updates.CANARY),
    "integrity": Probe(look=integrity.probe, canary=integrity.CANARY),
    "users": Probe(look=users.probe, canary=users.CANARY),
    "photo_access": Probe(look=of_the_person(photo_access.probe), canary=photo_access.CANARY),
    "messaging_apps": Probe(look=of_the_person(messaging_apps.probe), canary=messaging_apps.CANARY),
    "geotagging": Probe(look=of_the_person(geotagging.probe), canary=geotagging.CANARY),
    "usb_debugging": Probe(look=usb_debugging.probe, canary=usb_debugging.CANARY),
}
