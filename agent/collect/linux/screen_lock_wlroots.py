"""sway and Hyprland: the compositor never locks; the idle daemon that runs does, if it was told to."""

from functools import reduce
from operator import add

from agent.collect.host import CollectError, Host
from agent.collect.linux import screen_lock_hyprland, screen_lock_sway
from agent.collect.linux.screen_lock_command import opens
from agent.collect.linux.screen_lock_grace import grace_s
from agent.collect.linux.screen_lock_parts import Lock, blind
from agent.collect.linux.screen_lock_plan import Plan, commands, idle_s, on_sleep
from checks.evidence import Gap, Why

DAEMONS = {"swayidle": screen_lock_sway.plan, "hypridle": screen_lock_hyprland.plan}
"""Either may run under either compositor."""
OTHER_DAEMONS = frozenset({"stasis", "cosmic-idle"})
COMPOSITORS = frozenset({"sway", "hyprland"})


def lock(host: Host) -> Lock:
    """The lock that the running daemons make. Raises CollectError."""
    running = [one for one in host.processes(frozenset(DAEMONS) | OTHER_DAEMONS | COMPOSITORS) if one.own]
    if any(one.name in OTHER_DAEMONS for one in running):
        return blind(Why.NOT_SAID, "an idle daemon that we cannot read")
    plans = [DAEMONS[one.name](host, one) for one in running if one.name in DAEMONS]
    if plans:
        return _lock(host, reduce(add, plans))
    if any(one.name in COMPOSITORS for one in running):
        # What is only configured locks nothing.
        resume = Gap(part="resume", why=Why.NOT_SAID, detail="no idle daemon runs")
        return Lock(locks=False, idle_s=0, grace_s=0, on_resume=None, gaps=(resume,))
    return blind(Why.NO_SESSION, "the compositor is not seen to run")


def _lock(host: Host, plan: Plan) -> Lock:
    idle, resume = idle_s(plan), on_sleep(plan)
    gaps = [Gap(part=part, why=Why.NOT_SAID) for part, seen in (("idle", idle), ("resume", resume)) if seen is None]
    try:
        if any(map(opens, plan.on_return)):
            raise CollectError(Why.NOT_SAID, "something ends the locker when somebody is back")
        grace = grace_s(host, commands(plan))
    except CollectError as error:
        grace = None
        gaps.append(Gap(part="grace", why=error.why, detail=error.detail))
    return Lock(
        locks=None if idle is None else idle > 0, idle_s=idle, grace_s=grace, on_resume=resume, gaps=tuple(gaps)
    )
