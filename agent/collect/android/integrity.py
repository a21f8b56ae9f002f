"""Android: was the system verified at its start, and are there traces of root.

Whoever has root can make up every answer here. A trace proves something; that there is none does not.
"""

import re
from collections.abc import Mapping

from agent.collect.android.answers import answer, any_says, heard
from agent.collect.android.commands import IDENTITY, PROPERTIES, SUPERUSER, SUPERUSER_ON_PATH
from agent.collect.android.maker import KEYS as MAKERS
from agent.collect.android.maker import parse as maker
from agent.collect.android.packages import installed
from agent.collect.android.properties import properties
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.integrity.fact import Boot, History, Integrity
from checks.makers import Maker

CANARY = Canary(answers={PROPERTIES.argv: "getprop.txt"}, reason="unlocked")

STATE = "ro.boot.verifiedbootstate"
FLASH = "ro.boot.flash.locked"
VERIFIED = "ro.boot.vbmeta.device_state"
LOCKED: Mapping[str, Mapping[str, bool]] = {
    STATE: {"green": True, "yellow": True, "orange": False},
    FLASH: {"1": True, "0": False},
    VERIFIED: {"locked": True, "unlocked": False},
}
"""Property -> its value -> whether that says that the phone takes no other system."""
BEFORE_VBMETA = re.compile("2[0-9]")
"""API levels of Android 10 and before: phones that came with Android 8 lack the newest of the three properties."""
FUSES = ("ro.boot.warranty_bit", "ro.warranty_bit")
"""Samsung's; 1 once a system of somebody else has run, for ever."""
EMULATORS = frozenset({"goldfish", "ranchu", "vbox86", "cutf_cvm", "cutf_ivsh", "ttvm_x86", "nox", "android_x86"})
"""Hardware that is none."""
IMITATED = ("ro.kernel.qemu", "ro.boot.qemu")
HARDWARE = ("ro.hardware", "ro.boot.hardware")

BUILT: Mapping[str, tuple[str, ...]] = {
    "ro.debuggable": ("0",),
    "ro.build.type": ("user",),
    "ro.build.tags": ("release-keys",),
}
"""Property -> what it says on a phone that is sold to the public."""
BUILT_TOO: Mapping[str, tuple[str, ...]] = {
    "ro.secure": ("1",),
    "ro.system.build.type": ("user",),
    "ro.system.build.tags": ("release-keys",),
}
"""The same, of properties that not every release has."""
ROOT_APPS = frozenset(
    {
        "com.topjohnwu.magisk", "io.github.vvb2060.magisk", "io.github.huskydg.magisk", "me.weishu.kernelsu",
        "com.rifsxd.ksunext", "me.bmax.apatch", "eu.chainfire.supersu", "com.koushikdutta.superuser",
        "com.noshufou.android.su", "com.thirdparty.superuser", "com.kingroot.kinguser", "com.kingo.root",
        "com.sukisu.ultra", "eu.chainfire.supersu.pro", "me.phh.superuser", "com.kingouser.com", "org.lsposed.manager",
    }
)  # fmt: skip
PATHS = frozenset(SUPERUSER.argv[1:])
ABSENT = re.compile(r"(?:ls: )?(/\S{1,60}): No such file or directory")
CLOSED = re.compile(r"(?:ls: )?(/s(?:bin|u)/\S{1,50}): Permission denied")
"""Up to Android 10 these folders are closed to us on every phone, which says nothing."""
USER = re.compile(r"uid=([0-9]{1,10})\(")


def probe(host: Host) -> Integrity:
    """Look at every part by itself, so that one that fails leaves the others."""
    gaps: list[Gap] = []
    return Integrity(
        virtual=attempt(gaps, "device", lambda: virtual(properties(host))),
        boot=attempt(gaps, "boot", lambda: boot(properties(host))),
        root_program=attempt(gaps, "root_program", lambda: _root_program(host)),
        root_app=attempt(gaps, "root_app", lambda: bool(installed(host) & ROOT_APPS)),
        root_rights=attempt(gaps, "root_rights", lambda: parse_identity(answer(host, IDENTITY)) == 0),
        test_build=attempt(gaps, "test_build", lambda: for_developers(properties(host))),
        history=attempt(gaps, "history", lambda: history(properties(host))),
        unlocking=attempt(gaps, "unlocking", lambda: unlocking(properties(host))),
        gaps=tuple(gaps),
    )


