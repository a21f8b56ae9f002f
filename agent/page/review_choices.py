"""What a clinician may say of a picture, and what follows from it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.photos.ledger_model import Sender
from checks.clinical_images.fact import Disposition


class Decision(StrEnum):
    """One line of the form. In the order of the keys 1 to 7."""

    IN_RECORD = "in_record"
    FILED = "filed"
    RECEIVED = "received"
    OWN = "own"
    TEACHING = "teaching"
    NOT_CLINICAL = "not_clinical"
    HOLD = "hold"
    FILED_BY_SENDER = "filed_by_sender"
    """Not on the form: what `received` may lead to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """A line of a form."""

    value: str
    words: str
    next: str
    """What comes then."""


ACTS = (
    Act(
        value=Decision.IN_RECORD,
        words="It is in the record",
        next="Next: check that it is there, then delete its copies",
    ),
    Act(
        value=Decision.FILED,
        words="Printed, and the print is filed",
        next="Where the record takes no pictures. Next: delete its copies",
    ),
    Act(
        value=Decision.RECEIVED,
        words="Somebody sent it to me",
        next="Next: who stores it in the record, you or they?",
    ),
    Act(
        value=Decision.OWN,
        words="Patient's own, or not ours",
        next="Yours, your family's, or a patient's. Stays; not counted as lingering",
    ),
    Act(
        value=Decision.TEACHING,
        words="Teaching, with consent",
        next="Next: make one copy without time, place and device. Ends after 90 days",
    ),
    Act(value=Decision.NOT_CLINICAL, words="Not clinical", next="Stays where it is; we stop asking about it"),
    Act(value=Decision.HOLD, words="Legal hold", next="Nothing of it can be deleted until you lift it"),
)
SAID_AT_ONCE: Mapping[Decision, Disposition] = {
    Decision.OWN: Disposition.OWN,
    Decision.NOT_CLINICAL: Disposition.NOT_CLINICAL,
}
"""Nothing else follows."""
THEN_DELETE: Mapping[Decision, Disposition] = {
    Decision.IN_RECORD: Disposition.IN_RECORD,
    Decision.FILED: Disposition.FILED,
    Decision.FILED_BY_SENDER: Disposition.FILED_BY_SENDER,
}
"""The record is checked, then the copies go."""


class Who(StrEnum):
    """Who stores a picture that was sent to the clinician."""

    ME = "me"
    COLLEAGUE = "colleague"
    ELSEWHERE = "elsewhere"
    PATIENT = "patient"
    MISTAKE = "mistake"


SENDERS = (
    Act(value=Who.ME, words="I do", next="Next: check the record, then delete all copies"),
    Act(
        value=Who.COLLEAGUE,
        words="A colleague of this practice has stored it",
        next="Ask them first. Your practice's policy says if their word is enough",
    ),
    Act(
        value=Who.ELSEWHERE,
        words="Somebody elsewhere sent it, and has stored it",
        next="Ask them first. Your own record needs your part of the care",
    ),
    Act(
        value=Who.PATIENT,
        words="It came from a patient",
        next="Store it if you used it for care; then delete your copy",
    ),
    Act(
        value=Who.MISTAKE,
        words="It was sent to me by mistake",
        next="Tell the sender and your practice before you delete: it may be a data breach",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What to do with a picture that was sent, before it may go."""

    head: str
    steps: tuple[str, ...]
    decision: Decision | None = None
    """What the button says of the picture; None: there is no button."""
    sender: Sender | None = None
    button: str = ""


STORED_BY_COLLEAGUE = Way(
    head="A colleague has stored it",
    steps=(
        "Ask them if this very picture is in the patient's record, not only that it will be.",
        "Then delete your copies here.",
    ),
    decision=Decision.FILED_BY_SENDER,
    sender=Sender.SAME_PRACTICE,
    button="They confirmed it: go on",
)
STORED_ELSEWHERE = Way(
    head="Somebody elsewhere has stored it",
    steps=(
        "Ask the sender if this very picture is in their patient's record, not only that it will be.",
        "Did you give care on it? Then your own record says who sent it, when, and what you advised.",
        "Then delete your copies here.",
    ),
    decision=Decision.FILED_BY_SENDER,
    sender=Sender.OTHER_PRACTICE,
    button="They confirmed it: go on",
)
NOT_ON_THEIR_WORD = Way(
    head="Your practice asks you to see it in the record",
    steps=(
        "Its policy does not take the sender's word as enough to delete a picture.",
        "Open the record yourself. Is the picture there? Then go on.",
        "Is it not there? Store it, or ask the sender to, and decide later. Nothing is lost until then.",
    ),
    decision=Decision.IN_RECORD,
    button="I have seen it in the record: go on",
)
FROM_A_PATIENT = Way(
    head="It came from a patient",
    steps=(
        "Did you use it for care? Then it belongs in the patient's record: store it there, with your answer.",
        "Did you not use it? It stays the patient's own: go back and choose that. You may delete it by yourself.",
        "Tell the patient which way you would like to get pictures, if not this one.",
    ),
    decision=Decision.IN_RECORD,
    sender=Sender.PATIENT,
    button="I have stored it: go on",
)
BY_MISTAKE = Way(
    head="It was sent to you by mistake",
    steps=(
        "Tell the sender, and ask if the picture is in the right patient's record.",
        "Tell your practice's privacy officer before you delete it: it may be a data breach.",
        "Don't open, use or pass it on meanwhile.",
    ),
    decision=Decision.FILED_BY_SENDER,
    sender=Sender.MISTAKE,
    button="I told both, and the sender has it in the record: go on",
)
MISTAKE_NOT_ON_THEIR_WORD = Way(
    head="It was sent to you by mistake",
    steps=(
        *BY_MISTAKE.steps,
        "Your practice's policy does not take the sender's word as enough to delete a picture. Ask the privacy officer "
        "what to do with your copy, and decide later.",
    ),
)


def way(who: Who, *, senders_word: bool) -> Way | None:
    """What comes before; None: on to the record at once. `senders_word`: the sender's filing is enough."""
    match who:
        case Who.ME:
            return None
        case Who.COLLEAGUE:
            return STORED_BY_COLLEAGUE if senders_word else NOT_ON_THEIR_WORD
        case Who.ELSEWHERE:
            return STORED_ELSEWHERE if senders_word else NOT_ON_THEIR_WORD
        case Who.PATIENT:
            return FROM_A_PATIENT
        case Who.MISTAKE:
            return BY_MISTAKE if senders_word else MISTAKE_NOT_ON_THEIR_WORD
