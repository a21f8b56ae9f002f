"""How one check is looked at on one platform."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.collect.canary import Canary
from agent.collect.host import Host


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """A way to look, with the proof that it sees."""

    look: Callable[[Host], Any]
    """Returns the check's fact or raises CollectError."""
    canary: Canary | None
    """What is planted to see that it looks; None for one that plants and finds for itself, and tells by `proof`."""
    proof: Callable[[], bool | None] | None = None
    """Whether the last look found what it had planted; None where it did not come to look."""
