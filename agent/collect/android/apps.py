"""Apps of the phone's owner with their permissions for pictures and places, from a dump of all packages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from agent.collect.android.answers import answer
from agent.collect.android.commands import APPS, SHARED_USERS
from agent.collect.android.properties import release
from agent.collect.host import CollectError, Host
from checks.evidence import Why

OWNER = "0"
SECTION = re.compile(r"^([A-Z][A-Za-z ]*):$")
ENTRY = re.compile(r"^ +(?:Package|SharedUser) \[([A-Za-z0-9._]{1,255})\]")
SHARED = re.compile(r"^ +sharedUser=SharedUserSetting\{\S+ ([A-Za-z0-9._]{1,255})/")
FLAGS = re.compile(r"^ +(?:pkgF|f)lags=\[(.*)\]")
USER = re.compile(r"^ +User ([0-9]+):(.*)$")
LIST = re.compile(r"^ +([a-z]+) permissions:$")
MADE_FOR = re.compile(r"^ +versionCode=[0-9]{1,20} .{0,80}\btargetSdk=([0-9]{1,3})\b")
PERMISSION = re.compile(r"^ +android\.permission\.([A-Z][A-Z0-9_]{2,60})(?::| *$)(?: granted=(true|false))?")
STATE = re.compile(r"\b(installed|hidden|enabled)=(\w+)")
SINCE: Mapping[str, int] = {
    "MANAGE_EXTERNAL_STORAGE": 30,
    "READ_MEDIA_IMAGES": 33,
    "READ_MEDIA_VIDEO": 33,
    "READ_MEDIA_VISUAL_USER_SELECTED": 34,
}
"""The first API level that knows a permission."""
GIVEN_UP: Mapping[str, int] = {"READ_EXTERNAL_STORAGE": 33, "WRITE_EXTERNAL_STORAGE": 30}
"""From this API level on a permission lets nobody see pictures, in apps that were made for that level. A phone that was
brought up to date keeps it granted."""
READS = ("READ_MEDIA_IMAGES", "READ_EXTERNAL_STORAGE", "MANAGE_EXTERNAL_STORAGE")
WRITES = ("WRITE_EXTERNAL_STORAGE", "WRITE_MEDIA_STORAGE")
"""Permissions that let an app read as well, on older systems or in apps that came with the phone. They are asked for
beside others and seldom told of where they were not granted, so only a granted one says something."""
OFF = frozenset({"2", "3", "4"})
"""Values of `enabled` with which an app cannot run; 0 and 1 let it."""


class Sees(StrEnum):
    """How much of the person's pictures an app may read."""

    ALL = "all"
    CHOSEN = "chosen"
    """Only those that the person picks for it (Android 14 and later)."""
    NONE = "none"


@dataclass(slots=True, kw_only=True)
class App:
    """One app, for the phone's owner."""

    name: str
    system: bool = False
    """It came with the phone."""
    installed: bool | None = None
    """For the owner, and not hidden by whoever manages the phone. None: the dump was cut before it said so."""
    enabled: bool | None = None
    made_for: int | None = None
    """API level for which it was made, which rules what its permissions let it do. None: not seen."""
    shared: str = ""
    """The shared user id under which its permissions stand; "" for most apps."""
    granted: dict[str, bool] = field(default_factory=dict)
    """Last part of a permission's name, such as CAMERA -> whether the owner's copy holds it."""
    requested: set[str] = field(default_factory=set)
    """Permissions that it asks for, granted or not."""
    users: set[str] = field(default_factory=set)
    """For whom the dump told of it."""
    whole: bool = True
    """False where lines are missing from the dump, so that what it lacks may only have been lost."""
    group_read: bool = True
    """False where the permissions of its shared user id were not: another app of the group may have asked for them."""

    @property
    def runs(self) -> bool | None:
        """It is installed and not switched off. None: not seen."""
        if self.installed is None or self.enabled is None:
            return None
        return self.installed and self.enabled

    def holds(self, permission: str) -> bool | None:
        """Whether it holds a permission. None: it asks for it and the dump does not say, or lines are missing."""
        if self.granted.get(permission):
            return True
        if not (self.whole and self.group_read):
            return None
        return None if permission in self.requested and permission not in self.granted else False

    @property
    def pictures(self) -> Sees | None:
        """How much it may read. None: not seen.

        All-files access is granted elsewhere, so an app that asks for it is not known to lack it.
        """
        held = [self.holds(one) for one in READS]
        if any(held) or any(self.granted.get(one) for one in WRITES):
            return Sees.ALL
        chosen = self.holds("READ_MEDIA_VISUAL_USER_SELECTED")
        if None in (*held, chosen) or "MANAGE_EXTERNAL_STORAGE" in self.requested:
            return None
        return Sees.CHOSEN if chosen else Sees.NONE


