"""The known-bad setting that each probe carries, so that a run can prove that it would have seen one."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """Files to plant before a probe, and what its judge must then say."""

    files: Mapping[str, str] = field(default_factory=dict)
    """Path on the device -> file in agent/collect/<platform>/canary/<check>/. `{home}` in a path, and `@HOME@` in the
    file's text, stand for the audited account's home folder."""
    answers: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    """Command -> file there with what it is made to print: how a setting is planted before a phone, which is never
    written to."""
    reason: str
    """The reason code that must be among the points of a failing verdict."""
