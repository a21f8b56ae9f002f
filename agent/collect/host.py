"""The only door to a device: a fixed set of ways to look, each bounded in time and size. Nothing here writes."""

import contextlib
import io
import os
import selectors
import signal
import stat as stat_bits
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

import psutil

from agent import limits
from checks.evidence import Why

TOOL_FOLDERS = ("/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin")
"""Where tools are looked for. Not PATH: the person's own folders may hold anything, and /usr/sbin is often missing."""
ENVIRONMENT = (
    "HOME", "USER", "XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "XDG_SESSION_ID", "XDG_CONFIG_HOME", "XDG_DATA_HOME",
    "XDG_CACHE_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
    "GSETTINGS_BACKEND", "GSETTINGS_SCHEMA_DIR", "DCONF_PROFILE", "SNAP", "FLATPAK_ID",
)  # fmt: skip
"""Variables that probes may see; everything else of the person's environment is theirs."""


class CollectError(Exception):
    """Something could not be seen. `why` decides what it means; `detail` stays on the device."""

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(why, detail)
        self.why = why
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A read-only command. `argv[0]` is a bare tool name, found in TOOL_FOLDERS."""

    argv: tuple[str, ...]
    timeout_s: float = limits.COMMAND_TIMEOUT_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a command said. Text is UTF-8 with undecodable bytes as surrogates."""

    exit_code: int
    stdout: str
    stderr: str


class EntryKind(StrEnum):
    """What stands at a path, links followed."""

    FILE = "file"
    FOLDER = "folder"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stat:
    """What is known of a path, links followed."""

    kind: EntryKind
    modified_at: datetime
    """Aware, UTC."""
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A running program."""

    name: str
    """Lower case, at most 15 characters on Linux."""
    argv: tuple[str, ...]
    """Empty when another account's arguments are hidden."""
    own: bool
    """It runs as the audited account."""


class Host(Protocol):
    """A device as probes see it. Every method raises CollectError, and nothing else, for what cannot be seen."""

    @property
    def home(self) -> str:
        """The audited account's home folder."""

    @property
    def account(self) -> str:
        """The audited account's login name. It stays on the device."""

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables of ENVIRONMENT that are set."""

    def now(self) -> datetime:
        """Aware, UTC; for a recording the moment at which it was made."""

    def run(self, command: Command) -> Output:
        """Run a command. A non-zero exit code is an answer, not an error."""

    def read(self, path: str) -> str:
        """The text of a regular file, links followed."""

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted."""

    def stat(self, path: str) -> Stat:
        """What stands at a path; NOT_FOUND when nothing does."""

    def resolve(self, path: str) -> str:
        """The path with every link followed; missing parts stay as they are."""

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """Running programs whose name, or first argument's last part, is one of `names` (lower case)."""


