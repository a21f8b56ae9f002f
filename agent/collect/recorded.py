"""A device that answers from a recording: a folder that somebody mailed, or that a test keeps."""

import tomllib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agent import limits
from agent.collect.host import CollectError, Command, EntryKind, LocalHost, Output, Process, Stat
from checks.evidence import Why
from checks.model import Platform

SCHEMA = "scrubin/recording/1"
INDEX = "recording.toml"


class RecordingError(Exception):
    """A folder is no recording that we understand. The text says what is wrong and where."""


class RecordedHost:
    """Answers from the index of a recording; what was not recorded raises NOT_RECORDED, never an empty answer."""

    def __init__(self, index: Mapping[str, Any], payloads: Mapping[str, str]) -> None:
        """`index` is the parsed recording.toml; `payloads` maps file names in the recording to their text."""
        self._index = index
        self._payloads = payloads
        self._complete = index.get("complete") is True
        self._commands = {tuple(one["argv"]): one for one in index.get("command", [])}
        self._paths: dict[tuple[str, str], Mapping[str, Any]] = {}
        for kind in ("file", "folder", "link"):
            for one in index.get(kind, []):
                self._paths[kind, one["path"]] = one

    @property
    def platform(self) -> Platform:
        """The system that was recorded."""
        return Platform(self._index["platform"])

    @property
    def home(self) -> str:
        """See Host."""
        return str(self._index["home"])

    @property
    def account(self) -> str:
        """See Host."""
        return str(self._index["account"])

    @property
    def environ(self) -> Mapping[str, str]:
        """See Host."""
        return {name: str(value) for name, value in self._index.get("environment", {}).items()}

    def now(self) -> datetime:
        """The moment of the recording, so that ages come out as they were."""
        moment: datetime = self._index["captured_at"]
        return moment.astimezone(UTC)

    def run(self, command: Command) -> Output:
        """See Host. A complete recording lacks no tool that was there, so a missing one is TOOL_MISSING."""
        one = self._commands.get(command.argv)
        if one is None:
            raise CollectError(Why.TOOL_MISSING if self._complete else Why.NOT_RECORDED, command.argv[0])
        _raise(one, command.argv[0])
        return Output(
            exit_code=int(one.get("exit_code", 0)), stdout=self._text(one, "stdout"), stderr=self._text(one, "stderr")
        )

    def read(self, path: str) -> str:
        """See Host."""
        one = self._entry("file", path)
        return self._text(one, "content")

    def names(self, folder: str) -> tuple[str, ...]:
        """See Host. In a complete recording a folder also holds the recorded paths below it."""
        one = self._paths.get(("folder", folder))
        below = self._below(folder)
        if one is None:
            if below and self._complete:
                return below
            raise self._absent(folder)
        _raise(one)
        return tuple(sorted({*one.get("names", []), *(below if self._complete else ())}))

    def stat(self, path: str) -> Stat:
        """See Host."""
        for kind in (EntryKind.FILE, EntryKind.FOLDER):
            one = self._paths.get((kind, path))
            if one is not None:
                _raise(one)
                modified: datetime = one.get("modified_at", self._index["captured_at"])
                return Stat(kind=kind, modified_at=modified.astimezone(UTC), size_bytes=int(one.get("size_bytes", 1)))
        if self._complete and self._below(path):
            return Stat(kind=EntryKind.FOLDER, modified_at=self.now(), size_bytes=0)
        raise self._absent(path)

    def resolve(self, path: str) -> str:
        """See Host. Paths without a recorded link are where they say they are."""
        parts = path.split("/")
        for end in range(len(parts), 1, -1):
            one = self._paths.get(("link", "/".join(parts[:end])))
            if one is not None:
                _raise(one)
                return "/".join([str(one["target"]), *parts[end:]])
        return path

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """See Host. An incomplete recording that lacks the list of processes says so."""
        recorded = self._index.get("process")
        if recorded is None and not self._complete:
            raise CollectError(Why.NOT_RECORDED, "processes")
        return tuple(
            Process(name=one["name"], argv=tuple(one.get("argv", ())), own=bool(one.get("own", True)))
            for one in recorded or ()
            if one["name"] in names
        )

    def _entry(self, kind: str, path: str) -> Mapping[str, Any]:
        one = self._paths.get((kind, path))
        if one is None:
            raise self._absent(path)
        _raise(one)
        return one

    def _absent(self, path: str) -> CollectError:
        return CollectError(Why.NOT_FOUND if self._complete else Why.NOT_RECORDED, path)

    def _below(self, folder: str) -> tuple[str, ...]:
        prefix = folder.rstrip("/") + "/"
        inside = {
            path[len(prefix) :].split("/")[0]
            for (kind, path), one in self._paths.items()
            if path.startswith(prefix) and one.get("error") != "not_found"
        }
        return tuple(sorted(inside - {""}))

    def _text(self, one: Mapping[str, Any], key: str) -> str:
        if f"{key}_text" in one:
            return str(one[f"{key}_text"])
        name = one.get(key)
        if name is None:
            return ""
        if name not in self._payloads:
            raise CollectError(Why.NOT_RECORDED, str(name))
        text = self._payloads[name]
        size = one.get("size_bytes") if key == "stdout" else None
        if size not in (None, len(text.encode("utf-8", "surrogateescape"))):
            raise CollectError(Why.UNPARSABLE, "a file of the recording was cut, or changed")
        return text