def boot(found: Mapping[str, str]) -> Boot:
    """What the three properties say together; a pass needs each that the release has. Raises CollectError."""
    values = {key: found.get(key, "").strip().casefold() for key in LOCKED}
    if values[STATE] == "red":
        return Boot.FAILED
    for key, value in values.items():
        if value and value not in LOCKED[key]:
            raise CollectError(Why.UNPARSABLE, key)
    locked = {LOCKED[key][value] for key, value in values.items() if value}
    if len(locked) == 2:
        return Boot.CONTRADICTED
    if locked == {False}:
        return Boot.UNLOCKED
    older = BEFORE_VBMETA.fullmatch(found.get("ro.build.version.sdk", "")) is not None
    if not values[STATE] or not values[FLASH] or not (values[VERIFIED] or older):
        raise CollectError(Why.NOT_SAID, "how the system was started")
    return Boot.OTHER_KEY if values[STATE] == "yellow" else Boot.VERIFIED


def history(found: Mapping[str, str]) -> History:
    """What Samsung's fuse says. Raises NOT_SAID where it is not to be read."""
    fuses = {found[key] for key in FUSES if found.get(key, "") != ""}
    if fuses:
        return History.CLEAN if fuses == {"0"} else History.ALTERED
    named = any(found.get(key, "") for key in MAKERS)
    if maker(found) is Maker.SAMSUNG or not named:
        raise CollectError(Why.NOT_SAID, "no warranty bit")
    return History.NOT_KEPT


def unlocking(found: Mapping[str, str]) -> bool:
    """Whether the switch for developers allows it. Raises NOT_SAID where it is not to be read."""
    value = found.get("sys.oem_unlock_allowed", "")
    if value not in ("0", "1"):
        raise CollectError(Why.NOT_SAID, "no word of unlocking")
    return value == "1"


def virtual(found: Mapping[str, str]) -> bool:
    """Whether the hardware is an emulator's. Raises NOT_SAID where the hardware has no name."""
    hardware = {found.get(key, "").casefold() for key in HARDWARE} - {""}
    if hardware & EMULATORS or any(found.get(key) == "1" for key in IMITATED):
        return True
    if not hardware:
        raise CollectError(Why.NOT_SAID, "no name of the hardware")
    return False


def for_developers(found: Mapping[str, str]) -> bool:
    """Whether any property tells of a system for developers. Raises NOT_SAID where one that all have is missing."""
    for key, good in (*BUILT.items(), *BUILT_TOO.items()):
        if found.get(key, "") not in ("", *good):
            return True
    if any(found.get(key, "") == "" for key in BUILT):
        raise CollectError(Why.NOT_SAID, "how the system was built")
    return False


def parse_identity(text: str) -> int:
    """The number of the user as whom we are answered. Raises UNPARSABLE."""
    found = USER.match(text)
    if found is None:
        raise CollectError(Why.UNPARSABLE, "id named no user")
    return int(found.group(1))


def _root_program(host: Host) -> bool:
    return any_says((lambda: _listed(host), lambda: _on_path(host)))


def _listed(host: Host) -> bool:
    said = heard(host, SUPERUSER)
    return parse_listed(f"{said.stdout}\n{said.stderr}")


def _on_path(host: Host) -> bool:
    said = heard(host, SUPERUSER_ON_PATH)
    path = said.stdout.strip()
    if path.endswith("/su"):
        return True
    if path or said.exit_code != 1:
        raise CollectError(Why.UNPARSABLE, "which gave no clear answer")
    return False


def parse_listed(text: str) -> bool:
    """Whether `ls` shows one of the files. Raises UNPARSABLE unless it says of each whether it is there."""
    lines = [line.strip() for line in text.splitlines()]
    if PATHS & set(lines):
        return True
    looks = (ABSENT.fullmatch(line) or CLOSED.fullmatch(line) for line in lines)
    if not {look.group(1) for look in looks if look is not None} >= PATHS:
        raise CollectError(Why.UNPARSABLE, "ls left a file out")
    return False
