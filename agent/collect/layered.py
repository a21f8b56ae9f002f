"""Hosts that stand before another host: one remembers its answers, one plants a known-bad setting."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from agent.collect.canary import Canary
from agent.collect.host import CollectError, Command, EntryKind, Host, Output, Process, Stat
from checks.evidence import Why

T = TypeVar("T")


class Through:
    """Passes every question on to the host behind it; what stands before a host overrides what it changes."""

    def __init__(self, behind: Host) -> None:
        self._behind = behind

    @property
    def home(self) -> str:
        """See Host."""
        return self._behind.home

    @property
    def account(self) -> str:
        """See Host."""
        return self._behind.account

    @property
    def environ(self) -> Mapping[str, str]:
        """See Host."""
        return self._behind.environ

    def now(self) -> datetime:
        """See Host."""
        return self._behind.now()

    def run(self, command: Command) -> Output:
        """See Host."""
        return self._behind.run(command)

    def read(self, path: str) -> str:
        """See Host."""
        return self._behind.read(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """See Host."""
        return self._behind.names(folder)

    def stat(self, path: str) -> Stat:
        """See Host."""
        return self._behind.stat(path)

    def resolve(self, path: str) -> str:
        """See Host."""
        return self._behind.resolve(path)

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """See Host."""
        return self._behind.processes(names)


class MemoHost(Through):
    """Asks the host behind it once for each thing during one audit, from several threads."""

    def __init__(self, behind: Host) -> None:
        super().__init__(behind)
        self._answers: dict[object, object] = {}
        self._locks: dict[object, threading.Lock] = {}
        self._guard = threading.Lock()

    def run(self, command: Command) -> Output:
        """See Host."""
        return self._once(("run", command), lambda: self._behind.run(command))

    def read(self, path: str) -> str:
        """See Host."""
        return self._once(("read", path), lambda: self._behind.read(path))

    def names(self, folder: str) -> tuple[str, ...]:
        """See Host."""
        return self._once(("names", folder), lambda: self._behind.names(folder))

    def stat(self, path: str) -> Stat:
        """See Host."""
        return self._once(("stat", path), lambda: self._behind.stat(path))

    def resolve(self, path: str) -> str:
        """See Host."""
        return self._once(("resolve", path), lambda: self._behind.resolve(path))

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """See Host."""
        return self._once(("processes", names), lambda: self._behind.processes(names))

    def _once(self, key: object, ask: Callable[[], T]) -> T:
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._answers:
                try:
                    self._answers[key] = ask()
                except CollectError as error:
                    self._answers[key] = error
            answer = self._answers[key]
        if isinstance(answer, CollectError):
            raise CollectError(answer.why, answer.detail)
        return answer  # type: ignore[return-value]  # the key holds the method's name, hence its type


class PlantedHost(Through):
    """The host behind it with some files replaced: how a run proves that it would have seen a bad setting."""

    def __init__(
        self,
        behind: Host,
        planted: Mapping[str, str],
        *,
        source: Host,
        answers: Mapping[tuple[str, ...], str] | None = None,
    ) -> None:
        """`planted` maps paths, and `answers` commands, to files that `source` can read."""
        super().__init__(behind)
        self._planted = planted
        self._source = source
        self._told = answers or {}

    def run(self, command: Command) -> Output:
        """A planted answer is read through `source`, as a planted file is."""
        if command.argv in self._told:
            return Output(exit_code=0, stdout=self._source.read(self._told[command.argv]), stderr="")
        return self._behind.run(command)

    def read(self, path: str) -> str:
        """A planted file is read through `source`, so that the door takes part in the proof."""
        if path in self._planted:
            return self._source.read(self._planted[path]).replace("@HOME@", self.home)
        return self._behind.read(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """The folder with the planted files in it."""
        prefix = folder.rstrip("/") + "/"
        added = {path[len(prefix) :].split("/")[0] for path in self._planted if path.startswith(prefix)}
        try:
            return tuple(sorted(added | set(self._behind.names(folder))))
        except CollectError:
            if added:
                return tuple(sorted(added))
            raise

    def stat(self, path: str) -> Stat:
        """A planted file is a fresh one; a folder above one exists."""
        if path in self._planted:
            return Stat(kind=EntryKind.FILE, modified_at=self.now(), size_bytes=1)
        try:
            return self._behind.stat(path)
        except CollectError as error:
            if error.why is Why.NOT_FOUND and any(one.startswith(path.rstrip("/") + "/") for one in self._planted):
                return Stat(kind=EntryKind.FOLDER, modified_at=self.now(), size_bytes=0)
            raise

    def resolve(self, path: str) -> str:
        """A planted file is where it says it is."""
        return path if path in self._planted else self._behind.resolve(path)


def planted(canary: Canary, folder: Path, behind: Host, *, source: Host) -> PlantedHost:
    """The host behind with a check's known-bad setting planted; `folder` holds the canary's files."""
    files = {path.replace("{home}", behind.home): str(folder / name) for path, name in canary.files.items()}
    answers = {argv: str(folder / name) for argv, name in canary.answers.items()}
    return PlantedHost(behind, files, source=source, answers=answers)
