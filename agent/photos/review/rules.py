"""When copies of a picture may be deleted: the one place that says so, asked before and again at the deletion."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from checks.clinical_images.fact import Disposition

ENDS = frozenset({Disposition.IN_RECORD, Disposition.FILED})
"""What the clinician says of a picture that is kept where it belongs."""


class Why(StrEnum):
    """Why nothing may be deleted, kept, set apart, or said."""

    ON_HOLD = "on_hold"
    NOTHING_TICKED = "nothing_ticked"
    COUNT_DIFFERS = "count_differs"
    NOT_SAID = "not_said"
    SAID_OF_COPY = "said_of_copy"
    """By its look it is a copy of one that was spoken of: enough to list it so, not to delete it."""
    NOT_STORED = "not_stored"
    SENDERS_WORD = "senders_word"
    CHANGED = "changed"
    GONE = "gone"
    TOO_EARLY = "too_early"
    WAITS = "waits"
    BUSY = "busy"
    NO_PLACE = "no_place"
    HELD_TOGETHER = "held_together"
    SAME_CONTENTS = "same_contents"


SAYS: Mapping[Why, str] = {
    Why.ON_HOLD: "This picture, or a copy of it, is on legal hold. Nothing of it can be deleted until you lift the "
    "hold.",
    Why.NOTHING_TICKED: "You ticked no copy, so nothing is deleted.",
    Why.COUNT_DIFFERS: "The number of copies is not the number that you ticked, so nothing is deleted. Look at the "
    "list once more.",
    Why.NOT_SAID: "You haven't said yet what this picture is, so nothing of it can be deleted.",
    Why.SAID_OF_COPY: "You said it of a picture that looks the same, not of this very one. Say once more what it is, "
    "then delete it.",
    Why.NOT_STORED: "Only a picture that is in the record, or filed, can be deleted here. You said something else of "
    "this one.",
    Why.SENDERS_WORD: "Your practice's policy asks that you see it in the record yourself: that its sender filed it is "
    "not enough to delete it.",
    Why.CHANGED: "Something about this picture changed since you looked, so nothing is deleted. Look at it once more.",
    Why.GONE: "This deletion is no longer waiting: it was undone, is over, or the page was closed. Nothing is deleted "
    "by it.",
    Why.TOO_EARLY: "The time to undo still runs. Nothing has been touched yet.",
    Why.WAITS: "This deletion waits until you say so. Nothing has been touched yet.",
    Why.BUSY: "Another page of yours is deleting pictures at this moment. Wait until it has ended.",
    Why.NO_PLACE: "The copy for teaching could not be kept: its folder can't be written.",
    Why.HELD_TOGETHER: "A legal hold reaches every copy of this picture, so none can be set apart. Lift the hold "
    "first.",
    Why.SAME_CONTENTS: "This file holds the very same as the others, or nothing by which it can be told from them, so "
    "it can't be set apart.",
}


class ReviewRefusal(Exception):
    """Nothing was touched. The text is a fixed sentence."""

    def __init__(self, why: Why) -> None:
        super().__init__(SAYS[why])
        self.why = why
        self.sentence = SAYS[why]
        """For the clinician."""


def refusal_of(
    said: Sequence[Disposition], *, held: bool, senders_word: bool, ticked: Sequence[Disposition], count: int
) -> Why | None:
    """Why these copies may not be deleted; None: they may.

    `said` of all copies of the picture; `held`: the ledger knows of a hold on one of them or on a copy of one;
    `senders_word`: the policy lets the sender's filing be enough; `ticked`: what was said of those that were ticked;
    `count`: how many the person confirmed.
    """
    if held or Disposition.LEGAL_HOLD in (*said, *ticked):
        return Why.ON_HOLD
    if not ticked:
        return Why.NOTHING_TICKED
    if count != len(ticked):
        return Why.COUNT_DIFFERS
    return next((why for one in ticked if (why := _refused(one, senders_word)) is not None), None)


def _refused(said: Disposition, senders_word: bool) -> Why | None:
    if said in ENDS:
        return None
    if said is Disposition.NONE:
        return Why.NOT_SAID
    if said is Disposition.FILED_BY_SENDER:
        return None if senders_word else Why.SENDERS_WORD
    return Why.NOT_STORED