class LocalHost:
    """This laptop, as the person who runs the agent."""

    def __init__(self, *, stop: threading.Event | None = None, environ: Mapping[str, str] | None = None) -> None:
        given = os.environ if environ is None else environ
        self._environ = {name: given[name] for name in ENVIRONMENT if name in given}
        self._stop = stop or threading.Event()
        self._looking = threading.Lock()
        self._running: tuple[Process, ...] = ()
        self._looked_at = float("-inf")

    @property
    def home(self) -> str:
        """HOME as the session has it; the account's own entry when it is unset."""
        return self._environ.get("HOME") or _account_entry()[1]

    @property
    def account(self) -> str:
        """The login name of the running account, never what USER claims."""
        return _account_entry()[0]

    @property
    def environ(self) -> Mapping[str, str]:
        """The variables of ENVIRONMENT that are set."""
        return self._environ

    def now(self) -> datetime:
        """The wall clock: evidence is dated where it is taken."""
        return datetime.fromtimestamp(time.time(), UTC)

    def run(self, command: Command) -> Output:
        """Run a command with a closed stdin, a plain English locale and bounded time and output."""
        if self._stop.is_set():
            raise CollectError(Why.STOPPED)
        argv = (find_tool(command.argv[0]), *command.argv[1:])
        environment = {**self._environ, "PATH": ":".join(TOOL_FOLDERS), "LANG": "C", "LC_ALL": "C"}
        try:
            child = subprocess.Popen(  # argv is a constant of a probe, never a shell line
                argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                env=environment, cwd="/", start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            raise CollectError(_why(error), f"{argv[0]}: {error.strerror}") from error
        with child:
            try:
                return self._gather(child, command)
            finally:
                _end(child)

    def _gather(self, child: subprocess.Popen[bytes], command: Command) -> Output:
        deadline = time.monotonic() + command.timeout_s
        heard: dict[str, bytearray] = {"stdout": bytearray(), "stderr": bytearray()}
        for name, chunk in self._chunks(child, deadline):
            heard[name] += chunk
            if len(heard[name]) > limits.COMMAND_OUTPUT_BYTES:
                raise CollectError(Why.TOO_LARGE, command.argv[0])
        try:
            code = child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired as error:
            raise CollectError(Why.TIMED_OUT, command.argv[0]) from error
        return Output(exit_code=code, stdout=_text(heard["stdout"]), stderr=_text(heard["stderr"]))

    def _chunks(self, child: subprocess.Popen[bytes], deadline: float) -> Iterator[tuple[str, bytes]]:
        """Yield what the child writes until both streams end. Raises TIMED_OUT or STOPPED."""
        stop_at = float("inf")
        with selectors.DefaultSelector() as watch:
            for name, stream in (("stdout", child.stdout), ("stderr", child.stderr)):
                if stream is not None:
                    watch.register(stream, selectors.EVENT_READ, name)
            while watch.get_map():
                now = time.monotonic()
                if self._stop.is_set():
                    stop_at = min(stop_at, now + limits.STOP_GRACE_S)
                if now >= min(deadline, stop_at):
                    raise CollectError(Why.STOPPED if now >= stop_at else Why.TIMED_OUT)
                for key, _ in watch.select(min(0.25, deadline - now)):
                    chunk = os.read(key.fd, 1 << 16)
                    if chunk:
                        yield key.data, chunk
                    else:
                        watch.unregister(key.fileobj)

    def read(self, path: str, *, most: int = limits.FILE_BYTES) -> str:
        """The text of a regular file of at most `most` bytes; a pipe or device never blocks or floods us."""
        try:
            stream = open(path, "rb", buffering=0, opener=_open_without_waiting)  # noqa: SIM115 - closed below
        except (OSError, ValueError) as error:
            raise CollectError(_why(error), path) from error
        with stream:
            if not stat_bits.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise CollectError(Why.UNREADABLE, f"{path} is not a regular file")
            return _file_text(stream, path, most)

    def names(self, folder: str) -> tuple[str, ...]:
        """The names in a folder, sorted; TOO_LARGE beyond FOLDER_ENTRIES."""
        found: list[str] = []
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    found.append(entry.name)
                    if len(found) > limits.FOLDER_ENTRIES:
                        raise CollectError(Why.TOO_LARGE, folder)
        except (OSError, ValueError) as error:
            raise CollectError(_why(error), folder) from error
        return tuple(sorted(found))

    def stat(self, path: str) -> Stat:
        """What stands at a path, links followed."""
        try:
            seen = os.stat(path)
        except (OSError, ValueError) as error:
            raise CollectError(_why(error), path) from error
        kind = EntryKind.OTHER
        if stat_bits.S_ISREG(seen.st_mode):
            kind = EntryKind.FILE
        elif stat_bits.S_ISDIR(seen.st_mode):
            kind = EntryKind.FOLDER
        return Stat(kind=kind, modified_at=_moment(seen.st_mtime, path), size_bytes=seen.st_size)

    def resolve(self, path: str) -> str:
        """The path with every link followed."""
        try:
            return os.path.realpath(path)
        except (OSError, ValueError, RecursionError) as error:
            raise CollectError(_why(error), path) from error

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """Running programs of these names, whoever runs them."""
        with self._looking:
            if time.monotonic() - self._looked_at > limits.PROCESSES_FRESH_S:
                self._running = _running()
                self._looked_at = time.monotonic()
            running = self._running
        return tuple(seen for one in running if (seen := _named(one, names)) is not None)


def find_tool(name: str) -> str:
    """The absolute path of a tool. Raises CollectError(TOOL_MISSING)."""
    for folder in TOOL_FOLDERS:
        path = os.path.join(folder, name)
        if os.access(path, os.X_OK):
            return path
    raise CollectError(Why.TOOL_MISSING, name)


def _running() -> tuple[Process, ...]:
    """All programs that run now. Several probes ask, and going through /proc is the dearest look of all."""
    own = psutil.Process().uids().real if os.name == "posix" else None
    try:
        return tuple(seen for one in psutil.process_iter() if (seen := _process(one, own)) is not None)
    except (psutil.Error, OSError) as error:
        raise CollectError(Why.UNREADABLE, "the list of processes") from error


def _process(one: psutil.Process, own: int | None) -> Process | None:
    try:
        with one.oneshot():
            argv = tuple(one.cmdline())
            name = one.name().lower()
            owned = own is None or one.uids().real == own
    except psutil.AccessDenied:
        argv, name, owned = (), one.name().lower(), False
    except psutil.NoSuchProcess:
        return None  # it ended while we looked: it no longer runs
    return Process(name=name, argv=argv, own=owned)


def _named(one: Process, names: frozenset[str]) -> Process | None:
    """A process if it has one of the names. Linux cuts the name at 15 characters, so the first argument counts too."""
    program = os.path.basename(one.argv[0]).lower() if one.argv else one.name
    if not names & {one.name, program}:
        return None
    known = one.own and sum(map(len, one.argv)) <= limits.PROCESS_ARGUMENT_BYTES
    return Process(name=program if program in names else one.name, argv=one.argv if known else (), own=one.own)


def _account_entry() -> tuple[str, str]:
    """(login name, home folder) of the running account."""
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError as error:
        raise CollectError(Why.NOT_FOUND, "this account has no entry in the account list") from error
    return entry.pw_name, entry.pw_dir


def _end(child: subprocess.Popen[bytes]) -> None:
    """Leave no process behind: the whole session that the command started goes, children that it forked included."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)


def _open_without_waiting(path: str, flags: int) -> int:
    """A pipe that somebody put in the place of a file must not hold us up."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY)


def _file_text(stream: io.FileIO, path: str, most: int) -> str:
    data = bytearray()
    try:
        while len(data) <= most and (chunk := stream.read(most + 1 - len(data))):
            data += chunk
    except OSError as error:
        raise CollectError(_why(error), path) from error
    if len(data) > most:
        raise CollectError(Why.TOO_LARGE, path)
    if b"\0" in data and not path.startswith("/proc/"):
        raise CollectError(Why.UNPARSABLE, f"{path} is not text")
    return _text(data)


def _text(data: bytes | bytearray) -> str:
    return bytes(data).decode("utf-8", "surrogateescape")


def _moment(seconds: float, path: str) -> datetime:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise CollectError(Why.UNPARSABLE, f"{path} has an impossible date") from error


def _why(error: Exception) -> Why:
    match error:
        case FileNotFoundError() | NotADirectoryError():
            return Why.NOT_FOUND
        case PermissionError():
            return Why.NOT_PERMITTED
        case _:
            return Why.UNREADABLE
