"""Phones as the person has them before her: what stands between each and a check, and the one thing to do about it."""

import base64
import binascii
import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.collect.adb import usb_kinds
from agent.collect.adb.devices import Attached, State, attached
from agent.collect.adb.usb import OnBus
from agent.collect.adb.wire import listening
from checks.model import Status

KEY = (".android", "adbkey.pub")
KEY_BYTES = 16 << 10
SHOWN_BYTES = 4
"""Of the fingerprint's sixteen: enough to compare by eye."""
APPLE = usb_kinds.PHONE_VENDORS[usb_kinds.APPLE]
NAMED = "adb-"
"""A phone that adb found on the network by itself is called adb-SERIAL-xxxxxx._adb-tls-connect._tcp."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One phone, however many lists have it."""

    serial: str
    """As adb has it, or as the bus has it; "" for none. It stays on this laptop."""
    state: State
    wireless: bool = False
    maker: str = ""
    """As the bus names it; "" where it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What the person is told of a phone."""

    status: Status
    brief: str
    """For a table: at most 19 characters."""
    said: str
    action: str


def look(port: int, bus: Sequence[OnBus]) -> tuple[Seen, ...]:
    """Phones that are there now; without a server those on the cable only. Raises CollectError."""
    return joined(attached(port) if listening(port) else (), bus)


def joined(listed: Iterable[Attached], bus: Sequence[OnBus]) -> tuple[Seen, ...]:
    """Both lists as one, no phone twice: what adb knows first, then what only the cable knows."""
    seen = [Seen(serial=one.serial, state=one.state, wireless=one.wireless) for one in listed]
    wired = {one.serial for one in seen if not one.wireless}
    # A phone without a serial can't be told from its neighbour: each one that adb lists stands for one on the bus.
    nameless = sum(not one.wireless and one.serial.startswith("(no serial") for one in seen)
    for one in bus:
        if one.serial and one.serial in wired:
            continue
        if not one.serial and nameless:
            nameless -= 1
            continue
        # It offers itself to adb, which does not have it: another server or program holds it.
        state = State.OFFLINE if one.debugging else State.CABLE_ONLY
        seen.append(Seen(serial=one.serial, state=state, maker=one.maker))
    return _once(seen)


def _once(seen: Sequence[Seen]) -> tuple[Seen, ...]:
    """One way to each phone, as far as names on the network tell which it is: one that is ready, else the cable."""
    ways: dict[str | int, Seen] = {}
    for number, one in enumerate(seen):
        key = (_held(one.serial) if one.wireless else one.serial) or number
        if key not in ways or better(one, ways[key]):
            ways[key] = one
    return tuple(ways.values())


def better(one: Seen, other: Seen) -> bool:
    """Of two ways to one phone: whether the first is the one to take."""
    return (one.state is State.READY, not one.wireless) > (other.state is State.READY, not other.wireless)


def _held(name: str) -> str | None:
    """The serial that a name on the network holds."""
    serial, dash, _ = name.partition("._")[0].removeprefix(NAMED).rpartition("-")
    return serial if dash and name.startswith(NAMED) else None


