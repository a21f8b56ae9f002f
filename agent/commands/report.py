"""`scrubin report --show`: the exact bytes that the practice gets."""

import argparse

from agent import desk as desks
from agent.exits import Answer, CannotRun, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError
from agent.runner import audit
from reports.envelope import to_bytes


def run(arguments: argparse.Namespace) -> Answer:
    """What waits to be sent, letter by letter; where nothing waits, what a check made now would send."""
    desk = desks.open_desk(policy=arguments.policy)
    try:
        waiting = outbox(desk).show()
    except OutboxError as error:
        raise CannotRun(error.sentence) from error
    if waiting and not desk.explicit_policy:
        count = "1 letter waits" if len(waiting) == 1 else f"{len(waiting)} letters wait"
        hints = f"{count} to be sent. Each line below is one, byte for byte.\n"
        return Answer(code=Exit.COMPLIANT, out=b"".join(one.body + b"\n" for one in waiting), hints=hints)
    done = audit(desks.laptop(desk), desk.in_force.policy, clock=desks.now)
    hints = "Nothing waits to be sent. This is what a check made now would send; it is not queued.\n"
    return Answer(code=Exit.COMPLIANT, out=to_bytes(done.report) + b"\n", hints=hints)
