"""Linux: is the release still supported, when were updates last installed, does one wait for a restart.

Only what the distribution itself packages: programs from Flathub, the Snap Store or elsewhere are out of sight.
"""

from agent.collect.canary import Canary
from agent.collect.host import CollectError, Host
from agent.collect.linux import updates_automatic, updates_installed, updates_restart
from agent.collect.linux.updates_clock import clock, days
from agent.collect.linux.updates_release import Release, release, support
from agent.collect.observe import attempt
from checks.evidence import Gap, Why
from checks.updates.fact import Updates

CANARY = Canary(files={"/etc/os-release": "os-release"}, reason="support_ended")


def probe(host: Host) -> Updates:
    """Look at every part by itself, so that one that fails leaves the others."""
    gaps: list[Gap] = []
    which = attempt(gaps, "support", lambda: release(host))
    last = attempt(gaps, "support", lambda: support(_named(which), clock(host).date())) if which else None
    due = attempt(gaps, "restart", lambda: updates_restart.due(host))
    since = due[1] if due else None
    return Updates(
        supported=last[0] if last else None,
        supported_until=last[1] if last else None,
        last_update_days=attempt(gaps, "last_update", lambda: _last(host, _named(which))),
        automatic=attempt(gaps, "automatic", lambda: updates_automatic.automatic(host, _named(which))),
        restart_pending=due[0] if due else None,
        restart_days=attempt(gaps, "restart", lambda: days(clock(host), since)) if since else None,
        gaps=tuple(gaps),
    )


def _last(host: Host, which: Release) -> int:
    return days(clock(host), updates_installed.installed(host, which))


def _named(which: Release | None) -> Release:
    if which is None:
        raise CollectError(Why.NOT_SAID, "the system does not name itself")
    return which
