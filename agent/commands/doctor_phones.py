"""What `scrubin doctor` says of phones: adb, its server, the right to open USB phones, and each phone that is here."""

import os
import stat
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.collect.adb.devices import State
from agent.collect.adb.program import Adb, PortError, Source, programs, server_port
from agent.collect.adb.wire import ask, listening
from agent.collect.host import CollectError
from agent.devices import advice, fingerprint_end
from agent.surroundings import NO_ADB, NO_ANSWER, around
from checks.model import Status

RULES = ("70-scrubin-phones.rules", "51-android.rules")
"""Ours, and that of Debian's android-sdk-platform-tools-common."""
RULE_FOLDERS = ("/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d")
"""In udev's order: of two files of one name the first counts."""
USB = "usb permission"
WIFI_FEATURE = "sendrecv_v2"
"""Servers list it since version 30, which also brought pairing over Wi-Fi."""
NO_RULE = (
    "sudo apt install android-sdk-platform-tools-common",
    "or copy packaging/linux/70-scrubin-phones.rules of scrubin to /etc/udev/rules.d",
    "sudo udevadm control --reload, then plug the phone in again",
)
NO_SEAT = (
    "You are not signed in at this laptop's own screen, so the rule gives you nothing:",
    "sudo apt install android-sdk-platform-tools-common",
    "sudo usermod -aG plugdev $USER, then sign in again",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the answer."""

    status: Status
    name: str
    text: str
    steps: tuple[str, ...] = ()


def findings(
    environ: Mapping[str, str], *, home: str, root: bool, rule_folders: Sequence[str] = RULE_FOLDERS
) -> Iterator[Finding]:
    """All about phones. `root` needs no rule. A server is started if a phone on the cable waits for one."""
    yield adb(programs(environ.get("PATH", "")))
    here = around(environ)
    serving = server(environ)
    yield serving
    if not root:
        yield usb(rule_folders, {one.state for one in here.seen if not one.wireless}, seated="XDG_SEAT" in environ)
    if here.trouble not in ("", NO_ADB, serving.text):
        yield Finding(status=Status.ERROR, name="phones", text=here.trouble)
    key_end = fingerprint_end(home)
    for one in here.seen:
        told = advice(one, key_end=key_end)
        steps = () if one.state is State.READY else (told.action,)
        yield Finding(status=told.status, name="phone", text=told.said, steps=steps)


def adb(found: Sequence[Adb]) -> Finding:
    """The programs, best first."""
    if not found:
        return Finding(
            status=Status.FAIL,
            name="adb",
            text="not installed, so phones can't be asked",
            steps=(NO_ADB.partition(": ")[2],),
        )
    used = next((one for one in found if one.fit_for_wifi), found[0])
    version = "of unknown version" if used.version is None else ".".join(map(str, used.version))
    where = "on PATH" if used.source is Source.PATH else "bundled with adbutils"
    fit = "" if used.fit_for_wifi else "; too old for phones over Wi-Fi, good for the cable"
    return Finding(status=Status.PASS, name="adb", text=f"{version}, {where}{fit}")


def server(environ: Mapping[str, str]) -> Finding:
    """Whether one runs, and what it can do."""
    try:
        port = server_port(environ)
    except PortError as error:
        return Finding(status=Status.FAIL, name="adb server", text=str(error))
    if not listening(port):
        return Finding(status=Status.PASS, name="adb server", text="does not run; a phone on the cable starts it")
    try:
        fit = WIFI_FEATURE in ask(port, "host:host-features").split(",")
    except CollectError:
        return Finding(status=Status.FAIL, name="adb server", text=NO_ANSWER)
    text = f"runs on port {port}{'' if fit else '; too old for phones over Wi-Fi, good for the cable'}"
    return Finding(status=Status.PASS, name="adb server", text=text)


def usb(folders: Sequence[str], wired: Collection[State], *, seated: bool) -> Finding:
    """The right to open phones. `wired`: the states of those on the cable. `seated`: signed in at the screen."""
    rule, refused = _rule(folders), State.NO_PERMISSIONS in wired
    if not refused and (rule or State.READY in wired):
        return Finding(status=Status.PASS, name=USB, text=f"{rule} is in place" if rule else "phones can be opened")
    if rule is None:
        text = "no rule lets this account open phones that are plugged in"
        status = Status.FAIL if refused else Status.NOT_APPLICABLE  # there may never be a phone
        return Finding(status=status, name=USB, text=text, steps=NO_RULE)
    steps = ("sudo udevadm control --reload, then plug the phone in again",) if seated else NO_SEAT
    text = f"{rule} is in place, and a phone can't be opened all the same"
    return Finding(status=Status.FAIL, name=USB, text=text, steps=steps)


def _rule(folders: Sequence[str]) -> str | None:
    return next((name for name in RULES if _counts(name, folders)), None)


def _counts(name: str, folders: Sequence[str]) -> bool:
    """The first file of that name counts; an empty one, or a link to /dev/null, takes the others out of force."""
    for folder in folders:
        try:
            seen = os.stat(os.path.join(folder, name))
        except OSError:
            continue
        return stat.S_ISREG(seen.st_mode) and seen.st_size > 0
    return False
