"""Every check that there is, in the order in which people read them."""

from typing import Any

from checks.clinical_images.check import CHECK as CLINICAL_IMAGES
from checks.cloud_backup.check import CHECK as CLOUD_BACKUP
from checks.encryption.check import CHECK as ENCRYPTION
from checks.geotagging.check import CHECK as GEOTAGGING
from checks.integrity.check import CHECK as INTEGRITY
from checks.messaging_apps.check import CHECK as MESSAGING_APPS
from checks.photo_access.check import CHECK as PHOTO_ACCESS
from checks.policy_form import CHECK_IDS
from checks.remote_wipe.check import CHECK as REMOTE_WIPE
from checks.screen_lock.check import CHECK as SCREEN_LOCK
from checks.shared_use.check import CHECK as SHARED_USE
from checks.spec import Check
from checks.updates.check import CHECK as UPDATES
from checks.usb_debugging.check import CHECK as USB_DEBUGGING
from checks.users.check import CHECK as USERS

CATALOG: tuple[Check[Any, Any], ...] = (
    SCREEN_LOCK,
    CLOUD_BACKUP,
    REMOTE_WIPE,
    CLINICAL_IMAGES,
    ENCRYPTION,
    UPDATES,
    INTEGRITY,
    SHARED_USE,
    USERS,
    PHOTO_ACCESS,
    MESSAGING_APPS,
    GEOTAGGING,
    USB_DEBUGGING,
)
IDS = CHECK_IDS
"""Stable names, those of checks still to come included: policies may already speak of them."""
