"""MATE: minutes where its relatives count seconds, and the power manager's say on sleep."""

from dataclasses import replace

from agent.collect.host import Host
from agent.collect.linux.gsettings import Settings, flag, number, settings
from agent.collect.linux.screen_lock_parts import Lock, blind
from agent.collect.observe import attempt
from checks.evidence import Gap, Why

LOCKER = frozenset({"mate-screensaver", "mate-screensave"})
"""The whole name, and what Linux leaves of it."""


def lock(host: Host) -> Lock:
    """Read the schemas that decide. Raises CollectError."""
    gaps: list[Gap] = []
    seen = parse(
        settings(host, "org.mate.screensaver"),
        settings(host, "org.mate.session"),
        settings(host, "org.mate.lockdown"),
        attempt(gaps, "resume", lambda: settings(host, "org.mate.power-manager")),
    )
    if seen.locks and not any(one.own for one in host.processes(LOCKER)):
        return blind(Why.NOT_SAID, "mate-screensaver does not run")
    return replace(seen, gaps=tuple(gaps))


def parse(saver: Settings, session: Settings, lockdown: Settings, power: Settings | None) -> Lock:
    """Delays are minutes. Without `power` only what happens after sleep is hidden."""
    locks = flag(saver, "lock-enabled") and not flag(lockdown, "disable-lock-screen")
    idle = number(session, "idle-delay") if flag(saver, "idle-activation-enabled") else 0
    return Lock(
        locks=locks,
        idle_s=60 * (idle + number(saver, "lock-delay")) if idle > 0 else 0,
        grace_s=0,
        on_resume=None if power is None else _on_resume(locks, power),
    )


def _on_resume(locks: bool, power: Settings) -> bool:
    """mate-power-manager follows the screensaver's switch unless told to use its own two."""
    if flag(power, "lock-use-screensaver"):
        return locks
    return flag(power, "lock-suspend") and flag(power, "lock-hibernate")
