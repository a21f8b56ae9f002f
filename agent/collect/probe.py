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
    canary: Canary
