"""The parts of a whole journey as real processes: a console, a laptop with its own home, a browser."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = (sys.executable, "-c", "import sys; from agent.cli import main; sys.exit(main())")
T = TypeVar("T")


def environment(home: Path, **more: str) -> dict[str, str]:
    """Of an account that has nothing of ours but its home."""
    return {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "SCRUBIN_SYSTEM_CONFIG": str(home / "etc"),
        **more,
    }


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    hints: str

    @property
    def body(self) -> Any:
        """Its JSON."""
        return json.loads(self.out)


@dataclass(frozen=True, kw_only=True)
class Laptop:
    """A clinician's account."""

    home: Path
    more: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        config = self.home / ".config" / "scrubin"
        config.mkdir(parents=True, exist_ok=True)
        (config / "agent.toml").write_text('secrets = "file"\n')  # no keyring runs in a test

    def run(self, *words: str) -> Said:
        """One command of scrubin, without a terminal."""
        done = subprocess.run(
            [*PROGRAM, *words],
            env=environment(self.home, **self.more),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Said(code=done.returncode, out=done.stdout, hints=done.stderr)

    def json(self, *words: str, code: int | None = 0) -> Any:
        """Its JSON answer; None takes any exit code."""
        said = self.run(*words, "--json")
        assert code is None or said.code == code, (words, said)
        return said.body


@dataclass(kw_only=True)
class Server:
    """A console that runs."""

    words: Sequence[str]
    home: Path
    port: int
    more: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[str] | None = None
    told: Any = None
    """What it said when it listened."""

    @property
    def address(self) -> str:
        """For browsers and devices."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns once it listens."""
        command = [*PROGRAM, "console", "serve", *self.words, "--listen", f"127.0.0.1:{self.port}", "--json"]
        self.process = subprocess.Popen(
            command,
            env=environment(self.home, **self.more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, f"the console ended with {self.process.wait(60)}"
        self.told = json.loads(line)

    def kill(self) -> None:
        """As a power cut would."""
        assert self.process is not None
        self.process.kill()
        self._wait()

    def stop(self) -> int:
        """As a service manager would."""
        assert self.process is not None
        self.process.terminate()
        return self._wait()

    def _wait(self) -> int:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(60)


@contextmanager
def running(home: Path, words: Sequence[str], **more: str) -> Iterator[Server]:
    """A console, ended at the end."""
    home.mkdir(exist_ok=True)
    server = Server(words=words, home=home, port=free_port(), more=more)
    server.start()
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()


def free_port() -> int:
    """Nobody listens there now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def until(look: Callable[[], T], *, within_s: float = 120) -> T:
    """What `look` says once it says something."""
    deadline = time.monotonic() + within_s
    while not (found := look()):
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.1)
    return found
