"""The nouns of asking a record system: what it is asked, what one look found, and what the clinician is told."""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property


class Stored(StrEnum):
    """What a record system says of a picture, as far as it is to be believed."""

    STORED = "stored"
    """Byte for byte, under this very patient, current, and seen twice with at least ten minutes between."""
    STORED_ONCE = "stored_once"
    """All of that, seen once: a second look is due."""
    NOT_FOUND = "not_found"
    OTHER_PATIENT = "other_patient"
    UNSURE = "unsure"
    UNREACHABLE = "unreachable"
    NOT_ASKED = "not_asked"
    """The policy names no record system."""


class Because(StrEnum):
    """What one look found."""

    SAME = "same"
    NOT_THERE = "not_there"
    NO_SUCH_PATIENT = "no_such_patient"
    OTHER_PATIENT = "other_patient"
    NO_NUMBER = "no_number"
    THERE_WITHOUT_NUMBER = "there_without_number"
    ODD_NUMBER = "odd_number"
    SEVERAL_PATIENTS = "several_patients"
    NO_PATIENT_NAMED = "no_patient_named"
    DIFFERENT = "different"
    WITHDRAWN = "withdrawn"
    NOT_GIVEN_OUT = "not_given_out"
    TOO_MANY = "too_many"
    ODD_ANSWER = "odd_answer"
    TOO_LARGE = "too_large"
    NO_WAY = "no_way"
    LATE = "late"
    CERTIFICATE = "certificate"
    STRANGER = "stranger"
    NOT_ALLOWED = "not_allowed"
    FAULTY = "faulty"
    NO_KEY = "no_key"
    NO_STORE = "no_store"
    ODD_KEY = "odd_key"
    ODD_POLICY = "odd_policy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look found, before a second one."""

    because: Because
    reference: str = ""
    """By which the record system knows what it has; "" where it has nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the clinician is told."""

    stored: Stored
    sentence: str
    """For the clinician; no patient data."""
    source: str
    """The system's name, as the policy has it; "" where none was asked."""
    at: int
    """Unix seconds."""
    reference: str = ""
    """By which the record system knows the picture; "" unless it is stored."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A picture, and under whom it should be stored. Only its UID, the number and the day are ever sent."""

    data: bytes
    """The whole file, which stays here."""
    patient: str
    """The number that the clinician typed, without blanks around it; "" where they typed none."""
    taken_day: date | None

    @cached_property
    def sha256(self) -> bytes:
        """Of the whole file."""
        return hashlib.sha256(self.data).digest()

    @cached_property
    def sha1(self) -> bytes:
        """Of the whole file: FHIR R4's `hash`. It tells apart what honest people stored, and proves nothing more."""
        return hashlib.sha1(self.data, usedforsecurity=False).digest()


class LookError(Exception):
    """A look that came to no end."""

    def __init__(self, because: Because, *, status: int = 0) -> None:
        super().__init__(because.value)
        self.because = because
        self.status = status
        """Of the answer; 0 where none came, or where it says nothing."""