def _raise(one: Mapping[str, Any], detail: str = "as recorded") -> None:
    if "error" in one:
        raise CollectError(Why(one["error"]), detail)


def load(folder: str, door: LocalHost) -> RecordedHost:
    """Read a recording through the door. Raises RecordingError; a missing payload is a gap, not an error."""
    try:
        index = tomllib.loads(door.read(f"{folder}/{INDEX}"))
    except CollectError as error:
        raise RecordingError(f"{INDEX} could not be read ({error.why})") from error
    except ValueError as error:  # also a number of absurdly many digits, which Python itself refuses
        raise RecordingError(f"{INDEX} is not TOML: {error}") from error
    except RecursionError as error:
        raise RecordingError(f"{INDEX} is nested too deeply") from error
    validate(index)
    payloads = {}
    for name in sorted(_payload_names(index)):
        try:
            payloads[name] = door.read(f"{folder}/{name}", most=limits.PHONE_READING_BYTES)
        except CollectError:
            continue  # RecordedHost says NOT_RECORDED where it is asked for
    return RecordedHost(index, payloads)


def validate(index: Mapping[str, Any]) -> None:
    """Hold an index to its shape before anything reads it. Raises RecordingError."""
    if index.get("schema") != SCHEMA:
        raise RecordingError(f'schema: expected "{SCHEMA}"')
    for key, kind in (("platform", str), ("home", str), ("account", str), ("captured_at", datetime)):
        if not isinstance(index.get(key), kind):
            raise RecordingError(f"{key}: expected {kind.__name__}")
    if index["platform"] not in set(Platform):
        raise RecordingError("platform: not a system that we know")
    if not _placed(index["captured_at"]):
        raise RecordingError("captured_at: expected an offset, such as Z, and a year that exists everywhere")
    if not isinstance(index.get("environment", {}), dict):
        raise RecordingError("environment: expected a table")
    for table, required in TABLES.items():
        rows = index.get(table, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise RecordingError(f"{table}: expected tables [[{table}]]")
        for number, row in enumerate(rows, start=1):
            _validate_row(f"{table} {number}", row, required)


TABLES: Mapping[str, tuple[str, type]] = {
    "command": ("argv", list),
    "file": ("path", str),
    "folder": ("path", str),
    "link": ("path", str),
    "process": ("name", str),
}
FIELDS: Mapping[str, type] = {
    "stdout": str, "stdout_text": str, "stderr": str, "stderr_text": str, "content": str, "content_text": str,
    "exit_code": int, "names": list, "target": str, "argv": list, "own": bool, "size_bytes": int,
    "modified_at": datetime, "error": str, "path": str, "name": str,
}  # fmt: skip


def _placed(moment: datetime) -> bool:
    """It has an offset, and is a moment in UTC too."""
    try:
        return moment.tzinfo is not None and moment.astimezone(UTC).tzinfo is UTC
    except OverflowError:
        return False


def _validate_row(label: str, row: Mapping[str, Any], required: tuple[str, type]) -> None:
    if required[0] not in row:
        raise RecordingError(f"{label}: {required[0]} is missing")
    for key, value in row.items():
        if key not in FIELDS or not isinstance(value, FIELDS[key]):
            raise RecordingError(f"{label}: {key} is unknown or of a wrong type")
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise RecordingError(f"{label}: {key} holds something that is not text")
        if isinstance(value, datetime) and not _placed(value):
            raise RecordingError(f"{label}: {key} lacks its offset, or lies outside the years that exist everywhere")
    if row.get("error", "not_found") not in set(Why):
        raise RecordingError(f"{label}: error is not a reason that we know")
    if label.startswith("link") and not {"target", "error"} & set(row):
        raise RecordingError(f"{label}: target is missing")


def _payload_names(index: Mapping[str, Any]) -> set[str]:
    """Names of payload files. Raises RecordingError for one that would lead out of the folder."""
    names = {
        row[key] for table in ("command", "file") for row in index.get(table, []) for key in PAYLOADS if key in row
    }
    for name in names:
        if name.startswith("/") or ".." in name.split("/") or "\0" in name:
            raise RecordingError("a payload lies outside the recording")
    return names


PAYLOADS = ("stdout", "stderr", "content")
