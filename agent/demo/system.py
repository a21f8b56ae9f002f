"""A virtual phone's system: programs, recorded answers and faults, laid out as files that its shell reads."""

import os
import random
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from agent.collect.recorded import INDEX, RecordingError, validate
from agent.demo import cuts, pictures, sandbox
from agent.demo.faults import Faults
from agent.demo.script import ANSWER, COMMANDS, WORD_ENDS

ROOT, SHELL = 0, 2000
NOISE_BYTES = 64 << 10
ERRORS: Mapping[str, str] = {
    "not_permitted": "denied", "timed_out": "timed_out", "tool_missing": "missing", "not_found": "missing",
}  # fmt: skip
"""A recorded reason why nothing was seen, and the fault that shows it again."""
FOREIGN = (
    (re.compile(r'(User ")Owner(")'), "\\1Propriétaire\\2"),
    (re.compile(r"(UserInfo\{\d+:)Owner(:)"), "\\1Propriétaire\\2"),
    (re.compile(r"(?m)^( *name=).*$"), "\\1Usuario de dispositivo de trabajo"),
    (re.compile(r"\b(\d{4})-0?(\d+)-0?(\d+) 0?(\d+):(\d\d)(:\d\d)?(\.\d+)?"), "\\3/\\2/\\1, \\4:\\5\u202fp.\u00a0m."),
)
"""What Android translates in dumps: names of users and owners, and dates, with spaces that do not break."""


class Recording:
    """The commands of a recording, each with its answer as bytes."""

    def __init__(self, folder: str, *, replaced: Mapping[str, str], faults: Faults) -> None:
        """Raises RecordingError, OSError."""
        self._folder = os.path.realpath(folder)
        self._replaced = replaced
        self._foreign = faults.foreign
        self._locked = faults.before_first_unlock
        with open(os.path.join(folder, INDEX), "rb") as stream:
            try:
                index = tomllib.load(stream)
            except (ValueError, RecursionError) as error:
                raise RecordingError(f"{INDEX} is not TOML: {error}") from error
        validate(index)
        if index["platform"] != "android":
            raise RecordingError("platform: expected android")
        self.rows: list[dict[str, Any]] = index.get("command", [])

    def text(self, row: Mapping[str, Any], key: str) -> bytes:
        """A row's `stdout` or `stderr`. Raises RecordingError, OSError."""
        if f"{key}_text" in row:
            return self._changed(str(row[f"{key}_text"]).encode("utf-8", "surrogateescape"))
        if key not in row:
            return b""
        path = os.path.realpath(os.path.join(self._folder, row[key]))
        if not path.startswith(f"{self._folder}{os.sep}"):
            raise RecordingError("a payload lies outside the recording")
        with open(path, "rb") as stream:
            return self._changed(stream.read())

    def _changed(self, data: bytes) -> bytes:
        text = data.decode("utf-8", "surrogateescape")
        for old, new in self._replaced.items():
            text = text.replace(old, new)
        if self._locked:
            text = text.replace("RUNNING_UNLOCKED", "RUNNING_LOCKED")
        if self._foreign:
            for pattern, new in FOREIGN:
                text = pattern.sub(new, text)
        return text.encode("utf-8", "surrogateescape")

    def user(self) -> int:
        """As whom the shell runs: 0 where root answered when it was recorded."""
        said = b"".join(self.text(row, "stdout") for row in self.rows if row["argv"] == ["id"])
        return ROOT if said.startswith(b"uid=0(") else SHELL

    def properties(self) -> dict[str, str]:
        """What `getprop` lists, lines of one value each."""
        rows = [row for row in self.rows if row["argv"] == ["getprop"]]
        lines = self.text(rows[0], "stdout").decode("utf-8", "replace").splitlines() if rows else []
        found = (re.fullmatch(r"\[([^\]]{1,200})\]: \[(.*)\]", line) for line in lines)
        return {one[1]: one[2] for one in found if one is not None}


def key(argv: list[str]) -> str:
    """How the phone's shell and the recording name a command: without dumpsys' time limit, which changes no answer."""
    if argv[:1] == ["dumpsys"] and argv[1:2] in (["-t"], ["-T"]):
        argv = [argv[0], *argv[3:]]
    return WORD_ENDS.join(argv)


def install(root: str, recording: Recording, faults: Faults, storage: str | None) -> None:
    """Make an empty folder a phone's system. Raises SandboxError, RecordingError, OSError."""
    sandbox.build(root)
    android = os.path.join(root, "android")
    os.mkfifo(os.path.join(android, "asked"))
    _write(os.path.join(android, "answer"), ANSWER.encode())
    os.chmod(os.path.join(android, "answer"), 0o755)  # noqa: S103 - a program of the phone
    for name in COMMANDS:
        os.symlink("/android/answer", os.path.join(root, "system/bin", name))
    cuts.lay(root, before=faults.cut_before, after=faults.cut_after)
    _write(os.path.join(android, "noise"), random.Random(5).randbytes(NOISE_BYTES))  # noqa: S311 - the same each time
    _write(os.path.join(android, "faults"), _lines(_faults(recording, faults)))
    os.makedirs(os.path.join(android, "answers"))
    _write(os.path.join(android, "index"), _lines(_answers(recording, os.path.join(android, "answers"))))
    _lay_storage(root, there=storage is not None)
    pictures.furnish(os.path.join(android, "pictures"), storage)


def _lay_storage(root: str, *, there: bool) -> None:
    if there:
        os.makedirs(os.path.join(root, "storage/emulated/0"))
    os.makedirs(os.path.join(root, "storage/self"))
    os.symlink("/storage/emulated/0", os.path.join(root, "storage/self/primary"))
    os.symlink("/storage/self/primary", os.path.join(root, "sdcard"))


def _faults(recording: Recording, faults: Faults) -> Iterator[tuple[str, str]]:
    for kind in ("denied", "timed_out", "hanging", "missing", "flooding", "garbled"):
        yield from ((kind, key(one.split())) for one in getattr(faults, kind))
    for row in recording.rows:
        if "error" in row:
            yield ERRORS.get(row["error"], "garbled"), key(row["argv"])


def _answers(recording: Recording, folder: str) -> Iterator[tuple[str, str]]:
    """Write the answers; (number and exit code, key) of each."""
    for number, row in enumerate(recording.rows):
        for stream, ending in (("stdout", "out"), ("stderr", "err")):
            _write(os.path.join(folder, f"{number}.{ending}"), recording.text(row, stream))
        yield f"{number} {int(row.get('exit_code', 0)) & 0xFF}", key(row["argv"])


def _lines(pairs: Iterator[tuple[str, str]]) -> bytes:
    """Two lines a pair. A command with a line end or a NUL in it can't be asked for."""
    kept = ((head, name) for head, name in pairs if not set(name) & {"\n", "\0"})
    return "".join(f"{head}\n{name}\n" for head, name in kept).encode("utf-8", "surrogateescape")


def _write(path: str, data: bytes) -> None:
    with open(path, "wb") as stream:
        stream.write(data)
