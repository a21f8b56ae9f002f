"""Are updates installed without anybody asking."""

import posixpath
import re

from agent.collect.absent import names_if_there, there
from agent.collect.host import CollectError, Command, Host
from agent.collect.linux.updates_release import Packages, Release, packages
from agent.collect.printed import printed
from checks.evidence import Why

PERIODIC = Command(argv=("apt-config", "dump", "APT::Periodic"))
UNATTENDED = "/usr/bin/unattended-upgrade"
APT_TIMERS = ("/etc/systemd/system/apt-daily.timer", "/etc/systemd/system/apt-daily-upgrade.timer")
MINT = "/var/lib/linuxmint/mintupdate-automatic-upgrades-enabled"
TIMERS = "/etc/systemd/system/timers.target.wants"
INSTALLING = frozenset({"dnf-automatic-install.timer", "transactional-update.timer"})
CONFIGURED = frozenset({"dnf-automatic.timer", "dnf5-automatic.timer"})
DNF = "/etc/dnf/automatic.conf"


def automatic(host: Host, which: Release) -> bool:
    """Whether one of the distribution's own ways is switched on. GNOME Software only fetches: that is not counted."""
    match packages(which):
        case Packages.APT:
            return there(host, MINT) or _apt(host)
        case Packages.RPM:
            return _dnf(host)
        case Packages.PACMAN:
            raise CollectError(Why.NOT_SAID, "pacman has no such way of its own")


def parse_periodic(text: str) -> bool:
    """`APT::Periodic::Unattended-Upgrade "1";` -> are lists fetched and updates installed. Raises UNPARSABLE."""
    found = {}
    for line in text.splitlines():
        match = re.fullmatch(r'(?P<key>[A-Za-z0-9:_-]{1,200}) "(?P<value>[^"]*)";', line)
        if match is None:
            raise CollectError(Why.UNPARSABLE, f"apt-config: {line[:80]}")
        found[match["key"].removeprefix("APT::Periodic::")] = match["value"]
    if found.get("Enable", "1") == "0":
        return False
    return all(_often(found.get(key, "0")) for key in ("Update-Package-Lists", "Unattended-Upgrade"))


def parse_dnf(text: str) -> bool:
    """apply_updates of automatic.conf; off where it is not said."""
    value = "no"
    for line in text.splitlines():
        key, _, given = line.partition("=")
        if key.strip() == "apply_updates":
            value = given.strip().lower()
    return value in {"yes", "true", "1", "on"}


def _apt(host: Host) -> bool:
    text = printed(host, PERIODIC)
    wanted = frozenset(names_if_there(host, TIMERS))  # none at all where cron calls apt instead
    off = any(host.resolve(timer) == "/dev/null" for timer in APT_TIMERS)
    off = off or (bool(wanted) and not {posixpath.basename(timer) for timer in APT_TIMERS} <= wanted)
    return parse_periodic(text) and not off and there(host, UNATTENDED)


def _dnf(host: Host) -> bool:
    wanted = frozenset(names_if_there(host, TIMERS))
    if wanted & INSTALLING:
        return True
    return bool(wanted & CONFIGURED) and there(host, DNF) and parse_dnf(host.read(DNF))


def _often(value: str) -> bool:
    """apt's intervals: days, or a number with its unit; 0 is never."""
    return value == "always" or re.fullmatch(r"0*[1-9][0-9]{0,9}[smhd]?", value) is not None
