"""Watches folders through watchdog; says so, once, when one cannot be watched, and looks for it again."""

import errno
import logging
import os
import stat
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)

from agent.daemon.parts import Reason
from agent.fault import attempt

log = logging.getLogger(__name__)

CHANGES: list[type[FileSystemEvent]] = [
    DirCreatedEvent, DirDeletedEvent, DirMovedEvent,
    FileCreatedEvent, FileDeletedEvent, FileModifiedEvent, FileMovedEvent,
]  # fmt: skip
"""What counts. Opening and closing do not: our own audit opens every picture and would wake itself for ever."""
MOST_FOLDERS = 64
LIMITS = frozenset({errno.ENOSPC, errno.EMFILE, errno.ENFILE})
"""What the kernel says when no more watches, or no more descriptors, are to be had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A folder to watch."""

    path: str
    reason: Reason
    recursive: bool


class Observer(Protocol):
    """What we use of a watchdog observer."""

    def schedule(
        self,
        event_handler: FileSystemEventHandler,
        path: str,
        *,
        recursive: bool = False,
        event_filter: list[type[FileSystemEvent]] | None = None,
    ) -> Any:
        """Watch a folder and answer watchdog's own handle; OSError if that cannot be."""

    def unschedule(self, watch: Any) -> None:
        """Stop watching it."""

    def start(self) -> None:
        """Begin; OSError if that cannot be."""

    def stop(self) -> None:
        """End, without waiting."""


OpenObserver = Callable[[], Observer]
Identity = tuple[int, int]
"""Device and inode: another folder under the same name is another folder."""


def inotify() -> Observer:
    """The system's own way to be told of changes, not started yet. OSError where its limit is reached."""
    from watchdog.observers import Observer as Native

    return Native()


def polling(poll_s: float) -> OpenObserver:
    """The way that always works: compare listings now and then."""

    def open_observer() -> Observer:
        from watchdog.observers.polling import PollingObserver

        return PollingObserver(timeout=poll_s)

    return open_observer


def identify(path: str) -> Identity | None:
    """Which folder stands there; None if there is none that this account may list."""
    try:
        seen = os.stat(path)
        listable = os.access(path, os.R_OK | os.X_OK)
    except (OSError, ValueError):
        return None
    return (seen.st_dev, seen.st_ino) if stat.S_ISDIR(seen.st_mode) and listable else None


