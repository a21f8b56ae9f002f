"""`scrubin deliver`, also `scrubin report send`: send what is due now. The daemon runs it where that needs TLS."""

import argparse
import json

from agent import desk as desks
from agent.exits import Answer, CannotRun, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError
from agent.round import Done, go
from reports.deliver.errors import TransportError


def run(arguments: argparse.Namespace, *, by_hand: bool = False) -> Answer:
    """Try each due letter once: 0 all went, 2 some wait. `by_hand`: those too that an error put off.

    Raises CannotRun.
    """
    desk = desks.open_desk()
    try:
        box = outbox(desk)
        if by_hand:
            box.asked_for(now=desks.now())
        done = go(desk, box, now=desks.now())
    except (TransportError, OutboxError) as error:
        raise CannotRun(error.sentence) from error
    except OSError as error:
        raise CannotRun(f"the state folder can't be used: {error.strerror}") from error
    if done is None:
        raise CannotRun("agent.toml names no way to your practice, so nothing is sent")
    return said(done, as_json=arguments.json)


def said(done: Done, *, as_json: bool) -> Answer:
    """A round as it is told."""
    code = Exit.CANNOT_TELL if done.failures or done.told or done.waiting else Exit.COMPLIANT
    if as_json:
        due = done.next_due.isoformat() if done.next_due is not None else None
        body = {
            "schema": "scrubin/deliver/1",
            "sent": done.sent,
            "failures": list(done.failures),
            "next_due": due,
            "told": list(done.told),
            "news": done.news,
        }
        return Answer(code=code, out=json.dumps(body) + "\n")
    news = ["Your practice's policy has changed. Look again: scrubin check"] if done.news else []
    waits = [f"Still waiting: {done.waiting}."] if done.waiting else []
    return Answer(code=code, out="\n".join([f"Sent: {done.sent}.", *waits, *done.failures, *done.told, *news]) + "\n")
