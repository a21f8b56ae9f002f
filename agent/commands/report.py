"""`scrubin report --show|--sent|send`: the exact bytes that the practice gets, or got; or send what waits."""

import argparse
import threading

from agent import desk as desks
from agent.config import Transport
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.keep import outbox
from agent.look import ALL, look, pictures_of
from agent.outbox_model import OutboxError, Waiting
from agent.runner import audit
from reports.deliver import Kind
from reports.envelope import to_bytes

LOOK_BACK = 200
"""Letters among which the last that left is looked for; a month of daily checks has fewer."""


def run(arguments: argparse.Namespace) -> Answer:
    """What waits to be sent, letter by letter; where nothing waits, what a check made now would send.

    Raises CannotRun, WrongUse.
    """
    if arguments.act == "send":
        return _send(arguments)
    if arguments.json or not (arguments.show or arguments.sent):
        raise WrongUse("say what to do with it: scrubin report --show, --sent, or send [--json]")
    desk = desks.open_desk(policy=arguments.policy)
    try:
        if arguments.sent:
            return _sent(outbox(desk).sent(LOOK_BACK), desk.config.transport)
        waiting = outbox(desk).show()
    except OutboxError as error:
        raise CannotRun(error.sentence) from error
    if waiting and not desk.explicit_policy:
        count = "1 letter waits" if len(waiting) == 1 else f"{len(waiting)} letters wait"
        hints = f"{count} to be sent. Each line below is one, byte for byte.\n"
        return Answer(code=Exit.COMPLIANT, out=b"".join(one.body + b"\n" for one in waiting), hints=hints)
    stop = threading.Event()
    looked = look(desk, ALL, stop=stop, pictures=pictures_of(desk, stop))
    sent = (one for one in looked.subjects if one.device.id not in looked.unnamed)
    audits = [audit(one, desk.in_force.policy, clock=desks.now) for one in sent]
    hints = "Nothing waits to be sent. This is what a check made now would send; it is not queued.\n"
    return Answer(code=Exit.COMPLIANT, out=b"".join(to_bytes(one.report) + b"\n" for one in audits), hints=hints)


def _send(arguments: argparse.Namespace) -> Answer:
    if arguments.show or arguments.sent or arguments.policy is not None:
        raise WrongUse("send goes alone: scrubin report send [--json]")
    from agent.commands import deliver  # showing needs none of it

    return deliver.run(arguments, by_hand=True)


def _sent(last: tuple[Waiting, ...], by: Transport) -> Answer:
    # Mail leaves word of no change out: such a letter is done, and never left.
    left = [one for one in last if by is not Transport.EMAIL or one.kind is Kind.FULL]
    if not left:
        return Answer(code=Exit.COMPLIANT, hints="No letter that was sent is kept here.\n")
    return Answer(code=Exit.COMPLIANT, out=left[0].body + b"\n", hints="This is what was sent last, byte for byte.\n")
