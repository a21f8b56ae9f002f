"""GNOME and Ubuntu: the lock as gsettings tells it."""

from agent.collect.host import Host
from agent.collect.linux.gsettings import Settings, flag, number, settings
from agent.collect.linux.screen_lock_parts import Lock, blind
from checks.evidence import Why

GDM = frozenset({"gdm", "gdm3"})


def lock(host: Host) -> Lock:
    """Read the three schemas that decide. Raises CollectError."""
    seen = parse(
        settings(host, "org.gnome.desktop.screensaver"),
        settings(host, "org.gnome.desktop.session"),
        settings(host, "org.gnome.desktop.lockdown"),
    )
    if seen.locks and not host.processes(GDM):
        # gnome-shell hands the lock to GDM; without it the settings stay and mean nothing.
        return blind(Why.NOT_SAID, "GNOME locks only where GDM runs, and it is not seen to")
    return seen


def parse(saver: Settings, session: Settings, lockdown: Settings) -> Lock:
    """gnome-shell ignores `idle-activation-enabled`; lockdown beats all; Ubuntu has a key of its own for sleep."""
    locks = flag(saver, "lock-enabled") and not flag(lockdown, "disable-lock-screen")
    idle = number(session, "idle-delay")
    on_suspend = flag(saver, "ubuntu-lock-on-suspend") if "ubuntu-lock-on-suspend" in saver else True
    return Lock(
        locks=locks,
        idle_s=idle + number(saver, "lock-delay") if idle > 0 else 0,
        grace_s=0,
        on_resume=locks and on_suspend,
    )
