"""Why a device's request is refused, in words that its person or IT can act on."""

from collections.abc import Mapping

from reports.console.model import Refusal

STATUS = {
    "unknown_key": 401, "revoked": 401, "signature": 401, "clock": 401, "replayed": 401,
    "wrong_device": 403, "code": 404, "not_found": 404, "known": 409, "conflict": 409, "type": 415,
    "shape": 422, "since_unknown": 422, "too_many": 429, "full": 503, "database": 503, "stopping": 503,
}  # fmt: skip
SENTENCES = {
    "unknown_key": "This device is not enrolled here.",
    "revoked": "The practice has ended this enrolment.",
    "signature": "The signature does not fit the request.",
    "clock": "The device's clock and the console's differ by more than five minutes.",
    "replayed": "This request was here before.",
    "wrong_device": "This device belongs to another enrolment.",
    "code": "This code is not valid: ask your practice for a new one.",
    "not_found": "There is nothing here under that address.",
    "known": "This laptop is enrolled already: ask your practice for a code that is made for it.",
    "conflict": "Another report was taken in under this id.",
    "type": "The body has to be application/json.",
    "since_unknown": "The report that this one refers to is not here: send a full one.",
    "too_many": "Too many requests: wait a little.",
    "full": "The console is busy.",
    "database": "The console's database can't take it at the moment.",
    "stopping": "The console is stopping.",
}
RETRY = {429: "60", 503: "30"}


def refusal(code: str, sentence: str = "", *, headers: Mapping[str, str] | None = None) -> Refusal:
    """By its code; `sentence` where a closer one is known."""
    status = STATUS[code]
    wait = {"retry-after": RETRY[status]} if status in RETRY else {}
    return Refusal(status=status, code=code, sentence=sentence or SENTENCES[code], headers={**wait, **(headers or {})})
