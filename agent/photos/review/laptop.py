"""Deletes pictures of this laptop: only a file that was proven to be the one judged, and never what took its place."""

import contextlib
from collections.abc import Sequence

from agent.photos.review.laptop_door import Door
from agent.photos.review.laptop_hiding import give_back, hidden_name, hide, is_aside
from agent.photos.review.laptop_proof import Held, is_same, proven, why_not
from agent.photos.review.laptop_spot import NotTouched, Spot, outcome_of, spot
from agent.photos.review.laptop_twins import take_twins
from agent.photos.review.model import Copy, Marked, Removal, Removed


class LaptopFiles:
    """The remover of this laptop's files. It keeps nothing, so that any number of threads may use one."""

    def __init__(self, *, key: bytes, thumbnails: Sequence[str] = (), door: Door | None = None) -> None:
        """`key`: the index's, for its digests. `thumbnails`: as agent.photos.review.thumbnails.folders gives them."""
        self._key = key
        self._thumbnails = tuple(thumbnails)
        self._door = door or Door()

    def mark(self, copy: Copy) -> Marked | Removal:
        """See Remover."""
        try:
            with spot(self._door, copy.path) as at, proven(at, copy, self._key) as held:
                return Marked(copy=copy, sha256=held.sha256)
        except NotTouched as stopped:
            return stopped.why

    def remove(self, marked: Marked) -> Removed:
        """See Remover. UNSURE leaves it to `is_gone`: it is hidden, or its folder could not be written through."""
        outcome = self._outcome(marked)
        if outcome is Removal.REPLACED:
            return Removed(outcome=outcome, left=1)  # small pictures under this name may be the other file's
        if outcome not in (Removal.GONE, Removal.ALREADY_GONE):
            return Removed(outcome=outcome)
        took = take_twins(self._door, marked.copy.path, self._thumbnails)
        return Removed(outcome=outcome, twins=took.gone, left=took.left)

    def is_gone(self, marked: Marked) -> bool | None:
        """See Remover. Where it is gone, what goes with it goes now too: the person asked for that."""
        try:
            with spot(self._door, marked.copy.path) as at:
                gone = _found_gone(at, marked.copy)
        except (NotTouched, OSError):
            return None
        if gone:
            take_twins(self._door, marked.copy.path, self._thumbnails)
        return gone

    def _outcome(self, marked: Marked) -> Removal:
        try:
            with spot(self._door, marked.copy.path) as at:
                hidden = hidden_name(marked.copy.path)
                _start_whole(at, hidden)
                with proven(at, marked.copy, self._key) as held:
                    if held.sha256 != marked.sha256:
                        return Removal.CHANGED
                    fault = _hidden(at, hidden, held, marked.copy)
                # The file is closed by now: on some disks an open one is not deleted, but renamed until it is closed.
                return _deleted(at, hidden) if fault is None else _given_back(at, hidden, fault)
        except NotTouched as stopped:
            return stopped.why


def _start_whole(at: Spot, hidden: bytes) -> None:
    """Give back what an earlier try left half-way. Raises NotTouched where that can't be done now."""
    try:
        half_way = at.seen(hidden) is not None
    except OSError as error:
        raise NotTouched(outcome_of(error)) from error
    if half_way and not give_back(at, hidden):
        raise NotTouched(Removal.UNSURE)


def _hidden(at: Spot, hidden: bytes, held: Held, copy: Copy) -> Removal | None:
    """Move the file aside; then why what was moved, if anything was, is not to be deleted. None if it is to be."""
    try:
        hide(at, hidden)
    except OSError as error:
        return why_not(at, copy, error)
    try:
        moved = at.door.look(at.folder, hidden)
    except OSError:
        return Removal.UNSURE
    if not is_same(moved, held.seen):
        return Removal.CHANGED
    return Removal.LINKED if moved.st_nlink > 1 else None


def _given_back(at: Spot, hidden: bytes, fault: Removal) -> Removal:
    """Undo what was done; the fault, if that can be done."""
    try:
        return fault if at.seen(hidden) is None or give_back(at, hidden) else Removal.UNSURE
    except OSError:
        return Removal.UNSURE


def _deleted(at: Spot, hidden: bytes) -> Removal:
    """Delete what is hidden, and look again."""
    try:
        with contextlib.suppress(FileNotFoundError):  # somebody else took it: the look tells
            at.door.unlink(at.folder, hidden)
    except OSError as error:
        return _given_back(at, hidden, outcome_of(error))
    try:
        at.door.flush(at.folder)
        if at.seen(hidden) is not None:
            return Removal.UNSURE
        return Removal.GONE if at.seen() is None else Removal.REPLACED
    except OSError:
        return Removal.UNSURE


def _found_gone(at: Spot, copy: Copy) -> bool | None:
    """As is_gone. Raises OSError."""
    hidden = hidden_name(copy.path)
    if at.seen(hidden) is not None:
        return False if give_back(at, hidden) else None
    if at.seen() is not None or is_aside(at, copy.path, copy.size, copy.stamp):
        return False
    if at.may_be_unmounted(copy.stamp):
        return None
    at.door.flush(at.folder)
    return True
