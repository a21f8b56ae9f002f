"""Starts the daemon's parts, joins them, and stops them in order."""

import contextlib
import logging
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator
from types import FrameType

from agent import notify, single
from agent.collect.adb.program import PortError, server_port
from agent.daemon import last_audit, usb
from agent.daemon.backlog import Backlog
from agent.daemon.folders import FolderKeeper, Watched, to_watch
from agent.daemon.loop import Loop
from agent.daemon.parts import Clock, Ended, Parts, Reason
from agent.daemon.phones import Phones
from agent.daemon.worker import Worker
from agent.fault import told

log = logging.getLogger(__name__)

END = frozenset({signal.SIGTERM, signal.SIGINT})
WAIT_FOR_GLANCE_S = 1.0
"""It ends its process as soon as it sees the stop."""
WAIT_FOR_WORKER_S = 2.0
"""LocalHost ends the running command in less; what takes longer is made again at the next start."""


def run(parts: Parts) -> Ended:
    """Hold the lock and run the loop until a signal says to stop."""
    try:
        instance = single.hold(parts.runtime_dir)
    except single.SingleError as error:
        log.error("%s", error)
        return Ended.COULD_NOT_RUN
    try:
        _serve(parts)
    finally:
        instance.release()
    return Ended.STOPPED


def _serve(parts: Parts) -> None:
    notifier = notify.from_environ(parts.environ, pid=os.getpid())
    backlog = Backlog()
    worker = Worker(parts, backlog)
    now = parts.clock.now()
    since = last_audit.read(parts.state_dir, now=now) or now
    loop = Loop(parts, notifier=notifier, backlog=backlog, worker=worker, since=since)
    keeper = _keeper(parts, loop)
    phones = _phones(parts, loop)
    with _signals(parts.clock) as arrived, _deaths(keeper):
        worker.start()
        keeper.start()
        phones.start()
        usb.watch(phones.plugged)
        loop.begin()
        notifier.ready()
        log.info("the agent runs")
        _until_told(parts, loop, keeper, arrived)
        notifier.stopping()
        parts.stop.set()
        backlog.close()
        keeper.stop()
        phones.stop()
        loop.glances.end(WAIT_FOR_GLANCE_S)
        if worker.ended_within(WAIT_FOR_WORKER_S):
            log.info("the agent stopped")
        else:
            log.warning("the agent stopped in the middle of an audit; it is made again at the next start")


def _keeper(parts: Parts, loop: Loop) -> FolderKeeper:
    def wanted() -> tuple[Watched, ...]:
        return to_watch(parts.photo_folders(), parts.policy_folders, own=(parts.state_dir, parts.runtime_dir))

    return FolderKeeper(
        wanted=wanted, changed=loop.happened, poll_s=parts.poll_s, probe_dir=parts.runtime_dir,
        touched=loop.glances.touched,
    )  # fmt: skip


def _phones(parts: Parts, loop: Loop) -> Phones:
    port = None
    try:
        port = server_port(parts.environ)
    except PortError as error:
        log.warning("the adb server is not followed. %s", error)
    return Phones(port, ready=lambda: loop.happened(Reason.PHONE), monotonic=parts.clock.monotonic)


def _until_told(parts: Parts, loop: Loop, keeper: FolderKeeper, arrived: deque[int]) -> None:
    while True:
        while arrived:
            if arrived.popleft() in END:
                return
            log.info("the agent reads its policy and schedule again")
            loop.reload()
            keeper.look_again()
        if parts.stop.is_set():
            return
        pause_s = loop.step()
        if not arrived:
            parts.clock.wait(pause_s)


@contextlib.contextmanager
def _signals(clock: Clock) -> Iterator[deque[int]]:
    """Signals are only noted and wake the loop: a handler that took a lock could meet itself.

    Python runs a handler between two steps of the program, so a signal that comes just before the loop falls asleep,
    or to another thread, would wait for the end of the sleep; the wake-up descriptor is written at once.
    """
    arrived: deque[int] = deque()

    def note(number: int, _frame: FrameType | None) -> None:
        arrived.append(number)
        clock.wake()

    heard = [number for name in ("SIGTERM", "SIGINT", "SIGHUP") if (number := getattr(signal, name, None)) is not None]
    before = {number: signal.signal(number, note) for number in heard}
    descriptor = signal.set_wakeup_fd(clock.wake_descriptor, warn_on_full_buffer=False)
    try:
        yield arrived
    finally:
        signal.set_wakeup_fd(descriptor)
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _deaths(keeper: FolderKeeper) -> Iterator[None]:
    """A thread that ends on a fault is said without its message, which may quote a path; watchdog's are replaced."""
    before = threading.excepthook

    def said(arguments: threading.ExceptHookArgs) -> None:
        fault = "" if arguments.exc_value is None else told(arguments.exc_value)
        log.error("a thread ended on a fault: %s", fault)
        if fault and "watchdog" in fault:
            keeper.observer_died()

    threading.excepthook = said
    try:
        yield
    finally:
        threading.excepthook = before
