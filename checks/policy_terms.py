"""What a policy says of the clinician's own page: the record system, the word before a shift, who may have filed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from checks.policy_shape import Choice, Flag, Many, Shape, Text, Whole

MINUTES_BEFORE = 30
NEEDED = ("kind", "name", "url")
"""Without which nothing can be asked."""
_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?"
ADDRESS = (
    rf"^(https://({_HOST}|\[[0-9A-Fa-f:.]{{2,45}}\])|http://(localhost|127\.0\.0\.1|\[::1\]))"
    r"(:([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]))?(/[A-Za-z0-9._~%/+-]*)?$"
)
"""No user or password, no query: what is kept from others does not stand in a policy. Plain HTTP never leaves the
laptop."""


class RecordKind(StrEnum):
    """What a record system speaks."""

    DICOMWEB = "dicomweb"
    FHIR = "fhir"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSystemTerms:
    """Where the practice's record system is asked whether a picture is stored."""

    kind: RecordKind
    name: str
    """As the clinician knows it."""
    url: str
    """Of the service's root, without a slash at its end."""
    token_url: str = ""
    """Where a token is had; "" where none is needed."""
    client_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BeforeShift:
    """When the clinician is told whether they are ready."""

    times: tuple[time, ...] = ()
    """By the laptop's own clock, earliest first, each once."""
    minutes_before: int = MINUTES_BEFORE
    """Of each shift of their roster."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewTerms:
    """What counts as an end of a picture, beyond the clinician's own record."""

    sender_may_file: bool = False
    """That whoever sent it has filed it is enough to delete it."""


def terms_fields(time_of_day: Text) -> Mapping[str, Mapping[str, Shape]]:
    """The keys of each table, by the table's name."""
    return {
        "record_system": _record_system(),
        "before_shift": {
            "times": Many(doc="Times of day, by the laptop's own clock.", item=time_of_day, most=24),
            "minutes_before": Whole(doc="So many minutes before each shift of the roster.", minimum=0, maximum=240),
        },
        "review": {"sender_may_file": Flag(doc="Filed by whoever sent it is enough to delete a picture.")},
    }


def _record_system() -> Mapping[str, Shape]:
    return {
        "kind": Choice(doc="What the record system speaks.", options=tuple(RecordKind)),
        "name": Text(doc="The record system, as people know it.", longest=60),
        "url": _address("Where it answers."),
        "token_url": _address("Where it gives out access tokens (OAuth)."),
        "client_id": Text(
            doc="Under which the practice is known to it.",
            longest=120,
            form="an identifier without blanks",
            pattern=r"^[!-~]+$",
        ),
    }


def _address(doc: str) -> Text:
    return Text(
        doc=doc,
        longest=200,
        form="an address that begins with https://, without user, password or query",
        pattern=ADDRESS,
    )
