"""Cinnamon: GNOME's keys under its own name, and a switch of its own for sleep that Debian ships off."""

from agent.collect.host import Host
from agent.collect.linux.gsettings import Settings, flag, number, settings
from agent.collect.linux.screen_lock_parts import Lock, blind
from checks.evidence import Why


def lock(host: Host) -> Lock:
    """Read the four schemas that decide. Raises CollectError."""
    return parse(
        settings(host, "org.cinnamon.desktop.screensaver"),
        settings(host, "org.cinnamon.desktop.session"),
        settings(host, "org.cinnamon.desktop.lockdown"),
        settings(host, "org.cinnamon.settings-daemon.plugins.power"),
    )


def parse(saver: Settings, session: Settings, lockdown: Settings, power: Settings) -> Lock:
    """All in seconds. Versions differ on `idle-activation-enabled`, and another locker has settings of its own."""
    if saver.get("custom-screensaver-command", "''") != "''":
        return blind(Why.NOT_SAID, "a locker of the person's own choice")
    allowed = not flag(lockdown, "disable-lock-screen")
    locks = flag(saver, "lock-enabled") and allowed
    if locks and not flag(saver, "idle-activation-enabled"):
        return blind(Why.NOT_SAID, "idle-activation-enabled is false")
    idle = number(session, "idle-delay")
    return Lock(
        locks=locks,
        idle_s=idle + number(saver, "lock-delay") if idle > 0 else 0,
        grace_s=0,
        on_resume=allowed and flag(power, "lock-on-suspend"),
    )
