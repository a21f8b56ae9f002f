"""What an idle daemon was told to do, and the lock that comes of it."""

from dataclasses import dataclass

from agent.collect.linux.screen_lock_command import Effect, any_of, effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The commands of one idle daemon."""

    timeouts: tuple[tuple[int, str], ...] = ()
    """(seconds without use, command); 0 is never."""
    before_sleep: tuple[str, ...] = ()
    on_signal: tuple[str, ...] = ()
    """Run when `loginctl lock-session` asks for a lock."""
    on_return: tuple[str, ...] = ()
    """Run when somebody is back, or the laptop wakes up."""

    def __add__(self, other: "Plan") -> "Plan":
        """Two daemons that both run."""
        return Plan(
            timeouts=self.timeouts + other.timeouts,
            before_sleep=self.before_sleep + other.before_sleep,
            on_signal=self.on_signal + other.on_signal,
            on_return=self.on_return + other.on_return,
        )


def on_signal(plan: Plan) -> Effect:
    """Does `loginctl lock-session` lock."""
    return any_of([effect(command) for command in plan.on_signal])


def on_sleep(plan: Plan) -> Effect:
    """Does going to sleep lock."""
    return any_of([effect(command, on_signal=on_signal(plan)) for command in plan.before_sleep])


def idle_s(plan: Plan) -> int | None:
    """Seconds until the first command that surely locks; 0 when none does, None when one might."""
    signal, sleep = on_signal(plan), on_sleep(plan)
    seen = [(s, effect(command, on_signal=signal, on_sleep=sleep)) for s, command in plan.timeouts if s > 0]
    sure = [seconds for seconds, locks in seen if locks]
    if sure:
        return min(sure)
    return None if any(locks is None for _, locks in seen) else 0


def commands(plan: Plan) -> tuple[str, ...]:
    """Every command that may start a locker."""
    return (*(command for _, command in plan.timeouts), *plan.before_sleep, *plan.on_signal)
