"""May scrubin look at your pictures? The same words as in a terminal, a yes, and the way back."""

from datetime import datetime
from functools import partial
from pathlib import Path
from secrets import token_bytes

from agent.page.model import Ask, Endpoint, Refusal, Reply, see_other
from agent.photos.consent import TEXT, agree, consent, withdraw
from agent.photos.index_model import IndexTrouble
from agent.photos.ledger_anew import withdraw as forget
from agent.photos.ledger_model import LedgerTrouble

AGREED = "You agreed to your pictures being looked at. You can take it back at any time."
WITHDRAWN = (
    "Withdrawn. No picture is looked at any more, and what was kept is removed, but for the log of what you deleted "
    "and marks by which files on legal hold are known again. "
    "From the next check on your practice gets: not known."
)
YES, NO = "yes", "withdraw"


def _asked(ask: Ask) -> Reply:
    return ask.page.render(
        "consent.html", ask, nav="/", paragraphs=TEXT.strip().split("\n\n"), said=consent(ask.page.places.photos)
    )


def _answered(ask: Ask) -> Reply:
    """Raises Refusal where it can't be kept: then nothing has changed."""
    said = "" if ask.form is None else ask.form.get("answer")
    if said not in (YES, NO):
        raise Refusal(status=400, code="answer", sentence="Say yes, or go back: there is no other answer.")
    checking, folder = ask.page.checking, ask.page.places.photos
    checking.attended()
    if said == YES:
        _agreed(folder, ask.at)
        checking.say(AGREED)
    else:
        checking.stop()
        checking.say(_withdrawn(folder, ask.at))
    checking.check(after=True)
    return see_other("/")


def _agreed(folder: Path, now: datetime) -> None:
    try:
        agree(folder, now=now)
    except OSError as error:
        sentence = f"Your yes could not be kept, so it does not count: {error.strerror}."
        raise Refusal(status=503, code="not_kept", sentence=sentence) from error


def _withdrawn(folder: Path, now: datetime) -> str:
    try:
        withdraw(folder, now=now, wipe=partial(forget, randomness=token_bytes, at=int(now.timestamp())))
    except OSError as error:
        sentence = f"Your no could not be kept, so nothing has changed: {error.strerror}."
        raise Refusal(status=503, code="not_kept", sentence=sentence) from error
    except (IndexTrouble, LedgerTrouble) as error:
        return (
            f"No picture is looked at any more, but what was kept about them is still here. {error.sentence} "
            "Withdraw once more to try again."
        )
    return WITHDRAWN


ENDPOINTS = (
    Endpoint(method="GET", path="/consent", name="consent", run=_asked),
    Endpoint(method="POST", path="/consent", name="consent_answered", run=_answered),
)
