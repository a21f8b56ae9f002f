"""Keeps the agent the only one of its account: a lock on a file of the session, which the kernel drops with us."""

import fcntl
import logging
import os
import stat

log = logging.getLogger(__name__)

LOCK_NAME = "agent.lock"


class SingleError(Exception):
    """The agent may not start; the text says why, for a person."""


class AlreadyRunning(SingleError):
    """Another instance holds the lock."""


class SingleInstance:
    """The lock, held until `release` or the end of the process, however it ends."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let another instance start. The file stays: removing it would let two hold locks on two files."""
        os.close(self._descriptor)


def hold(runtime_dir: str) -> SingleInstance:
    """Take the lock, or raise SingleError. A folder that is not there is made for this account alone."""
    try:
        os.makedirs(runtime_dir, mode=0o700, exist_ok=True)
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        descriptor = os.open(os.path.join(runtime_dir, LOCK_NAME), flags, 0o600)
    except OSError as error:
        raise SingleError(f"the agent's runtime folder cannot be written ({error.strerror})") from error
    try:
        _lock(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return SingleInstance(descriptor)


def runs(runtime_dir: str) -> bool:
    """Whether an agent holds the lock. Makes nothing, and takes the lock from no agent that is just starting."""
    try:
        descriptor = os.open(os.path.join(runtime_dir, LOCK_NAME), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        signed = _signature(descriptor)
        if signed and not os.path.exists(f"/proc/{signed}"):
            return False
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return False


def _lock(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise SingleError("the agent's lock is not a regular file")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise AlreadyRunning(f"the agent already runs for this account{_holder(descriptor)}") from error
    except OSError as error:
        raise SingleError(f"the agent's lock cannot be taken ({error.strerror})") from error
    _sign(descriptor)


def _sign(descriptor: int) -> None:
    """Write our number for the message that a second instance shows. The lock holds without it, on a full disk too."""
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        log.warning("the agent's lock could not be signed (%s)", error.strerror)


def _holder(descriptor: int) -> str:
    """ " (process 123)", or nothing where the holder has not written it yet."""
    signed = _signature(descriptor)
    return f" (process {signed})" if signed else ""


def _signature(descriptor: int) -> str:
    """The number of the process that last took the lock, or ""."""
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return text if text.isascii() and text.isdigit() else ""
