"""A host that notes what probes ask and hear, so that it can be written down as a recording."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from agent.collect.host import CollectError, Command, EntryKind, Host, Output, Process, Stat
from agent.collect.layered import Through

T = TypeVar("T")
Row = dict[str, Any]


class RecordingHost(Through):
    """Passes every question on and keeps the answer. Rows have the fields of a recording's tables."""

    def __init__(self, behind: Host) -> None:
        super().__init__(behind)
        self._guard = threading.Lock()
        self.rows: dict[tuple[str, Any], Row] = {}
        """(table, key) -> row; texts stand in `stdout_text`, `stderr_text` and `content_text`."""

    def run(self, command: Command) -> Output:
        """See Host."""
        return self._note(
            ("command", command.argv),
            {"argv": list(command.argv)},
            lambda: self._behind.run(command),
            lambda heard: {"exit_code": heard.exit_code, "stdout_text": heard.stdout, "stderr_text": heard.stderr},
        )

    def read(self, path: str) -> str:
        """See Host."""
        return self._note(
            ("file", path), {"path": path}, lambda: self._behind.read(path), lambda text: {"content_text": text}
        )

    def names(self, folder: str) -> tuple[str, ...]:
        """See Host."""
        return self._note(
            ("folder", folder),
            {"path": folder},
            lambda: self._behind.names(folder),
            lambda names: {"names": list(names)},
        )

    def stat(self, path: str) -> Stat:
        """See Host. A file's row may come from `read`, too: both note into one row."""
        try:
            seen = self._behind.stat(path)
        except CollectError as error:
            self._merge(("file", path), {"path": path, "error": str(error.why)})
            raise
        table = "folder" if seen.kind is EntryKind.FOLDER else "file"
        noted = {"modified_at": seen.modified_at.replace(microsecond=0), "size_bytes": seen.size_bytes}
        self._merge((table, path), {"path": path, **noted})
        return seen

    def resolve(self, path: str) -> str:
        """See Host. Only links are worth a row."""
        target = self._behind.resolve(path)
        if target != path:
            self._merge(("link", path), {"path": path, "target": target})
        return target

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """See Host."""
        found = self._behind.processes(names)
        for one in found:
            row = {"name": one.name, "argv": list(one.argv), "own": one.own}
            self._merge(("process", (one.name, one.argv, one.own)), row)
        return found

    def _note(self, key: tuple[str, Any], row: Row, ask: Callable[[], T], fields: Callable[[T], Row]) -> T:
        try:
            answer = ask()
        except CollectError as error:
            self._merge(key, {**row, "error": str(error.why)})
            raise
        self._merge(key, {**row, **fields(answer)})
        return answer

    def _merge(self, key: tuple[str, Any], row: Row) -> None:
        with self._guard:
            self.rows[key] = {**self.rows.get(key, {}), **row}
