"""A phone with memory for tests: it answers scripts from what a test gave, in pieces of any size, and may go away."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.collect.android.picture_scripts import Kind, PictureScript
from agent.collect.host import CollectError
from agent.photos.phone_files import PhonePictures
from checks.evidence import Why

OWNER = "Users:\n\tUserInfo{0:Owner:4c13} running\n"
PROOF = "[ro.serialno]: [S1]\n"
GONE = CollectError(Why.DISCONNECTED, "gone")


class Clock:
    """Seconds that pass only where a test lets them."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@dataclass
class FakePipe:
    """One run of a script."""

    said: bytes
    hear: Callable[[bytes], bytes] = lambda line: b""
    piece: int = 1 << 16
    wait: Callable[[float], None] = lambda seconds: None
    ends: bool = False
    """It hangs up after what it says; else it stays silent."""
    drips_s: float = 0.0
    """Passes before each piece."""
    hangs: bool = False
    told: list[bytes] = field(default_factory=list)
    closed: bool = False

    def read(self, wait_s: float) -> bytes | None:
        self.wait(self.drips_s)
        chunk, self.said = self.said[: self.piece], self.said[self.piece :]
        if not chunk and not self.ends:
            self.wait(wait_s)
            return None
        return chunk

    def write(self, data: bytes, wait_s: float) -> None:
        for line in data.splitlines(keepends=True):
            self.told.append(line)
            self.said += self.hear(line)

    def close(self) -> None:
        self.closed = True


class FakePhone:
    """Media rows by collection, what the search finds, and files by path."""

    def __init__(
        self,
        media: Mapping[str, bytes] | None = None,
        found: bytes = b"",
        files: Mapping[str, bytes | str] | None = None,
        *,
        people: str = f"open\n{OWNER}",
        proof: str = PROOF,
        cut: Mapping[int, int] | None = None,
        silent: Mapping[int, int] | None = None,
        piece: int = 1 << 16,
    ) -> None:
        """`cut`: number of a run -> bytes after which it breaks; `silent` likewise. A text in place of a file is all
        that the phone says of it, and "hangs" that it says nothing more."""
        self.media = dict(media or {})
        self.found = found
        self.files = dict(files or {})
        self.people = people
        self.proof = proof
        self.cut = dict(cut or {})
        self.silent = dict(silent or {})
        self.piece = piece
        self.complaints = 0
        """What the phone says that it complained of at the end of each script."""
        self.drips_s = 0.0
        self.clock = Clock()
        self.runs: list[FakePipe] = []

    def pictures(self, *, release: int = 34, stop: threading.Event | None = None) -> PhonePictures:
        return PhonePictures(
            0, "S1", release, "id", stop or threading.Event(), line=self, clock_s=self.clock, patience_s=0.0
        )

    def pipe(self, wanted: PictureScript, marker: str) -> FakePipe:
        mark = f"\n{marker} ".encode()
        said = f"{self.proof}{marker} B\n".encode() + self._said(wanted, mark)
        number = len(self.runs)
        end = self.silent.get(number, self.cut.get(number))
        pipe = FakePipe(said[:end], hear=lambda line: self._read(line, mark), piece=self.piece, wait=self._pass)
        pipe.ends, pipe.drips_s = number in self.cut, self.drips_s
        self.runs.append(pipe)
        return pipe

    def _said(self, wanted: PictureScript, mark: bytes) -> bytes:
        match wanted.kind:
            case Kind.READ:
                return b""
            case Kind.PEOPLE:
                body = self.people.encode()
            case Kind.MEDIA:
                body = self.media.get(wanted.collection, b"No result found.\n")
            case Kind.SKIPPED:
                body = self.found.replace(b"@", mark).removeprefix(b"\n")
        return body + mark + b"Z %d\n" % self.complaints

    def _read(self, line: bytes, mark: bytes) -> bytes:
        if self.runs[-1].hangs:
            return b""
        wanted, _, path = line.decode("utf-8", "surrogateescape").rstrip("\n").partition("/")
        held = self.files.get(f"/{path}", "gone")
        if held == "hangs":
            self.runs[-1].hangs = True
            return b""
        if isinstance(held, str):
            return mark + held.encode() + b"\n"
        body = b"%d\n" % len(held) if wanted == "size" else held[: int(wanted)]
        return body + mark + b"read\n"

    def _pass(self, seconds: float) -> None:
        self.clock.now_s += seconds
