"""Make foreign text safe to show: no control characters, no terminal commands, no text that runs backwards."""

import unicodedata

DROPPED = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories that a screen obeys in place of showing: controls, bidirectional marks, lone surrogates."""


def printable(text: str, limit: int = 300) -> str:
    """The text with such characters shown as `\\xNN` or `\\uNNNN`, cut at `limit` characters."""
    shown = "".join(_shown(char) for char in text[: limit + 1])
    return shown if len(text) <= limit else f"{shown[:limit]}..."


def _shown(char: str) -> str:
    if unicodedata.category(char) not in DROPPED:
        return char
    code = ord(char)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