def apps(host: Host) -> Mapping[str, App]:
    """Name -> app. Permissions of shared user ids are put in. Raises CollectError."""
    found = parse(answer(host, APPS), "Packages")
    users = {user for app in found.values() for user in app.users}
    level = _level(host)
    for app in found.values():
        app.requested -= {permission for permission, first in SINCE.items() if level is not None and level < first}
        # Android tells of every app for every user: where one is missing, another's permissions may have slipped in.
        app.whole = app.whole and app.users == users
    if any(app.shared for app in found.values()):
        groups = _shared(host)
        for app in found.values():
            _join(app, groups)
    for app in found.values():
        _give_up(app, level)
    return found


def _level(host: Host) -> int | None:
    """None where it could not be read: then every permission counts."""
    try:
        return release(host)
    except CollectError:
        return None


def _give_up(app: App, level: int | None) -> None:
    """Forget what has no force any more. Where it was not seen what the app was made for, a leftover is not seen."""
    for permission, first in GIVEN_UP.items():
        if level is None or level < first:
            continue
        if app.made_for is not None and app.made_for >= first:
            app.granted.pop(permission, None)
            app.requested.discard(permission)
        elif app.made_for is None and permission in READS and app.granted.get(permission):
            del app.granted[permission]
            app.requested.add(permission)


def _shared(host: Host) -> Mapping[str, App]:
    """Permissions by shared user id; none where they could not be read, so that what is asked for stays not seen."""
    try:
        return parse(answer(host, SHARED_USERS), "Shared users")
    except CollectError:
        return {}


def _join(app: App, groups: Mapping[str, App]) -> None:
    """Where the group was not read, nothing is known to be lacking."""
    app.group_read = app.shared in groups or not app.shared
    if app.shared in groups:
        for permission, granted in groups[app.shared].granted.items():
            _grant(app, permission, granted)


def parse(text: str, section: str) -> dict[str, App]:
    """The entries of one section. An updated app's older self, in a section of its own, is left out.

    Raises UNPARSABLE where the section is missing or empty.
    """
    found: dict[str, App] = {}
    app: App | None = None
    user = kind = ""
    for line in _lines(text, section):
        if (entry := ENTRY.match(line)) is not None:
            app, user, kind = _begun(found, entry.group(1)), "", ""
        elif app is None:
            continue
        elif (mark := USER.match(line)) is not None:
            user, kind = mark.group(1), ""
            _for_user(app, user, mark.group(2))
        elif (title := LIST.match(line)) is not None:
            kind = title.group(1)
        else:
            _detail(app, line, user=user, kind=kind)
    if not found:
        raise CollectError(Why.UNPARSABLE, f"no entry under {section}")
    return found


def _begun(found: dict[str, App], name: str) -> App | None:
    """A new entry; None for a second one, which can only be an older self whose section's title was lost."""
    if name in found:
        return None
    found[name] = App(name=name)
    return found[name]


def _for_user(app: App, user: str, state: str) -> None:
    """A second telling for the same user is that of another app, whose name was lost."""
    if user in app.users:
        app.whole, app.installed, app.enabled = False, None, None
    elif user == OWNER:
        _state(app, state)
    app.users.add(user)


def _lines(text: str, section: str) -> Iterator[str]:
    inside = False
    for line in text.splitlines():
        title = SECTION.match(line)
        if title is not None:
            inside = title.group(1) == section
        elif inside:
            yield line


def _state(app: App, text: str) -> None:
    state = dict(STATE.findall(text))
    if state.get("installed") in ("true", "false"):
        app.installed = state["installed"] == "true" and state.get("hidden") != "true"
    if state.get("enabled", "").isdigit():
        app.enabled = state["enabled"] not in OFF


def _detail(app: App, line: str, *, user: str, kind: str) -> None:
    if (flags := FLAGS.match(line)) is not None:
        app.system = app.system or "SYSTEM" in flags.group(1).split()
    elif (shared := SHARED.match(line)) is not None:
        app.shared = shared.group(1)
    elif (level := MADE_FOR.match(line)) is not None:
        # Of two levels one is another app's: for older ones more permissions have force.
        app.made_for = min(int(level.group(1)), app.made_for or int(level.group(1)))
    elif (permission := PERMISSION.match(line)) is not None:
        name, granted = permission.groups()
        if kind == "requested":
            app.requested.add(name)
        # Install permissions stand outside the users and hold for all of them.
        if granted is not None and user in ("", OWNER):
            _grant(app, name, granted == "true")


def _grant(app: App, permission: str, granted: bool) -> None:
    """Where lines disagree, one is not this app's: it is then taken to hold the permission."""
    app.granted[permission] = granted or app.granted.get(permission, False)
