"""Takes a person out of a recording: names, accounts, addresses and folder names become fakes of the same shape."""

import re
from collections.abc import Callable, Iterable

from agent.vocabulary import WORD, program_words

ACCOUNT = "clin"
HOME = "/home/clin"
ROOTS = ("/home", "/media", "/run/media", "/mnt", "/srv", "/data", "~", "$HOME", "${HOME}")
"""Below these, and below the home folder, people name folders and disks."""
WRITTEN = (
    "/usr/local", "/opt", "/etc/systemd", "/etc/xdg/autostart",
    "/etc/cron.d", "/etc/cron.hourly", "/etc/cron.daily", "/etc/cron.weekly", "/etc/cron.monthly",
)  # fmt: skip
"""Folders of the system into which people put what they wrote themselves."""
FAKE = re.compile(r"(?:folder|name|person|token|host|scrubbed|word|tty)?\d+", re.IGNORECASE)
PASSWD = re.compile(r"((?:[^:]*:){4})[^:]*((?::[^:]*){2})")
SYSTEM_PATH = re.compile(r"((?<![\w.])/(?:usr|s?bin|etc|lib\w*|opt|var|proc|sys|dev|run)/[^\s\"']*)")
NETWORK = re.compile(r" (?:fuse[\w.]*|cifs|smb\w*|nfs\d?|davfs\w*|9p|virtiofs) ")
"""In a list of mounts: a source that is a server's or a remote's name."""
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
    (r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]+)+", "person{n}@example.org"),
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

    def __init__(
        self,
        *,
        home: str,
        account: str,
        names: Iterable[str] = (),
        known: Iterable[str] = (),
        roots: Iterable[str] = (),
    ) -> None:
        """`names`: other words to take out, such as the host's name. `known`: folder names that may stay.

        `roots`: top folders that are not the system's, besides ROOTS.
        """
        self._home = home.rstrip("/")
        self._roots = (
            f"file://{self._home}",
            self._home,
            *ROOTS,
            *WRITTEN,
            *(one for one in roots if one not in ROOTS),
        )
        self._vocabulary = program_words() | {"example", "org", "net", ACCOUNT}
        self._vocabulary |= {word for root in self._roots[2:] for word in WORD.findall(root.lower())}
        self._known = KNOWN | {one.lower() for one in known}
        self._fakes: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._words: dict[str, str] = {}
        for name in sorted({one for one in names if len(one) > 2}, key=len, reverse=True):
            self._words[name] = f"name{len(self._words) + 1}"
        if account != "root":
            self._words[account] = ACCOUNT
        self._words.setdefault(ACCOUNT, ACCOUNT)  # another account of that name must not rename our fake

    def shipped(self, paths: Iterable[str]) -> None:
        """Learn the names of files that came with the system, before anything is scrubbed."""
        words = {word.lower() for path in paths for word in WORD.findall(path)}
        self._vocabulary |= words

    @property
    def _people(self) -> dict[str, str]:
        folded = [(word.lower(), fake) for word, fake in self._words.items()]
        return dict(sorted(folded, key=lambda one: one[1] == ACCOUNT))

    def path(self, path: str) -> str:
        """A path with its personal parts replaced."""
        return self._paths(path, whole=True)

    def name(self, folder: str, name: str) -> str:
        """A name in the list of a folder, replaced as it is in paths."""
        inside, above = self.path(f"{folder.rstrip('/')}/{name}"), self.path(folder.rstrip("/"))
        return self.text(name) if inside == f"{above}/{name}" else inside.removeprefix(f"{above}/")

    def text(self, text: str, *, own: bool = False) -> str:
        """Any text, line by line. `own`: the person's own words; of those only what the probes know stays."""
        clean = text.encode("utf-8", "replace").decode()
        return "\n".join(self._line(line, own=own) for line in clean.split("\n"))

    def accounts(self, passwd: str) -> None:
        """Learn people's login and full names from an account list, before anything is scrubbed."""
        for line in passwd.splitlines():
            fields = line.split(":")
            if len(fields) == 7 and fields[2].isdigit() and int(fields[2]) >= 1000 and fields[0] != "nobody":
                self._words.setdefault(fields[0], f"person{len(self._words) + 1}")
                for word in re.findall(r"[^\s,]{3,}", fields[4]):
                    self._words.setdefault(word, f"name{len(self._words) + 1}")

    def _line(self, line: str, *, own: bool) -> str:
        own = own or bool(NETWORK.search(line))
        if PASSWD.fullmatch(line):
            line = PASSWD.sub(r"\1\2", line)
        line = self._paths(line, whole=False)
        for number, (shape, fake) in enumerate(SHAPES):
            line = re.sub(shape, self._faker(str(number), fake), line)
        line = self._keyed(line)
        for word, fake in sorted(self._words.items(), key=lambda one: -len(one[0])):
            line = re.sub(rf"(?<![\w]){re.escape(word)}(?![\w])", fake, line, flags=re.IGNORECASE)
        return "".join(self._known_words(part) for part in self._apart(line)) if own else line

    def _apart(self, line: str) -> list[str]:
        """A line cut at paths of the system, which are nobody's."""
        return SYSTEM_PATH.split(line)

    def _known_words(self, text: str) -> str:
        """Each word that the probes don't know becomes a fake, the same one everywhere."""
        return text if SYSTEM_PATH.fullmatch(text) else WORD.sub(self._word, text)

    def _word(self, match: re.Match[str]) -> str:
        word = match[0]
        if word.lower() in self._vocabulary or FAKE.fullmatch(word):
            return word
        return self._fake("word", word.lower(), "word{n}")

    def _keyed(self, line: str) -> str:
        """`displayname=Dr Example` -> `displayname=scrubbed1`; numbers, switches and paths stay."""
        match = KEYED.match(line)
        if match is None or not PERSONAL_KEY.search(match["lead"]):
            return line
        value = match["value"]
        if all(word.lower() in self._vocabulary for word in WORD.findall(value)):
            return line  # such as `passwd: files ldap`: words that the probes look for
        if PLAIN_VALUE.fullmatch(value) or value.strip("\"'").startswith(("/", "~", "file:", "$")):
            return line
        quote = value[0] if value[0] in "\"'" else ""
        fake = self._fake("value", value, "scrubbed{n}")
        return f"{match['lead']}{quote}{fake}{quote}{match['tail']}"

    def _paths(self, text: str, *, whole: bool) -> str:
        """Replace the home folder and the names below it. `whole`: the text is one path, blanks included."""
        for root in self._roots:
            # After `=` or a quote a path ends with the line or the quote; elsewhere with the first bare blank.
            starts = ("",) if whole else (r"(?<==)", r"(?<== )", r"(?<=[\"'])", "")
            for start in starts:
                end = r"[^\n\"'<>]*" if whole or start else r"(?:\\ |\\040|[^\s\"'<>:;,|])*"
                text = self._under(text, root, start, end)
        return text

    def _under(self, text: str, root: str, start: str, end: str) -> str:
        fake = root.replace(self._home, HOME) if self._home in root else root
        return re.sub(
            rf"{start}(?<![\w/.]){re.escape(root)}(?P<below>/{end}|(?=[\s\"'<>:;,|]|$))",
            lambda match: fake + self._below(match["below"], hidden=root in WRITTEN),
            text,
        )

    def _below(self, path: str, *, hidden: bool) -> str:
        """`hidden`: names there are mostly programs' own, and lose only the words that no program knows."""
        parts = path.split("/")
        out: list[str] = []
        for part in parts:
            hidden, word = hidden or part.startswith("."), part.lower()
            if not part or word in self._known or word in self._vocabulary or FAKE.fullmatch(part):
                out.append(part)
            elif word in self._people:
                out.append(self._people[word])
            elif hidden:
                out.append(WORD.sub(self._word, part))
            else:
                out.append(self._fake("folder", part, "folder{n}"))
        return "/".join(out)

    def _faker(self, kind: str, fake: str) -> Callable[[re.Match[str]], str]:
        return lambda match: self._fake(kind, match[0], fake)

    def _fake(self, kind: str, found: str, fake: str) -> str:
        known = self._fakes.get((kind, found))
        if known is None:
            self._counts[kind] = count = self._counts.get(kind, 0) + 1
            known = self._fakes[kind, found] = fake.format(n=count)
        return known
