"""What the person reads before their shift: fit for a screen that others see."""

from dataclasses import dataclass

from agent.brief import Brief
from agent.exits import Exit


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A notification."""

    head: str
    body: str


def words(brief: Brief) -> Words:
    """No name of a device, no picture, no count of pictures: a locked screen shows this to whoever walks by."""
    if brief.code is Exit.COMPLIANT:
        return Words(head=brief.answer.removesuffix("."), body="Nothing to do before you start.")
    return Words(head=brief.answer.removesuffix("."), body="Open scrubin for the steps, or run: scrubin page")
