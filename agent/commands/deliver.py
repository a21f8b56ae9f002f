"""`scrubin deliver`: send what is due now. The daemon runs it, too, where sending needs heavy libraries."""

import argparse
import json

from agent import desk as desks
from agent.exits import Answer, CannotRun, Exit
from agent.keep import look_again_after_change, outbox
from agent.outbox_model import OutboxError
from agent.send import transport
from reports.deliver.errors import TransportError


def run(arguments: argparse.Namespace) -> Answer:
    """Try each due letter once: 0 all went, 2 some wait. Raises CannotRun."""
    desk = desks.open_desk()
    try:
        way = transport(desk.config, desk.places)
        if way is None:
            raise CannotRun("agent.toml names no way to your practice, so nothing is sent")
        box = outbox(desk)
        look_again_after_change(desk, box, desks.now())
        done = box.deliver_due(way, now=desks.now())
    except (TransportError, OutboxError) as error:
        raise CannotRun(error.sentence) from error
    except OSError as error:
        raise CannotRun(f"the state folder can't be used: {error.strerror}") from error
    code = Exit.CANNOT_TELL if done.failures else Exit.COMPLIANT
    sentences = [one.sentence for one in done.failures]
    if arguments.json:
        due = done.next_due.isoformat() if done.next_due is not None else None
        body = {"schema": "scrubin/deliver/1", "sent": done.sent, "failures": sentences, "next_due": due}
        return Answer(code=code, out=json.dumps(body) + "\n")
    return Answer(code=code, out="\n".join([f"Sent: {done.sent}.", *dict.fromkeys(sentences)]) + "\n")
