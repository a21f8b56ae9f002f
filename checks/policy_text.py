"""Text of a policy file, made safe to show: such a file may come from anybody."""

import re

HIDDEN = r"[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]"
"""Characters that move a cursor, turn the reading direction or cannot be seen. Valid in Python's and JSON Schema's
regular expressions alike."""


def has_hidden(text: str) -> bool:
    """Whether a text holds a character that its reader would not see as such."""
    return re.search(HIDDEN, text) is not None


def shown(text: str, *, longest: int = 200) -> str:
    """The text with everything unprintable written as an escape, cut to `longest` characters of the original."""
    cut = text[:longest]
    escaped = "".join(one if one.isprintable() else one.encode("unicode_escape").decode("ascii") for one in cut)
    return escaped if cut == text else f"{escaped}..."


def key_text(path: tuple[str | int, ...]) -> str:
    """A path of keys as a person writes it: `checks.screen_lock.level`, `apps.approved[2]`; "" is the whole file."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
            continue
        name = part if re.fullmatch(r"[A-Za-z0-9_-]{1,60}", part) else f'"{shown(part, longest=60)}"'
        text += f".{name}" if text else name
    return text
