"""What each outcome of a look means, and the sentence in which the clinician is told."""

from collections.abc import Mapping
from types import MappingProxyType

from agent.stored.model import Because, Stored

_ENTER = "Enter it again: scrubin secret set record-system"

SAID: Mapping[Because, tuple[Stored, str]] = MappingProxyType({
    Because.SAME: (Stored.STORED_ONCE, "{name} has this very picture, under the patient number you gave."),
    Because.NOT_THERE: (
        Stored.NOT_FOUND, "{name} doesn't have this picture, or has it in a changed form. Put it in the record first.",
    ),
    Because.NO_SUCH_PATIENT: (Stored.NOT_FOUND, "{name} knows nobody by the number you gave. Check the number."),
    Because.OTHER_PATIENT: (
        Stored.OTHER_PATIENT,
        "{name} has this picture, but not under the patient number you gave. Check the number. If it is right, the "
        "picture is in somebody else's record: tell your practice.",
    ),
    Because.NO_NUMBER: (Stored.UNSURE, "Give the patient number, so that {name} can be asked about the right patient."),
    Because.THERE_WITHOUT_NUMBER: (
        Stored.UNSURE, "{name} has this picture. Give the patient number to see that it is under the right patient.",
    ),
    Because.ODD_NUMBER: (Stored.UNSURE, "A patient number has at most 64 letters, digits and signs, on one line."),
    Because.SEVERAL_PATIENTS: (Stored.UNSURE, "{name} knows more than one patient by this number, so it can't say."),
    Because.NO_PATIENT_NAMED: (Stored.UNSURE, "{name} has this picture, but doesn't say whose it is."),
    Because.DIFFERENT: (
        Stored.UNSURE, "{name} has something under this picture's own number, but it is not the same byte for byte.",
    ),
    Because.WITHDRAWN: (
        Stored.UNSURE, "{name} has this picture, but its entry is no longer current, or was marked as a mistake.",
    ),
    Because.NOT_GIVEN_OUT: (
        Stored.UNSURE, "{name} has a document that may be this picture, but it couldn't be compared with it.",
    ),
    Because.TOO_MANY: (Stored.UNSURE, "{name} has more documents of this patient than can be looked through here."),
    Because.ODD_ANSWER: (Stored.UNSURE, "{name} answered in a way that can't be relied on."),
    Because.TOO_LARGE: (Stored.UNSURE, "This file is empty, or too large to be compared with what {name} has."),
    Because.NO_WAY: (Stored.UNREACHABLE, "{name} can't be reached from here."),
    Because.LATE: (Stored.UNREACHABLE, "{name} did not answer in time."),
    Because.CERTIFICATE: (
        Stored.UNREACHABLE, "What answered could not prove that it is {name}. It was asked nothing.",
    ),
    Because.STRANGER: (
        Stored.UNREACHABLE,
        "Something between this laptop and {name} answers in its place. You may be behind a sign-in page. Open your "
        "browser once.",
    ),
    Because.NOT_ALLOWED: (
        Stored.UNREACHABLE, "{name} doesn't let this laptop ask. Tell your IT lead, or enter the password or key anew.",
    ),
    Because.FAULTY: (Stored.UNREACHABLE, "{name} has a fault of its own, or is busy. Try again later."),
    Because.NO_KEY: (
        Stored.UNREACHABLE, f"No password or key for {{name}} is kept on this laptop. {_ENTER}",
    ),
    Because.NO_STORE: (
        Stored.UNREACHABLE, "The password or key for {name} can't be read from this laptop's keyring. Unlock it first.",
    ),
    Because.ODD_KEY: (
        Stored.UNREACHABLE, f"The password or key that is kept for {{name}} is none that it can use. {_ENTER}",
    ),
    Because.ODD_POLICY: (
        Stored.UNREACHABLE, "Your practice's policy doesn't say rightly how {name} is reached. Tell your IT lead.",
    ),
})  # fmt: skip
"""Every outcome. A look that found the same picture counts as one of the two that it takes."""

AGAIN = " It is asked once more, 10 minutes later at the earliest, before this counts."
TWICE = " It was asked twice, and had it both times."
NOBODY = "Your practice's policy names no record system that could be asked."


def sentence(because: Because, name: str) -> str:
    """For the clinician. A name holds no marks of ours: it is put in last, and once."""
    return SAID[because][1].replace("{name}", name)
