"""Drop folder: each letter becomes one file named by its id, which its reader sees whole or not at all."""

import contextlib
import errno
import os
import re
import stat
import tempfile
from collections.abc import Callable

from reports.deliver import Letter
from reports.deliver.errors import Reason, TransportError

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
STALE_S = 240
"""Older than this beside a letter that has arrived, a half-written one was left by a killed process.

Less than the outbox waits before it tries a killed process's letter again, or nobody would ever take it away.
"""


class Folder:
    """A folder that the practice reads: on a share, or one that its own sync client carries on."""

    carries_unchanged = True

    def __init__(
        self,
        path: str,
        *,
        mount_point: str | None = None,
        mode: int = 0o644,
        link: Callable[[str, str], None] = os.link,
    ) -> None:
        """`mount_point`, where given, must be mounted: an unmounted share leaves an empty folder that takes files."""
        self._path = path
        self._mount_point = mount_point
        self._mode = mode
        self._link = link

    def deliver(self, letter: Letter) -> None:
        """Write `<id>.json` and flush it to disk. The same letter again is fine; another one under its id is not."""
        if not UUID.fullmatch(letter.id):
            raise TransportError(
                permanent=True, reason=Reason.UNREADABLE, sentence="A letter without a proper id cannot become a file."
            )
        try:
            self._must_be_there()
            self._put(letter)
        except OSError as problem:
            raise _explained(problem) from problem

    def _must_be_there(self) -> None:
        if not os.path.isdir(self._path) or (self._mount_point and not os.path.ismount(self._mount_point)):
            raise TransportError(
                permanent=False, reason=Reason.FOLDER_MISSING, sentence="The practice's folder is not there right now."
            )

    def _put(self, letter: Letter) -> None:
        target = os.path.join(self._path, f"{letter.id}.json")
        if os.path.lexists(target):
            _must_hold(target, letter.body)
        else:
            part = self._written(letter)
            try:
                self._publish(part, target, letter.body)
            finally:
                with contextlib.suppress(FileNotFoundError):  # a rename has already moved it
                    os.unlink(part)
        with contextlib.suppress(FileNotFoundError):  # its reader may have taken it away already
            self._sweep(letter.id, os.lstat(target).st_mtime)
        _flush_folder(self._path)

    def _written(self, letter: Letter) -> str:
        """Path of a new file beside the target that holds the letter, flushed."""
        handle, part = tempfile.mkstemp(prefix=f".{letter.id}.", suffix=".part", dir=self._path)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(letter.body)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(part, self._mode)
        except OSError:
            os.unlink(part)
            raise
        return part

    def _publish(self, part: str, target: str, body: bytes) -> None:
        try:
            self._link(part, target)
        except FileExistsError:
            _must_hold(target, body)
        except OSError as problem:
            if problem.errno not in (errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK):
                raise
            # FAT and some shares know no links. A rename follows no link at the target either.
            if os.path.lexists(target):
                _must_hold(target, body)
            else:
                os.replace(part, target)

    def _sweep(self, letter_id: str, now_there: float) -> None:
        """Take away this letter's half-written files of killed attempts, by the file system's own clock."""
        for name in os.listdir(self._path):
            if name.startswith(f".{letter_id}.") and name.endswith(".part"):
                part = os.path.join(self._path, name)
                with contextlib.suppress(FileNotFoundError):  # another process was quicker
                    if os.lstat(part).st_mtime < now_there - STALE_S:
                        os.unlink(part)


def _must_hold(target: str, body: bytes) -> None:
    """What stands at the target must be a plain file with these bytes: links are not followed, pipes not waited on."""
    conflict = TransportError(
        permanent=True, reason=Reason.CONFLICT, sentence="The practice's folder holds something else under this id."
    )
    try:
        handle = os.open(target, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as problem:
        if problem.errno in (errno.ELOOP, errno.ENXIO, errno.EMLINK, errno.EISDIR):
            raise conflict from problem
        raise
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise conflict
        with os.fdopen(handle, "rb", closefd=False) as file:
            if file.read(len(body) + 1) != body:
                raise conflict
    finally:
        os.close(handle)


def _flush_folder(path: str) -> None:
    """Make the new name survive a power cut. Windows offers no such call, and some shares refuse it."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # the file is flushed; a share that cannot flush a name is not at fault
            os.fsync(handle)
    finally:
        os.close(handle)


def _explained(problem: OSError) -> TransportError:
    """No folder error is permanent: shares come back, disks are emptied, rights are given."""
    if problem.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return TransportError(permanent=False, reason=Reason.NO_SPACE, sentence="The practice's folder is full.")
    if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return TransportError(
            permanent=False, reason=Reason.FOLDER_DENIED, sentence="The practice's folder may not be written to."
        )
    if problem.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESTALE, errno.ENODEV):
        return TransportError(
            permanent=False, reason=Reason.FOLDER_MISSING, sentence="The practice's folder is not there right now."
        )
    code = errno.errorcode.get(problem.errno or 0, "no code")
    return TransportError(
        permanent=False, reason=Reason.UNREACHABLE, sentence=f"The practice's folder did not answer ({code})."
    )
