"""Every command that is ever sent to a phone: a fixed list, each of which only reads. The door sends no other."""

from collections.abc import Mapping
from dataclasses import dataclass

from agent.collect.host import Command


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A command with what bounds its answer."""

    command: Command
    keep: str = ""
    """Extended regular expression: only these lines leave the phone. "" keeps all."""


def _dump(*words: str, seconds: int = 10) -> Command:
    """dumpsys with its own limit (Android 7 and later), and some more for the way there and back."""
    return Command(argv=("dumpsys", "-t", str(seconds), *words), timeout_s=seconds + 3.0)


PROPERTIES = Command(argv=("getprop",))
IDENTITY = Command(argv=("id",))
SETTINGS: Mapping[str, Command] = {
    table: Command(argv=("settings", "list", table)) for table in ("global", "secure", "system")
}
"""Table -> the command that lists it whole: one start of `settings` in place of one for each key."""
USERS = Command(argv=("pm", "list", "users"))
PACKAGES = Command(argv=("pm", "list", "packages", "--user", "0"))
"""With --user, since without it a work profile that forbids debugging breaks the list in the middle."""
DISABLED = Command(argv=("pm", "list", "packages", "-d", "--user", "0"))
BACKUP_ENABLED = Command(argv=("bmgr", "enabled"))
OWNERS = Command(argv=("dpm", "list-owners"))
"""Android 12 and later; others print their usage."""
LOCK = _dump("lock_settings")
TRUST = _dump("trust")
KEYGUARD = _dump("window", "policy")
SUPERUSER = Command(argv=("ls", "/system/bin/su", "/system/xbin/su", "/sbin/su", "/su/bin/su"))
SUPERUSER_ON_PATH = Command(argv=("which", "su"))
USER_STATES = _dump("user")
VOLUMES = _dump("mount")
"""The phone's own memory with its cards and sticks, whose names stay there."""
DEVICE_POLICY = _dump("device_policy")
ACCOUNTS = _dump("account")
SYNC = _dump("content")
BACKUP = _dump("backup")
DEBUGGING = _dump("adb")
PHOTO_JOBS = _dump("jobscheduler", "com.google.android.apps.photos")
PLACE_LOOKED_UP = _dump("appops", "--op", "FINE_LOCATION")
"""When each app last asked where the phone is (Android 9 and later), never where it was."""
APPS = _dump("package", "packages", seconds=20)
"""Every app with its permissions; megabytes, hence sifted on the phone."""
SHARED_USERS = _dump("package", "shared-users", seconds=20)
"""Permissions of apps that share a user id stand here and not with the app."""

REFUSALS = (
    "Security ?[Ee]xception|Permission [Dd]eni|[Cc]an.t find service|not found|inaccessible|DUMP TIMEOUT"
    "|FAILED_TRANSACTION|DEAD_OBJECT|^Error |^Exception occurred|Failure calling service|Is the system running"
    "|^Unknown (command|option)"
)
"""Of every sifted dump: all lines with which Android refuses or breaks off (see answers.py, which reads them)."""
_PERMISSIONS = (
    "READ_MEDIA_|WRITE_MEDIA_STORAGE|(READ|WRITE|MANAGE)_EXTERNAL_STORAGE|ACCESS_(FINE|COARSE)_LOCATION|[.]CAMERA(:|$)"
)
APP_LINES = (
    "^(Packages|Hidden system packages|Shared users|Renamed packages):|^ +(Package|SharedUser) \\[|^ +sharedUser="
    f"|^ +(pkgFlags|flags)=|^ +versionCode=|^ +User [0-9]+:|^ +[a-z]+ permissions:|{_PERMISSIONS}|{REFUSALS}"
)
"""Of a dump of apps: where one begins, for which Android it was made, for whom it is installed, and its permissions."""
PLACE_LINES = f"^ +Uid |^ +Package |^ +[A-Z][A-Z_]+ \\(|^ +Access: |{REFUSALS}"
"""Of a dump of one operation: whose app it is and when it was let do it."""

VOLUME_LINES = f"^(Disks|Volumes|Records):|^ +(Disk|Volume)Info[{{]|^ +type=[A-Z]+ diskId=|{REFUSALS}"

READINGS: tuple[Reading, ...] = (
    Reading(command=PROPERTIES),
    Reading(command=IDENTITY),
    Reading(command=LOCK),
    *(Reading(command=one) for one in SETTINGS.values()),
    Reading(command=TRUST),
    Reading(command=VOLUMES, keep=VOLUME_LINES),
    Reading(command=USERS),
    Reading(command=PACKAGES),
    Reading(command=DISABLED),
    Reading(command=BACKUP_ENABLED),
    Reading(command=SUPERUSER),
    Reading(command=SUPERUSER_ON_PATH),
    Reading(command=DEVICE_POLICY),
    Reading(command=OWNERS),
    Reading(command=USER_STATES),
    Reading(command=ACCOUNTS),
    Reading(command=SYNC),
    Reading(command=BACKUP),
    Reading(command=KEYGUARD),
    Reading(command=DEBUGGING),
    Reading(command=PHOTO_JOBS),
    Reading(command=PLACE_LOOKED_UP, keep=PLACE_LINES),
    Reading(command=APPS, keep=APP_LINES),
    Reading(command=SHARED_USERS, keep=APP_LINES),
)
"""In the order in which they are sent: light ones first, so that a dropped cable leaves most of the evidence."""
