"""Android: is the part of the phone's memory that holds the person's files encrypted, and is there a card besides."""

import re
from collections.abc import Mapping
from enum import StrEnum

from agent.collect.android.answers import answer
from agent.collect.android.commands import DEVICE_POLICY, PROPERTIES, VOLUMES
from agent.collect.android.properties import properties, release
from agent.collect.android.screen_lock_credential import credential
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.observe import attempt
from checks.encryption.fact import Encryption, Machine
from checks.evidence import Gap, Why


class Cipher(StrEnum):
    """How the data partition is kept."""

    FILES = "files"
    """Each file with a key of its user (all phones that came with Android 10 or later)."""
    DISK = "disk"
    """The partition as a whole (some with Android 8 and 9)."""
    PLAIN = "plain"


TYPES = {("encrypted", "file"): Cipher.FILES, ("encrypted", "block"): Cipher.DISK}
"""ro.crypto.state and ro.crypto.type."""
NOT_ENCRYPTED = frozenset({"unencrypted", "unsupported"})
STATUS = re.compile(r"^[ \t]*Encryption Status:[ \t]*(\S(?:.{0,60}\S)?)[ \t]*$", re.MULTILINE)
WORDS: Mapping[str, frozenset[Cipher]] = {
    "per-user": frozenset({Cipher.FILES}),
    "block": frozenset({Cipher.DISK}),
    "block default key": frozenset({Cipher.DISK}),
    "default-key": frozenset({Cipher.DISK}),
    "active": frozenset({Cipher.FILES, Cipher.DISK}),
    "inactive": frozenset({Cipher.PLAIN}),
    "unsupported": frozenset({Cipher.PLAIN}),
}
"""What the device policy service calls the same thing."""
SAYS_STATUS = 31
"""From this API level on the service is known to say it."""
SECTION = re.compile(r"(Disks|Volumes|Records):\s*")
DISK = re.compile(r"\s+DiskInfo\{([a-z]{1,20}:[0-9,]{1,30})\}:\s*")
VOLUME = re.compile(r"\s+VolumeInfo\{([a-z]{1,20})[^{}\s]{0,60}\}:\s*")
ON_DISK = re.compile(r"\s+type=[A-Z]{1,20} diskId=(\S{1,60})(?:\s.*)?")
OWN = frozenset({"private", "emulated"})
"""The phone's own memory, and cards that were made part of it: Android encrypts those."""
CANARY = Canary(answers={PROPERTIES.argv: "getprop", DEVICE_POLICY.argv: "device_policy"}, reason="home_not_encrypted")


def probe(host: Host) -> Encryption:
    """Look at every part by itself.

    The system's image holds nothing of the person's, and temporary files lie beside theirs: `system` is as `home`.
    Some makers write memory to flash and do not say how, so `swap` is not seen.
    """
    gaps: list[Gap] = []
    home = attempt(gaps, "home", lambda: _data(host))
    return Encryption(
        home=home,
        inside=attempt(gaps, "inside", lambda: parse_volumes(answer(host, VOLUMES))),
        system=home,
        swap=None,
        machine=attempt(gaps, "machine", lambda: parse_machine(properties(host))),
        gaps=tuple(gaps),
    )


def _data(host: Host) -> bool:
    """Two witnesses, which must agree: a property alone is easily made to say what one likes."""
    cipher = parse_properties(properties(host))
    other = parse_status(answer(host, DEVICE_POLICY))
    if other is None and release(host) >= SAYS_STATUS:
        raise CollectError(Why.NOT_SAID, "the device policy service does not say")
    if other is not None and cipher not in other:
        raise CollectError(Why.NOT_SAID, "the phone says two things")
    if cipher is Cipher.DISK and not credential(host):
        raise CollectError(Why.NOT_SAID, "the disk's key is one that no credential protects")
    return cipher is not Cipher.PLAIN


def parse_properties(found: Mapping[str, str]) -> Cipher:
    """Raises CollectError where the properties say nothing, or a word that we do not know."""
    state = found.get("ro.crypto.state", "")
    if state in NOT_ENCRYPTED:
        return Cipher.PLAIN
    if state == "":
        raise CollectError(Why.NOT_SAID, "ro.crypto.state")
    cipher = TYPES.get((state, found.get("ro.crypto.type", "")))
    if cipher is None:
        raise CollectError(Why.UNPARSABLE, "ro.crypto.type")
    return cipher


def parse_status(text: str) -> frozenset[Cipher] | None:
    """What the device policy service's word may mean; None where it has none. Raises UNPARSABLE for any other."""
    words = set(STATUS.findall(text))
    if not words:
        return None
    if len(words) > 1 or not words <= set(WORDS):
        raise CollectError(Why.UNPARSABLE, "Encryption Status")
    return WORDS[words.pop()]


def parse_volumes(text: str) -> bool:
    """True where `dumpsys mount` lists no card or stick, but for cards that were made part of the phone's own memory.

    Others are plain, save for one maker's way to encrypt them, and whether pictures lie there cannot be seen. A card
    stands under both lists, so that one line that is lost hides none.
    """
    sections = _sections(text)
    disks = {_id(DISK, line) for line in sections["Disks"] if "DiskInfo{" in line}
    kinds, adopted = _volumes(sections["Volumes"])
    if "emulated" not in kinds:
        raise CollectError(Why.UNPARSABLE, "the list of volumes lacks the phone's own")
    if kinds - OWN or disks - adopted:
        raise CollectError(Why.NOT_SAID, "a card or stick is in the phone")
    return True


def _sections(text: str) -> Mapping[str, list[str]]:
    """Title -> the lines below it."""
    found: list[tuple[str, list[str]]] = []
    for line in text.split("\n"):
        section = SECTION.fullmatch(line)
        if section is not None:
            found.append((section.group(1), []))
        elif found:
            found[-1][1].append(line)
    if [title for title, _ in found] != ["Disks", "Volumes", "Records"]:
        raise CollectError(Why.UNPARSABLE, "the list of volumes is not whole")
    return dict(found)


def _id(form: re.Pattern[str], line: str) -> str:
    found = form.fullmatch(line)
    if found is None:
        raise CollectError(Why.UNPARSABLE, "a disk or volume without a name")
    return found.group(1)


def _volumes(lines: list[str]) -> tuple[set[str], set[str]]:
    """Kinds of volumes, and the disks that were made part of the phone's own memory."""
    kinds: set[str] = set()
    adopted: set[str] = set()
    kind = ""
    for line in lines:
        if "VolumeInfo{" in line:
            kind = _id(VOLUME, line)
            kinds.add(kind)
        elif kind == "private" and (on := ON_DISK.fullmatch(line)) is not None:
            adopted.add(on.group(1))
    return kinds, adopted


def parse_machine(found: Mapping[str, str]) -> Machine:
    """An emulator says so."""
    emulated = "1" in (found.get("ro.boot.qemu"), found.get("ro.kernel.qemu"))
    return Machine.VIRTUAL if emulated else Machine.REAL
