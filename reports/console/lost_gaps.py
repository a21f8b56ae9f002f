"""What a lost-device sheet cannot say, in plain sentences: gaps are named, never filled."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from reports.console.fleet_device import Seen
from reports.console.fleet_findings import SHORT
from reports.web.words import moment, span

HOUR, DAY = 3600, 86400
CLOCK_S = 300
"""A device's clock that runs ahead by less is not worth a word."""


def gaps_of(device: Any, findings: Sequence[Seen], missing: Sequence[str], *, now: int, zone: ZoneInfo) -> list[str]:
    """Sentences, those of this very device first."""
    return [
        *_silence(device, now, zone),
        *_trust(device),
        *_clock(device),
        *_unseen(findings, missing),
        "Which images were on it: only the device knew, no list was ever kept here.",
        "Whether anybody opened it, or copied anything, at any time.",
        "Whether an order to erase would arrive. Ask the management service.",
        "The finder can miss images: a count is a floor, not a total.",
    ]


def _silence(device: Any, now: int, zone: ZoneInfo) -> Iterator[str]:
    heard = moment(device.received_at, zone)
    silent = span(now - device.received_at)
    yield f"What happened after the last report of {heard}: nothing has been heard for {silent}."
    if device.ended_at is not None:
        yield f"It was no longer waited for since {moment(device.ended_at, zone)}: it had left or was retired."
    elif device.due_at < now:
        yield f"It is overdue: a report was due {moment(device.due_at, zone)}."


def _trust(device: Any) -> Iterator[str]:
    if not device.proven:
        yield "The last run did not find what it had planted for itself, so what it calls a pass is not proven."
    if device.chain == "gap":
        yield "One or more of its reports never arrived: what they said is not known."
    elif device.chain == "broken":
        yield "A report did not follow from the one before: the device was set back, or something else sent it."


def _clock(device: Any) -> Iterator[str]:
    ahead = device.observed_at - device.received_at
    if ahead > CLOCK_S:
        yield f"Its clock ran ahead by {span(ahead)}: times of what it saw may be wrong."
    elif -ahead > DAY:
        yield f"The last report arrived {span(-ahead)} after it was made: its facts are of that older time."


def _unseen(findings: Sequence[Seen], missing: Sequence[str]) -> Iterator[str]:
    for one in findings:
        if one.status in ("unknown", "error"):
            yield f"{one.check}: {'could not be checked' if one.status == 'error' else 'not known'}. {one.because}"
        if one.word is not None:
            look = f"the person looked themselves on {one.word.at} and said: {one.word.saw}"
            yield f"{one.check}: {look}. We did not see it."
    if missing:
        names = ", ".join(SHORT.get(check, check) for check in missing)
        yield f"Never reported for this device: {names}."
