"""The person at the terminal, as commands that ask them something see them."""

from typing import Protocol


class Console(Protocol):
    """Where the person sits."""

    @property
    def attended(self) -> bool:
        """Somebody reads, and can answer."""

    def tell(self, text: str) -> None:
        """Show a text."""

    def ask(self, question: str) -> str:
        """One line of what they type."""
