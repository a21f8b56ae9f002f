"""A clock that moves when it is told to."""

from dataclasses import dataclass

START = 1_795_302_000
"""Sunday 22 November 2026, 7 am in Melbourne less some hours: any fixed moment serves."""


@dataclass
class Clock:
    """Unix seconds."""

    at: int = START

    def __call__(self) -> int:
        return self.at

    def forward(self, seconds: int) -> None:
        """Time passes."""
        self.at += seconds
