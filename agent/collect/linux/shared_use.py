"""Linux: who can sign in, can a guest, does a directory let others in, do notifications show on the locked screen."""

from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.linux import shared_use_accounts, shared_use_guest
from agent.collect.linux.desktop import desktop, runs
from agent.collect.linux.gsettings import flag, settings
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.screen_lock.fact import Desktop
from checks.shared_use.fact import SharedUse

CANARY = Canary(
    files={"/etc/lightdm/lightdm.conf": "lightdm.conf", "/usr/sbin/guest-account": "guest-account"},
    reason="guest_session",
)


def probe(host: Host) -> SharedUse:
    """Look at every part by itself, so that one that fails leaves the others. Automatic sign-in is screen_lock's."""
    gaps: list[Gap] = []
    return SharedUse(
        people=attempt(gaps, "people", lambda: shared_use_accounts.people(host)),
        directory=attempt(gaps, "directory", lambda: shared_use_accounts.directory(host)),
        guest=attempt(gaps, "guest", lambda: shared_use_guest.guest(host)),
        previews=attempt(gaps, "previews", lambda: previews(host)),
        gaps=tuple(gaps),
    )


def previews(host: Host) -> bool:
    """GNOME's switch for notifications on the locked screen. Raises NO_PROBE for other desktops."""
    if desktop(host) is not Desktop.GNOME or not runs(host, Desktop.GNOME):
        raise CollectError(Why.NO_PROBE, "notifications of this desktop")
    return flag(settings(host, "org.gnome.desktop.notifications"), "show-in-lock-screen")
