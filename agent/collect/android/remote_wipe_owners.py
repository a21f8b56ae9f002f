"""Who owns and who administers the phone: the head of `dumpsys device_policy`, and `dpm list-owners` in its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agent.collect.host import CollectError
from checks.evidence import Why

MAIN = 0
"""The user whose pictures the camera keeps."""
HEADERS = (
    ("device", re.compile(r"^ *Device Owner: *$")),
    ("profile", re.compile(r"^ *Profile Owner \(User ([0-9]{1,6})\): *$")),
    # Android 8 and 9 may leave out what follows the number.
    ("admins", re.compile(r"^ *Enabled Device Admins \(User ([0-9]{1,6})(?:, [^()]{0,60})?\): *$")),
)
"""Android prints the first without an owner too, and `Device Owner Type:` always: only an admin below it counts."""
OWNER = re.compile(r"^admin=ComponentInfo\{([A-Za-z0-9._]{1,255})/([A-Za-z0-9._$]{1,255})\}$")
WHOSE = re.compile(r"^isOrganizationOwnedDevice=(true|false)$")
ADMIN = re.compile(r"^([A-Za-z0-9._]{1,255})/([A-Za-z0-9._$]{1,255}):$")
UID = re.compile(r"^uid=([0-9]{1,10})$")
UIDS_PER_USER = 100_000
POLICY = re.compile(r"^[a-z-]{2,60}$")
END = "mPasswordOwner="
"""What Android prints right after a user's last admin."""
LISTED = re.compile(
    r"^ *User +([0-9]{1,6}): admin=([A-Za-z0-9._]{1,255})/([A-Za-z0-9._$]{1,255}),([A-Za-z0-9(),=]{1,200})$"
)
NONE_LISTED = "no owners"


@dataclass(slots=True, kw_only=True)
class Admin:
    """An app that owns the device or a profile, or administers a user."""

    user: int
    package: str
    receiver: str
    """Name of its class, which may begin with a dot."""
    depth: int = 0
    uid: int | None = None
    policies: set[str] | None = None
    """Powers that it asked for. None: not listed."""

    @property
    def whole(self) -> bool:
        """What an admin's entry always holds was there."""
        return self.uid is not None and self.policies is not None

    @property
    def wipes(self) -> bool:
        """It asked for the power to wipe."""
        return self.uid is not None and self.policies is not None and "wipe-data" in self.policies


@dataclass(slots=True, kw_only=True)
class Management:
    """What a phone says of its owners and admins."""

    device_owners: list[Admin] = field(default_factory=list)
    profile_owners: dict[int, Admin] = field(default_factory=dict)
    """User -> owner."""
    organisations: dict[int, set[str]] = field(default_factory=dict)
    """User of a profile -> what is said of whether the organisation owns the device: "true", "false"."""
    admins: dict[int, list[Admin]] = field(default_factory=dict)
    """User -> admins."""
    whole: set[int] = field(default_factory=set)
    """Users whose list of admins came to its end, with nothing missing that we know of."""


def parse(text: str) -> Management:
    """Raises UNPARSABLE where nothing in the text is an owner or a list of admins, or where it contradicts itself."""
    found = Management()
    for kind, user, lines in _sections(text):
        if kind == "admins":
            _admins(found, user, lines)
        else:
            _owner(found, kind, user, lines)
    if not (found.admins or found.device_owners or found.profile_owners):
        raise CollectError(Why.UNPARSABLE, "no owner and no list of admins")
    if len(found.device_owners) > 1:
        raise CollectError(Why.UNPARSABLE, "more than one owner")
    return found


def _sections(text: str) -> Iterator[tuple[str, int, list[str]]]:
    """(kind, user, the lines below a header that are indented further)"""
    kind, user, depth, lines = "", MAIN, 0, list[str]()
    for line in text.split("\n"):
        header = _header(line)
        deeper = not line.strip() or _depth(line) > depth
        if kind and (header or not deeper):
            yield kind, user, lines
            kind = ""
        if header:
            (kind, user), depth, lines = header, _depth(line), []
        elif kind:
            lines.append(line)
    if kind:
        yield kind, user, lines


def _header(line: str) -> tuple[str, int] | None:
    for kind, pattern in HEADERS:
        if (found := pattern.match(line)) is not None:
            return kind, int(found.group(1)) if found.groups() else MAIN
    return None


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _owner(found: Management, kind: str, user: int, lines: list[str]) -> None:
    """The first admin is Android's own line; what an owner calls itself stands below it and may hold anything."""
    words = [line.strip() for line in lines]
    owner = next((seen for one in words if (seen := OWNER.match(one)) is not None), None)
    if owner is None:
        return
    admin = Admin(user=user, package=owner.group(1), receiver=owner.group(2))
    if kind == "device":
        found.device_owners.append(admin)
        return
    if user in found.profile_owners:
        raise CollectError(Why.UNPARSABLE, "a profile with two owners")
    found.profile_owners[user] = admin
    found.organisations[user] = {seen.group(1) for one in words if (seen := WHOSE.match(one)) is not None}


def _admins(found: Management, user: int, lines: list[str]) -> None:
    if user in found.admins:
        raise CollectError(Why.UNPARSABLE, "a user with two lists of admins")
    admins = found.admins[user] = []
    listing = False
    for line in lines:
        word = line.strip()
        if word.startswith(END):
            if all(admin.whole for admin in admins):
                found.whole.add(user)
            return
        if (entry := ADMIN.match(word)) is not None:
            admin = Admin(user=user, package=entry.group(1), receiver=entry.group(2), depth=_depth(line))
            admins.append(admin)
            listing = False
        elif admins:
            listing = _power(admins[-1], line, word, listing=listing)


def _power(admin: Admin, line: str, word: str, *, listing: bool) -> bool:
    """Note a power; answers whether the list of powers goes on. What an admin holds in a parent's name stands deeper
    and is not its own. A second list, or another user's uid, means that lines are missing.
    """
    if _depth(line) == admin.depth + 2 and (word == "policies:" or UID.match(word)):
        return _own(admin, word)
    if listing and POLICY.match(word) and admin.policies is not None:
        admin.policies.add(word)
        return True
    return False


def _own(admin: Admin, word: str) -> bool:
    uid = UID.match(word)
    if uid is None:
        if admin.policies is not None:
            raise CollectError(Why.UNPARSABLE, "an admin with two lists of powers")
        admin.policies = set()
        return True
    if admin.uid is not None or int(uid.group(1)) // UIDS_PER_USER != admin.user:
        raise CollectError(Why.UNPARSABLE, "an admin of two apps or of another user")
    admin.uid = int(uid.group(1))
    return False


def parse_listed(text: str) -> Management:
    """`dpm list-owners` (Android 12 and later): owners without their powers. Raises UNPARSABLE."""
    found = Management()
    lines = [line for line in text.split("\n") if line.strip()]
    for line in lines:
        owner = LISTED.match(line)
        if owner is None:
            continue
        user, roles = int(owner.group(1)), owner.group(4).split(",")
        admin = Admin(user=user, package=owner.group(2), receiver=owner.group(3))
        if "DeviceOwner" in roles:
            found.device_owners.append(admin)
        else:
            found.profile_owners[user] = admin
    if not (found.device_owners or found.profile_owners) and [line.strip() for line in lines] != [NONE_LISTED]:
        raise CollectError(Why.UNPARSABLE, "no list of owners")
    return found