def to_watch(photos: tuple[str, ...], policies: tuple[str, ...], *, own: tuple[str, ...]) -> tuple[Watched, ...]:
    """The folders worth a watch, links followed, each once.

    The agent's `own` folders are left out: what it writes there would wake it again. A folder above them (a home that
    is its own picture folder) is watched without what lies below.
    """
    mine = [os.path.realpath(path) for path in own]
    found: list[Watched] = []
    for path in sorted({os.path.realpath(path) for path in photos if os.path.isabs(path) and "\0" not in path}):
        if any(_inside(path, parent) for parent in mine) or any(_seen(path, above) for above in found):
            continue
        recursive = not any(_inside(own_path, path) for own_path in mine)
        found.append(Watched(path=path, reason=Reason.FOLDER, recursive=recursive))
    rules = (Watched(path=os.path.realpath(path), reason=Reason.POLICY, recursive=False) for path in policies)
    return tuple([*rules, *found][:MOST_FOLDERS])


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _seen(path: str, above: Watched) -> bool:
    return above.recursive and _inside(path, above.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    watched: Watched
    identity: Identity
    handle: Any
    """watchdog's own."""


class _Handler(FileSystemEventHandler):
    """Passes on that something changed and, to be looked at, in which folder; never which file."""

    def __init__(self, keeper: "FolderKeeper", reason: Reason) -> None:
        self._keeper = keeper
        self._reason = reason

    def on_any_event(self, event: FileSystemEvent) -> None:
        if self._reason is Reason.FOLDER and not isinstance(event, (DirDeletedEvent, FileDeletedEvent)):
            self._keeper.came(_folder_of(event))
        self._keeper.noticed(self._reason, vanished=isinstance(event, DirDeletedEvent))


def _folder_of(event: FileSystemEvent) -> str:
    """The folder in which something came: a new folder itself, which may have come with what lies in it."""
    path = os.fsdecode(event.dest_path or event.src_path)
    return path if event.is_directory else os.path.dirname(path)


class FolderKeeper:
    """Keeps every wanted folder watched. Its own thread does all looking, since a stalled mount may hang it."""

    def __init__(
        self,
        *,
        wanted: Callable[[], tuple[Watched, ...]],
        changed: Callable[[Reason], None],
        poll_s: float,
        probe_dir: str,
        open_observer: OpenObserver = inotify,
        open_poller: OpenObserver | None = None,
        touched: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`probe_dir` is an own folder on which it is tried whether one more watch can be had.

        `touched` is told into which folder something came.
        """
        self.came = touched
        self._wanted = wanted
        self._changed = changed
        self._poll_s = poll_s
        self._probe_dir = probe_dir
        self._open_observer = open_observer
        self._open_poller = open_poller or polling(poll_s)
        self._observer: Observer | None = None
        self._kept: dict[str, _Kept] = {}
        self._lost: frozenset[str] = frozenset()
        self._known: set[str] = set()
        """Paths that were watched at some time: that one of them goes is worth a warning."""
        self._again = threading.Event()
        self._ending = False
        self._broken = False
        self.polls = False
        """The system's limit was reached: folders are compared now and then instead."""

    def start(self) -> None:
        """Begin, in a thread of its own."""
        threading.Thread(target=self._run, name="scrubin-folders", daemon=True).start()

    def look_again(self) -> None:
        """The wanted folders may be others now."""
        self._again.set()

    def stop(self) -> None:
        """End, without waiting for a stalled mount."""
        self._ending = True
        self._again.set()

    def observer_died(self) -> None:
        """A thread of watchdog ended on a fault: from now on folders are compared."""
        self._broken = True
        self._again.set()

    def noticed(self, reason: Reason, *, vanished: bool) -> None:
        """Something changed below a watched folder."""
        self._changed(reason)
        if vanished:
            self._again.set()

    def _run(self) -> None:
        # watchdog quotes paths in its own warnings; whatever matters of them is said here, without.
        logging.getLogger("watchdog").setLevel(logging.CRITICAL)
        while not self._ending:
            attempt(self.look, what="watching folders", log=log)
            self._again.wait(self._poll_s)
            self._again.clear()
        if self._observer is not None:
            self._observer.stop()

    def look(self) -> None:
        """Bring the watches in line with what is wanted and what is there."""
        self._bring_in_line()
        if any(identify(path) is not None for path in self._lost):
            # It came after we had looked for it and before the folder above it was watched: nobody would tell us.
            self._bring_in_line()

    def _bring_in_line(self) -> None:
        wanted = {watched.path: watched for watched in self._wanted()}
        if self._broken and not self.polls:
            self._fall_back("the system's change notices ended")
        try:
            self._tend(wanted)
        except OSError as error:
            if self.polls or error.errno not in LIMITS:
                raise
            self._fall_back("the system's limit for watched folders (inotify) is reached")
            self._tend(wanted)

    def _fall_back(self, why: str) -> None:
        log.warning("%s: folders are compared every %.0f s instead", why, self._poll_s)
        if self._observer is not None:
            self._observer.stop()
        self._observer, self.polls = None, True
        self._kept.clear()

    def _tend(self, wanted: dict[str, Watched]) -> None:
        observer = self._running()
        for path in [path for path, kept in self._kept.items() if wanted.get(path) != kept.watched]:
            self._drop(observer, path)
        lost = frozenset(path for path, watched in wanted.items() if not self._keep(observer, watched))
        self._say_lost(wanted, lost)
        self._lost = lost
        self._known |= self._kept.keys()
        if not self.polls:
            # watchdog passes over subfolders for which the limit leaves no watch; one more watch tells whether it did.
            observer.unschedule(observer.schedule(FileSystemEventHandler(), self._probe_dir, event_filter=CHANGES))

    def _running(self) -> Observer:
        if self._observer is None:
            observer = self._open_poller() if self.polls else self._open_observer()
            observer.start()
            self._observer = observer
        return self._observer

    def _keep(self, observer: Observer, watched: Watched) -> bool:
        """Have a folder watched; False if there is nothing to watch."""
        identity = identify(watched.path)
        kept = self._kept.get(watched.path)
        if kept is not None and kept.identity == identity:
            return True
        if kept is not None:
            self._drop(observer, watched.path)
        if identity is None:
            return False
        handler = _Handler(self, watched.reason)
        try:
            handle = observer.schedule(handler, watched.path, recursive=watched.recursive, event_filter=CHANGES)
        except OSError as error:
            if error.errno in LIMITS:
                raise
            return False
        self._kept[watched.path] = _Kept(watched=watched, identity=identity, handle=handle)
        if kept is not None or watched.path in self._lost:
            self._changed(watched.reason)
        return True

    def _drop(self, observer: Observer, path: str) -> None:
        observer.unschedule(self._kept.pop(path).handle)

    def _say_lost(self, wanted: dict[str, Watched], lost: frozenset[str]) -> None:
        """Say it once when folders go and when they come back. An absent policy folder is nothing to speak of."""
        photos = {path for path in lost if wanted[path].reason is Reason.FOLDER}
        if photos - self._lost:
            log.log(
                logging.WARNING if photos & self._known else logging.INFO,
                "watched folders that are not there or cannot be read: %d; they are looked for every %.0f s",
                len(photos),
                self._poll_s,
            )
        back = (self._lost & wanted.keys()) - lost
        if back:
            log.info("watched folders that are there again: %d", len(back))
