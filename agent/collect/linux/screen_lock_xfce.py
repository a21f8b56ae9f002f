"""Xfce: it has no lock of its own, so the locker that runs decides; settings of one that does not run mean nothing."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from agent.collect.absent import there
from agent.collect.host import Host
from agent.collect.linux import gsettings, screen_lock_xscreensaver
from agent.collect.linux.screen_lock_parts import Lock, blind
from agent.collect.linux.screen_lock_xfconf import Channel, channel, flag, number
from checks.evidence import Gap, Why

POWER = "xfce4-power-manager"
SESSION = frozenset({"xfce4-session"})
OTHER_LOCKERS = frozenset({
    "xss-lock", "xautolock", "xidlehook", "i3lock", "xsecurelock", "slock", "gnome-screensaver", "mate-screensaver",
    "mate-screensave", "cinnamon-screensaver",
})  # fmt: skip
"""Programs that may lock, by settings that we do not read."""


def lock(host: Host) -> Lock:
    """The lock of the one locker that runs. Raises CollectError."""
    running = {one.name for one in host.processes(frozenset(LOCKERS) | OTHER_LOCKERS) if one.own}
    readers = {LOCKERS[name] for name in running if name in LOCKERS}
    if len(readers) == 1 and not running & OTHER_LOCKERS:
        return _presented(host, readers.pop()(host))
    if not running and _none_installed(host):
        return Lock(locks=False, idle_s=0, grace_s=0, on_resume=False)
    return blind(Why.NOT_SAID, f"{len(running)} screen lockers run")


def xfce4_screensaver(host: Host) -> Lock:
    """Two channels decide: its own, and the power manager's switch for sleep."""
    return parse(channel(host, "xfce4-screensaver"), channel(host, POWER))


def parse(saver: Channel, power: Channel) -> Lock:
    """Delays are minutes. Older versions keep the switch for sleep in their own channel: either one off is off."""
    locks = flag(saver, "/lock/enabled", True) and flag(saver, "/lock/saver-activation/enabled", True)
    idles = flag(saver, "/saver/enabled", True) and flag(saver, "/saver/idle-activation/enabled", True)
    # Less than one minute is taken for ten, as the program does.
    delay = number(saver, "/saver/idle-activation/delay", 5)
    idle = (delay if delay > 0 else 10) if idles else 0
    after = max(0, number(saver, "/lock/saver-activation/delay", 0))
    return Lock(
        locks=locks,
        idle_s=60 * (idle + after) if idle else 0,
        grace_s=0,
        on_resume=flag(saver, "/lock/enabled", True)
        and flag(saver, "/lock/sleep-activation", True)
        and flag(power, f"/{POWER}/lock-screen-suspend-hibernate", True),
    )


def light_locker(host: Host) -> Lock:
    """It counts from the X server's own blanking, which only the X server could tell."""
    values = gsettings.settings(host, "apps.light-locker")
    never = gsettings.number(values, "lock-after-screensaver") == 0
    return Lock(
        locks=False if never else None,
        idle_s=0 if never else None,
        grace_s=0,
        on_resume=gsettings.flag(values, "lock-on-suspend"),
        gaps=() if never else (Gap(part="idle", why=Why.NOT_SAID, detail="the X server's blanking time"),),
    )


LOCKERS: Mapping[str, Callable[[Host], Lock]] = {
    "xfce4-screensaver": xfce4_screensaver, "xfce4-screensav": xfce4_screensaver,
    "light-locker": light_locker,
    "xscreensaver": screen_lock_xscreensaver.lock,
}  # fmt: skip
"""Process names, whole and as Linux cuts them -> how their settings are read."""


def _presented(host: Host, seen: Lock) -> Lock:
    """Presentation mode stays on until somebody switches it off; meanwhile the power manager holds the locker back."""
    if seen.locks is False or not flag(channel(host, POWER), f"/{POWER}/presentation-mode", False):
        return seen
    others = tuple(gap for gap in seen.gaps if gap.part != "idle")
    return replace(seen, idle_s=None, gaps=(*others, Gap(part="idle", why=Why.NOT_SAID, detail="presentation mode")))


def _none_installed(host: Host) -> bool:
    """The session is seen, so its processes are; and no locker is there that something could still start."""
    if not any(one.own for one in host.processes(SESSION)):
        return False
    names = frozenset(LOCKERS) | OTHER_LOCKERS
    return not any(there(host, f"{folder}/{name}") for folder in ("/usr/bin", "/usr/local/bin") for name in names)
