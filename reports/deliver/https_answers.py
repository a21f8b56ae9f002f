"""What the practice's server answered: taken, or why not. Anything that only looks like it counts as not sent."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reports.deliver.errors import Reason, TransportError
from reports.deliver.https_door import Answer
from reports.deliver.https_faults import PORTAL_HINT

JSON = frozenset({"application/json", "application/problem+json"})
LONGEST_WAIT_S = 7 * 86400.0
ENDED = (
    "Your practice has ended this enrolment, so nothing more is sent. "
    "Ask your IT lead; to go on, enrol with a new code, or leave: scrubin leave --offline"
)


def taken(answer: Answer, schema: str, *, now: datetime) -> Mapping[str, Any]:
    """The body of a good answer. Raises TransportError for any other; `now` is this laptop's time, aware.

    `schema` is what the body must say of itself; "" takes any object.
    """
    if not 200 <= answer.status < 300:
        raise refusal(answer, now=now)
    body = _mapping(answer)
    if body is None or (schema and body.get("schema") != schema):
        raise _portal(answer)
    return body


def refusal(answer: Answer, *, now: datetime) -> TransportError:
    """What an answer that is no yes means."""
    if answer.status in (429, 503):
        return _busy("Your practice's server asks to come back later", answer)
    if answer.status >= 500:
        return _busy("Your practice's server has a fault of its own", answer)
    if answer.status == 413:
        sentence = "Your practice's server finds this report too large."
        return TransportError(permanent=True, reason=Reason.TOO_LARGE, sentence=sentence)
    if answer.status == 408:
        sentence = "The connection is too slow: your practice's server stopped waiting for the report."
        return TransportError(permanent=False, reason=Reason.TIMEOUT, sentence=sentence)
    code = code_of(answer)
    return _by_code(answer, code, now) if code else _portal(answer)


def code_of(answer: Answer) -> str:
    """The code of a problem that the server names; "" where it names none."""
    body = _mapping(answer)
    code = None if body is None else body.get("code")
    return code if isinstance(code, str) else ""


def _by_code(answer: Answer, code: str, now: datetime) -> TransportError:
    match answer.status, code:
        case 401, "unknown_key" | "revoked":
            return TransportError(permanent=True, reason=Reason.REVOKED, sentence=ENDED)
        case 401, "clock":
            return TransportError(permanent=False, reason=Reason.CLOCK, sentence=clock_sentence(answer, now))
        case 401, "replayed":
            return _busy("Your practice's server took this for a copy of what it knows", answer)
        case 401, _:
            sentence = "Your practice's server does not accept this laptop's signature. Something may have changed the "
            sentence += "request on its way; tell your IT lead."
            return TransportError(permanent=False, reason=Reason.AUTH, sentence=sentence)
        case 403, "wrong_device":
            sentence = "Your practice knows this device as another laptop's, so it does not take its report."
            return TransportError(permanent=True, reason=Reason.REJECTED, sentence=sentence)
        case 409, _:
            sentence = "Your practice already has another report under this one's id."
            return TransportError(permanent=True, reason=Reason.CONFLICT, sentence=sentence)
        case 422, "since_unknown":
            sentence = "Your practice's server does not have the report that this one refers to; the next goes in full."
            return TransportError(permanent=True, reason=Reason.BASELESS, sentence=sentence)
        case ((415 | 422), _):
            sentence = "Your practice's server does not understand this report; one of the two may need an update."
            return TransportError(permanent=True, reason=Reason.REJECTED, sentence=sentence)
        case _:
            sentence = f"Your practice's server answered with {answer.status}, which is not expected."
            return TransportError(permanent=False, reason=Reason.UNREACHABLE, sentence=sentence)


def clock_sentence(answer: Answer, now: datetime) -> str:
    """How far the clocks are apart, as far as the server says its time."""
    ending = "Set this laptop's clock, then try again."
    if answer.at is None:
        return f"This laptop's clock is more than 5 minutes off, says your practice's server. {ending}"
    minutes = round(abs((now - answer.at).total_seconds()) / 60)
    way = "ahead of" if now > answer.at else "behind"
    there = f"{answer.at:%H:%M} UTC on {answer.at.day} {answer.at:%B %Y}"
    return f"This laptop's clock is {minutes} minutes {way} your practice's, where it is {there}. {ending}"


def _portal(answer: Answer) -> TransportError:
    if 300 <= answer.status < 400:
        what = "Something between this laptop and your practice's server answers in its place and points elsewhere."
    elif answer.kind in JSON:
        what = "What answers is not your practice's server."
    else:
        what = "A page answers in place of your practice's server."
    return TransportError(
        permanent=False, reason=Reason.PORTAL, sentence=f"{what} Nothing was delivered. {PORTAL_HINT}"
    )


def _busy(what: str, answer: Answer) -> TransportError:
    return TransportError(
        permanent=False, reason=Reason.BUSY, sentence=f"{what} ({answer.status}).", not_before_s=_retry_after(answer)
    )


def _retry_after(answer: Answer) -> float:
    """Seconds; the form with a date is measured by the server's own clock."""
    said = answer.headers.get("retry-after", "").strip()[:40]
    if said.isascii() and said.isdigit():
        return min(float(said[:9]), LONGEST_WAIT_S)
    until = Answer(status=0, kind="", headers={"date": said}).at
    if until is None or answer.at is None:
        return 0.0
    return min(max((until - answer.at).total_seconds(), 0.0), LONGEST_WAIT_S)


def _mapping(answer: Answer) -> Mapping[str, Any] | None:
    if answer.kind not in JSON:
        return None
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None
