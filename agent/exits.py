"""Exit codes, and what a command hands to the one place that prints. Every start loads this: it stays light."""

from enum import IntEnum


class Exit(IntEnum):
    """What the process ends with."""

    COMPLIANT = 0
    NOT_COMPLIANT = 1
    CANNOT_TELL = 2
    COULD_NOT_RUN = 3
    """Configuration or environment."""
    WRONG_USE = 64


OF = {"compliant": Exit.COMPLIANT, "not_compliant": Exit.NOT_COMPLIANT, "cannot_tell": Exit.CANNOT_TELL}
"""By the value of `checks.model.Overall`."""


class Answer:
    """What a command says."""

    __slots__ = ("code", "hints", "out")

    def __init__(self, *, code: Exit, out: str | bytes = "", hints: str = "") -> None:
        """`out` goes to standard output, bytes as they are; `hints` go to standard error."""
        self.code = code
        self.out = out
        self.hints = hints


class CannotRun(Exception):
    """The command can't do its work here; the text says why and what to do, for a person."""


class WrongUse(Exception):
    """The command was asked for something that does not exist."""
