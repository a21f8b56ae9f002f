"""Linux: does the screen lock by itself, does it ask for a password, does the laptop sign in by itself."""

from collections.abc import Callable, Mapping

from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.linux import (
    screen_lock_autologin,
    screen_lock_cinnamon,
    screen_lock_gnome,
    screen_lock_kde,
    screen_lock_mate,
    screen_lock_password,
    screen_lock_wlroots,
    screen_lock_xfce,
)
from agent.collect.linux.desktop import desktop, own_settings, runs
from agent.collect.linux.screen_lock_parts import Lock, blind
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.screen_lock.fact import Desktop, ScreenLock

READERS: Mapping[Desktop, Callable[[Host], Lock]] = {
    Desktop.GNOME: screen_lock_gnome.lock,
    Desktop.KDE: screen_lock_kde.lock,
    Desktop.CINNAMON: screen_lock_cinnamon.lock,
    Desktop.MATE: screen_lock_mate.lock,
    Desktop.XFCE: screen_lock_xfce.lock,
    Desktop.SWAY: screen_lock_wlroots.lock,
    Desktop.HYPRLAND: screen_lock_wlroots.lock,
}
CANARY = Canary(files={"/etc/gdm3/daemon.conf": "gdm3-daemon.conf"}, reason="auto_login")


def probe(host: Host) -> ScreenLock:
    """Look at every part by itself, so that one that fails leaves the others."""
    gaps: list[Gap] = []
    which, lock = _desktop_and_lock(host)
    password = attempt(gaps, "password", lambda: screen_lock_password.has_password(host))
    auto_login = attempt(gaps, "auto_login", lambda: screen_lock_autologin.auto_login(host))
    return ScreenLock(
        desktop=which,
        locks=lock.locks,
        idle_s=lock.idle_s,
        grace_s=lock.grace_s,
        on_resume=lock.on_resume,
        password=password,
        auto_login=auto_login,
        gaps=(*gaps, *lock.gaps),
    )


def _desktop_and_lock(host: Host) -> tuple[Desktop, Lock]:
    which = Desktop.OTHER
    try:
        which = desktop(host)
        if which is Desktop.NONE:
            return which, blind(Why.NO_SESSION)
        own_settings(host)
        reader = READERS.get(which)
        if reader is None:
            return which, blind(Why.NO_PROBE)
        lock = reader(host)
        return which, lock if runs(host, which) else blind(Why.NO_SESSION, "the desktop is named and not seen to run")
    except CollectError as error:
        return which, blind(error.why, error.detail)
