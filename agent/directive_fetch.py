"""Asks the practice's console what it wants, and answers what a draft of its policy would make of this laptop."""

import logging
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from agent.directive import BODY_BYTES, DirectiveError, Kept, kept, note_refused, read, take
from agent.enrolment_line import Line
from agent.trial_kept import Waiting, done, waiting
from reports.deliver.errors import ABOUT_THE_LETTER, TransportError
from reports.deliver.https_answers import refusal, taken
from reports.deliver.https_door import Answer

LOG = logging.getLogger(__name__)
PATH, TRIALS = "/v1/directive", "/v1/trials"
SIGNED = "scrubin-signature"
SIGNATURE = re.compile(r":([A-Za-z0-9+/]{86}==):")
ETAG = re.compile(r'[!#-~" ]{0,200}')


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What a round with the console brought."""

    news: bool = False
    """Policy or waivers are others than before: look at the devices again."""
    sentences: tuple[str, ...] = ()
    """What went wrong, for the person."""


def follow(state: Path, line: Line, *, now: datetime) -> Followed:
    """Fetch the directive, send what drafts came to. Never raises for the network or what answers there."""
    try:
        news, sentence = fetch(state, line, now=now)
        send_trials(state, line, now=now)
    except TransportError as error:
        return Followed(sentences=(error.sentence,))
    except OSError as error:
        return Followed(sentences=(f"What your practice asks could not be kept on this laptop: {error.strerror}.",))
    return Followed(news=news, sentences=(sentence,) if sentence else ())


def fetch(state: Path, line: Line, *, now: datetime) -> tuple[bool, str]:
    """Take over what is new; "" or why it was refused. Raises TransportError, OSError."""
    answer = ask(state, line)
    if answer.status == 304:
        note_refused(state, "", now=now)
        return False, ""
    if answer.status != 200:
        raise refusal(answer, now=now)
    try:
        _, news = take(state, line.enrolment, _kept(answer))
    except DirectiveError as error:
        note_refused(state, str(error), now=now)
        return False, refused_sentence(str(error))
    note_refused(state, "", now=now)
    return news, ""


def ask(state: Path, line: Line) -> Answer:
    """The console's answer as it is. Raises TransportError."""
    try:
        before = kept(state)
        if before is not None:
            read(before, line.enrolment)
    except DirectiveError:
        before = None  # no use to us: asked for anew, whole
    headers = {"If-None-Match": before.etag} if before is not None and before.etag else {}
    return line.door.ask("GET", PATH, headers=headers, sign=line.sign, most_bytes=BODY_BYTES)


def refused_sentence(why: str) -> str:
    """As the person reads it."""
    return f"What your practice's console sent was refused: {why}. We go on with what was in force before."


def send_trials(state: Path, line: Line, *, now: datetime) -> None:
    """Send what waits. One that the console will not have is dropped. Raises TransportError, OSError."""
    for one in waiting(state):
        _send(line, one, now)
        done(one)


def _send(line: Line, one: Waiting, now: datetime) -> None:
    answer = line.door.ask("POST", TRIALS, body=one.body, sign=line.sign)
    try:
        taken(answer, "", now=now)
    except TransportError as error:
        if error.reason not in ABOUT_THE_LETTER and answer.status != 404:
            raise
        LOG.info("what a draft came to was not taken: %s", error.reason)


def _kept(answer: Answer) -> Kept:
    found = SIGNATURE.fullmatch(answer.headers.get(SIGNED, ""))
    if found is None:
        raise DirectiveError("it is not signed")
    etag = answer.headers.get("etag", "")
    return Kept(body=answer.body, signature=found[1], etag=etag if ETAG.fullmatch(etag) else "")
