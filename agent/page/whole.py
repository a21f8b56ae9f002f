"""The whole page, put together from its parts."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from agent import desk as desks
from agent.page import review, self_check
from agent.page.busy import Busy
from agent.page.checking import Checking
from agent.page.model import Ask, Endpoint, Reply
from agent.page.page import Page
from agent.page.reviewing import Reviewing
from agent.places import Places


def whole(
    places: Places,
    *,
    now: Callable[[], datetime],
    clock_s: Callable[[], float],
    stop: threading.Event,
) -> Page:
    """One page process. `clock_s` goes on steadily, whatever the wall clock does."""
    busy = Busy()

    def open_desk() -> desks.Desk:
        return desks.open_desk(stop=stop)

    return Page(
        places=places,
        open_desk=open_desk,
        now=now,
        clock_s=clock_s,
        checking=Checking(open_desk=open_desk, now=now, busy=busy, stop=stop),
        reviewing=Reviewing(places, open_desk=open_desk, now=now, clock_s=clock_s, busy=busy, stop=stop),
        stop=stop,
        busy=busy,
    )


def endpoints() -> Sequence[Endpoint]:
    """Every route behind the door."""
    return (*self_check.ENDPOINTS, *review.ENDPOINTS, Endpoint(method="POST", path="/end", name="end", run=_end))


def _end(ask: Ask) -> Reply:
    """The person is done: nothing more begins, and the process ends once this is answered."""
    ask.page.stop.set()
    return ask.page.render("ended.html", ask)