RECOVERY = Advice(
    status=Status.ERROR,
    brief="in recovery",
    said="A phone has started into its recovery menu, where its settings can't be seen.",
    action='On the phone choose "Reboot system now" with the volume keys, then press the power key.',
)
"""Rescue mode has the menu of recovery, too."""
ADVICE: Mapping[State, Advice] = {
    State.READY: Advice(
        status=Status.PASS,
        brief="on the cable",
        said="The phone is ready to be checked.",
        action="scrubin check --device phones",
    ),
    State.UNAUTHORISED: Advice(
        status=Status.ERROR,
        brief="waits for Allow",
        said="A phone is connected but has not allowed this laptop yet.",
        action='Unlock it. It asks "Allow USB debugging?"{compare} Tap Allow.',
    ),
    State.AUTHORISING: Advice(
        status=Status.ERROR,
        brief="being recognised",
        said="A phone is just finding out whether it knows this laptop.",
        action="Unlock it and wait a few seconds.",
    ),
    State.CONNECTING: Advice(
        status=Status.ERROR,
        brief="connecting",
        said="A phone is just being connected.",
        action="Unlock it and wait a few seconds.",
    ),
    State.OFFLINE: Advice(
        status=Status.ERROR,
        brief="doesn't answer",
        said="A phone is connected and doesn't answer, or another program on this laptop holds it.",
        action="Close other programs that use adb, then unplug the phone, wait a moment and plug it in again.",
    ),
    State.NO_PERMISSIONS: Advice(
        status=Status.FAIL,
        brief="no permission",
        said="A phone is plugged in, and this account may not open it: Linux needs a rule for that.",
        action="Have the file 70-scrubin-phones.rules installed, as scrubin doctor says, and plug the phone in again.",
    ),
    State.RECOVERY: RECOVERY,
    State.RESCUE: RECOVERY,
    State.SIDELOAD: Advice(
        status=Status.ERROR,
        brief="waits for an update",
        said="A phone waits for an update over the cable (sideload), and its settings can't be seen.",
        action='Go back in its menu and choose "Reboot system now".',
    ),
    State.BOOTLOADER: Advice(
        status=Status.ERROR,
        brief="in its bootloader",
        said="A phone has started into its bootloader, where its settings can't be seen.",
        action='On the phone choose "Start" with the volume keys, then press the power key.',
    ),
    State.CABLE_ONLY: Advice(
        status=Status.ERROR,
        brief="debugging is off",
        said="A phone is plugged in, and USB debugging is off on it.",
        action="On the phone: {switch} > USB debugging on. We remind you to switch it off again.",
    ),
    State.OTHER: Advice(
        status=Status.ERROR,
        brief="strange state",
        said="A phone is connected in a state that we don't know.",
        action="Restart the phone, unlock it and plug it in again.",
    ),
}
SWITCHES: Mapping[str, str] = {
    "Samsung": "Settings > About phone > Software information, tap Build number seven times; then Settings > "
    "Developer options",
    "Xiaomi": "Settings > About phone, tap OS version (or MIUI version) seven times; then Settings > Additional "
    "settings > Developer options",
}
"""Maker, as the bus has it -> the way to the switches for developers."""
SWITCH = "Settings > About phone, tap Build number seven times; then Settings > System > Developer options"
WIRELESS: Mapping[State, Advice] = {
    State.READY: Advice(
        status=Status.PASS,
        brief="over Wi-Fi",
        said="The phone is ready to be checked.",
        action="scrubin check --device phones",
    ),
    State.OFFLINE: Advice(
        status=Status.ERROR,
        brief="doesn't answer",
        said="A phone was connected over Wi-Fi and no longer answers.",
        action="Unlock it and look whether wireless debugging is still on; then run: scrubin devices pair",
    ),
}
"""Where a phone over Wi-Fi needs other words."""
IPHONE = Advice(
    status=Status.UNKNOWN,
    brief="an iPhone",
    said="An iPhone is plugged in. This version checks Android phones.",
    action="Unplug it; nothing of it was read.",
)
NOTHING = Advice(
    status=Status.NOT_APPLICABLE,
    brief="not plugged in",
    said="No phone is plugged in, or its cable carries power only.",
    action="Plug it in and unlock it. If it only charges, try another cable, or pull down the notification about USB "
    'and choose "File transfer".',
)
"""For no phone at all."""


def advice(one: Seen, *, key_end: str | None) -> Advice:
    """One sentence and one action. `key_end` is `fingerprint_end`'s answer."""
    if one.maker == APPLE:
        return IPHONE
    found = ADVICE[one.state]
    if one.wireless:
        found = WIRELESS.get(one.state, found)
    compare = "" if key_end is None else f" Compare the code with this laptop's, which ends in {key_end}."
    action = found.action.replace("{compare}", compare).replace("{switch}", SWITCHES.get(one.maker, SWITCH))
    return replace(found, action=action)


def fingerprint_end(home: str) -> str | None:
    """The end of the code with which a phone asks for this laptop, such as "9C:41:E7:0B". None: no key can be read."""
    try:
        with open(os.path.join(home, *KEY), "rb", opener=_without_waiting) as stream:
            text = stream.read(KEY_BYTES)
        # "KEY name@host": what follows the blank is a comment.
        blob = base64.b64decode(text.split(maxsplit=1)[0], validate=True)
    except (OSError, IndexError, binascii.Error):
        return None
    digest = hashlib.md5(blob, usedforsecurity=False).digest()  # Android's choice: it only tells keys apart
    return ":".join(f"{byte:02X}" for byte in digest[-SHOWN_BYTES:])


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that somebody put in the place of the key must not hold us up."""
    return os.open(path, flags | os.O_NONBLOCK)
