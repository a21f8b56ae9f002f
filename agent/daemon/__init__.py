"""The daemon `scrubin agent`: audits when the practice asks, when something changes, and once at its start."""

from agent.daemon.parts import Ended, Parts, Progress, Reason, Schedule, ScheduleError, Scope, Trigger

__all__ = ["Ended", "Parts", "Progress", "Reason", "Schedule", "ScheduleError", "Scope", "Trigger", "run_daemon"]


def run_daemon(parts: Parts) -> Ended:
    """Run until SIGTERM or SIGINT. Must be called in the main thread; never raises for what a device does."""
    from agent.daemon.service import run  # watchdog and pyudev cost memory that `scrubin check` need not pay

    return run(parts)
