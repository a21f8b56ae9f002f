"""Counts as people write them."""


def counted(count: int, noun: str) -> str:
    """1 day, 3 days: for nouns that take an s."""
    return f"1 {noun}" if count == 1 else f"{count} {noun}s"
