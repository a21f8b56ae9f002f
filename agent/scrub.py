"""Takes a person out of a recording: names, accounts, addresses and folder names become fakes of the same shape."""

import re
from collections.abc import Callable, Iterable

ACCOUNT = "clin"
HOME = "/home/clin"
ROOTS = ("/media", "/run/media", "/mnt")
"""Below these, and below the home folder, people name folders and disks."""
KNOWN = frozenset({"camera", "dcim", "screenshots", "clin"})
"""Folder names that say nothing of their owner, besides those that the probes themselves ask for."""
PERSONAL_KEY = re.compile(
    r"(user|name|mail|identity|account|server|url|uri|host|token|secret|pass|key|uid|title|label|comment|login|"
    r"author|owner|tenant|device_hint|serial)",
    re.IGNORECASE,
)
PLAIN_VALUE = re.compile(r"(true|false|yes|no|none|null|-?\d{1,9}|\"\"|'')?[,;]?", re.IGNORECASE)
KEYED = re.compile(
    r"""^(?P<lead>\s*(?:[\w.\\ -]+=|"[\w .-]+"\s*:|[\w.-]+\s*=|[\w.-]+\s*:(?=\s))\s*)(?P<value>\S.*?)(?P<tail>,?)$"""
)
SHAPES: tuple[tuple[str, str], ...] = (
    (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "person{n}@example.org"),
    (r"(?<=://)[^\s/\"'<>]+", "host{n}.example.org"),
    (r"\b[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\b",
     "00000000-0000-4000-8000-{n:012d}"),
    (r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b", "02:00:00:00:00:{n:02x}"),
    (r"\b(?:\d{1,3}\.){3}\d{1,3}\b", "192.0.2.{n}"),
    (r"\b(?:[0-9a-fA-F]{1,4}:){4,7}[0-9a-fA-F]{1,4}\b", "2001:db8::{n}"),
    (r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{16,}\b", "{n:016x}"),
    (r"\b(?=\w*\d)(?=\w*[A-Za-z])[A-Za-z0-9_-]{28,}\b", "token{n}"),
)  # fmt: skip


class Scrubber:
    """Replaces the same thing by the same fake everywhere, so that a path inside another stays inside it."""

    def __init__(self, *, home: str, account: str, names: Iterable[str] = (), known: Iterable[str] = ()) -> None:
        """`names`: other words to take out, such as the host's name. `known`: folder names that may stay."""
        self._home = home.rstrip("/")
        self._known = KNOWN | {one.lower() for one in known}
        self._fakes: dict[tuple[str, str], str] = {}
        self._words: dict[str, str] = {}
        for name in sorted({one for one in names if len(one) > 2}, key=len, reverse=True):
            self._words[name] = f"name{len(self._words) + 1}"
        if account != "root":
            self._words[account] = ACCOUNT

    def path(self, path: str) -> str:
        """A path with its personal parts replaced."""
        return self._paths(path, whole=True)

    def text(self, text: str) -> str:
        """Any text, line by line."""
        clean = text.encode("utf-8", "replace").decode()
        return "\n".join(self._line(line) for line in clean.split("\n"))

    def accounts(self, passwd: str) -> None:
        """Learn people's login and full names from an account list, before anything is scrubbed."""
        for line in passwd.splitlines():
            fields = line.split(":")
            if len(fields) == 7 and fields[2].isdigit() and int(fields[2]) >= 1000 and fields[0] != "nobody":
                self._words.setdefault(fields[0], f"person{len(self._words) + 1}")
                for word in re.findall(r"[^\s,]{3,}", fields[4]):
                    self._words.setdefault(word, f"name{len(self._words) + 1}")

    def _line(self, line: str) -> str:
        line = self._paths(line, whole=False)
        for number, (shape, fake) in enumerate(SHAPES):
            line = re.sub(shape, self._faker(str(number), fake), line)
        line = self._keyed(line)
        for word, fake in sorted(self._words.items(), key=lambda one: -len(one[0])):
            line = re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", fake, line, flags=re.IGNORECASE)
        return line

    def _keyed(self, line: str) -> str:
        """`displayname=Dr Example` -> `displayname=scrubbed1`; numbers, switches and paths stay."""
        match = KEYED.match(line)
        if match is None or not PERSONAL_KEY.search(match["lead"]):
            return line
        value = match["value"]
        if PLAIN_VALUE.fullmatch(value) or value.strip("\"'").startswith(("/", "~", "file:", "$")):
            return line
        quote = value[0] if value[0] in "\"'" else ""
        fake = self._fake("value", value, "scrubbed{n}")
        return f"{match['lead']}{quote}{fake}{quote}{match['tail']}"

    def _paths(self, text: str, *, whole: bool) -> str:
        """Replace the home folder and the names below it. `whole`: the text is one path, blanks included."""
        for root in (self._home, *ROOTS):
            # After `=` or a quote a path ends with the line or the quote; elsewhere with the first bare blank.
            starts = ("",) if whole else (r"(?<==)", r"(?<=[\"'])", "")
            for start in starts:
                end = r"[^\n\"'<>]*" if whole or start else r"(?:\\ |\\040|[^\s\"'<>:;,|])*"
                text = self._under(text, root, start, end)
        return text

    def _under(self, text: str, root: str, start: str, end: str) -> str:
        fake = HOME if root == self._home else root
        return re.sub(
            rf"{start}(?<![\w/]){re.escape(root)}(?P<below>/{end}|(?=[\s\"'<>:;,|]|$))",
            lambda match: fake + self._below(match["below"]),
            text,
        )

    def _below(self, path: str) -> str:
        parts = path.split("/")
        out: list[str] = []
        hidden = False
        for part in parts:
            hidden = hidden or part.startswith(".")
            if not part or hidden or part.lower() in self._known or re.fullmatch(r"folder\d+", part):
                out.append(part)
            else:
                out.append(self._fake("folder", part, "folder{n}"))
        return "/".join(out)

    def _faker(self, kind: str, fake: str) -> Callable[[re.Match[str]], str]:
        return lambda match: self._fake(kind, match[0], fake)

    def _fake(self, kind: str, found: str, fake: str) -> str:
        known = self._fakes.get((kind, found))
        if known is None:
            count = 1 + sum(1 for other, _ in self._fakes if other == kind)
            known = self._fakes[kind, found] = fake.format(n=count)
        return known
