"""`scrubin doctor`: what this laptop lets us see, what is missing, and how to get it."""

import argparse
import json
import os
import shutil
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agent import __version__, single
from agent import desk as desks
from agent.commands.doctor_phones import findings
from agent.commands.status import age
from agent.config import Transport
from agent.desk import Desk
from agent.exits import Answer, Exit
from agent.keep import outbox
from agent.outbox_model import OutboxError
from agent.policy_acknowledged import acknowledged
from agent.runner import Audit, audit
from agent.secrets import NoStore
from agent.send import secrets
from agent.standing import OLD
from agent.status_file import StatusProblem, read_status
from agent.tell import MARKS, device_line
from checks.evaluate import Examined
from checks.evidence import MEANING, Gap, Unobserved, Why
from checks.guidance import guidance
from checks.model import Status
from checks.plurals import counted

WIDTH = 80
NAME = 17
ROOM_BYTES = 50 << 20
"""Less free space than this, and the queue of reports may stop taking them."""
PACKAGES: Mapping[str, str] = {
    "gsettings": "libglib2.0-bin", "passwd": "passwd", "xfconf-query": "xfconf", "apt-config": "apt",
    "systemd-detect-virt": "systemd", "zfs": "zfsutils-linux", "crontab": "cron", "dsreg": "microsoft-identity-broker",
}  # fmt: skip
"""Debian's package for each tool that a probe may miss."""
HINTS: Mapping[Why, str] = {
    Why.NO_SESSION: "Run it inside your desktop session, as the person who works on this laptop.",
    Why.UNTRUSTED_CONTEXT: "Install scrubin from a package of your system, not as a snap or flatpak, "
    "and unset GSETTINGS_BACKEND.",
    Why.NOT_PERMITTED: "Ask your IT lead: this account may not look there.",
    Why.TIMED_OUT: "Try again; if it stays so, restart the laptop.",
    Why.NO_PROBE: "We can't look at this yet. What to do by hand: scrubin explain {check}",
    Why.UNPARSABLE: "The answer is of a form that we don't know. Help us with: scrubin record FOLDER",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the answer."""

    status: Status
    name: str
    text: str
    steps: tuple[str, ...] = ()


def run(arguments: argparse.Namespace) -> Answer:
    """Look at everything that scrubin needs. Raises CannotRun."""
    desk = desks.open_desk()
    done = audit(desks.laptop(desk), desk.in_force.policy, clock=desks.now)
    rows = [*_own(desk, done), *_policy(desk), *_delivery(desk), *_room(desk), *_phones(desk), *sight(done)]
    bad = sum(one.status is Status.FAIL for one in rows)
    blind = sum(one.status in (Status.UNKNOWN, Status.ERROR) for one in rows)
    code = Exit.NOT_COMPLIANT if bad else Exit.CANNOT_TELL if blind else Exit.COMPLIANT
    if arguments.json:
        table = [{"status": one.status, "name": one.name, "text": one.text, "steps": list(one.steps)} for one in rows]
        return Answer(code=code, out=json.dumps({"schema": "scrubin/doctor/1", "rows": table}) + "\n")
    lines = [line for row in rows for line in _lines(row)]
    return Answer(code=code, out="\n".join([*lines, "", _sum(bad, blind)]) + "\n")


def _sum(bad: int, blind: int) -> str:
    if not bad and not blind:
        return "All is well."
    return f"{counted(bad, 'thing')} to fix, {blind} not seen."


def _lines(row: Row) -> Iterator[str]:
    mark = MARKS[row.status][0]
    label = f"  {mark} {row.name:<{NAME}}"
    yield from textwrap.wrap(row.text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label))
    for step in row.steps:
        indent = " " * (len(label) + 2)
        yield from textwrap.wrap(step, WIDTH, initial_indent=indent, subsequent_indent=indent)


def _own(desk: Desk, done: Audit) -> Iterator[Row]:
    runs = single.runs(str(desk.places.runtime))
    text = f"{__version__}, {'runs in the background' if runs else 'does not run in the background'}"
    steps = () if runs else ("To check by itself: systemctl --user enable --now scrubin",)
    yield Row(status=Status.PASS, name="agent", text=text, steps=steps)
    proof = done.report.proof
    found = f"{proof.found} of {proof.planted} planted bad settings were found just now"
    yield Row(status=Status.PASS if proof.proven else Status.FAIL, name="proof", text=found)
    last = read_status(desk.places.status, now=desks.now(), max_age=OLD)
    if isinstance(last, StatusProblem):
        yield Row(status=Status.UNKNOWN, name="last check", text=last.sentence, steps=("scrubin check",))
    else:
        yield Row(status=Status.PASS, name="last check", text=f"{age(desks.now() - last.generated_at)} ago")
    yield Row(status=Status.PASS, name="device", text=device_line(done.report.device))


def _policy(desk: Desk) -> Iterator[Row]:
    policy = desk.in_force.policy
    titles = ", over ".join(layer.title for layer in policy.layers)
    yield Row(status=Status.PASS, name="policy", text=f"{titles}; {policy.version}")
    for sentence in desk.problems:
        yield Row(status=Status.FAIL, name="policy", text=sentence)
    if policy.acknowledgement_required and acknowledged(str(desk.places.state), policy) is None:
        text = "your practice asks you to confirm that you know its policy"
        steps = ("scrubin policy show", "scrubin policy acknowledge")
        yield Row(status=Status.FAIL, name="acknowledgement", text=text, steps=steps)
    where = "agent.toml was read" if desk.config.files else "no agent.toml; everything is as shipped"
    yield Row(status=Status.PASS, name="configuration", text=where)


def _delivery(desk: Desk) -> Iterator[Row]:
    if desk.config.transport is Transport.CONSOLE:
        from agent.commands.doctor_path import path  # loads what speaks to a console, for those who have one

        for one in path(desk, clock=desks.now):
            yield Row(status=one.status, name=one.name, text=one.text, steps=one.steps)
        return
    if desk.config.transport is Transport.NONE:
        text = "nothing is sent: this laptop is not enrolled, and agent.toml names no way to your practice"
        yield Row(status=Status.NOT_APPLICABLE, name="delivery", text=text)
        return
    try:
        queue = outbox(desk).pending()
    except OutboxError as error:
        yield Row(status=Status.ERROR, name="delivery", text=error.sentence)
        return
    if queue.waiting and queue.sentence:
        yield Row(status=Status.FAIL, name="delivery", text=f"{queue.waiting} to be sent. {queue.sentence}")
    else:
        yield Row(status=Status.PASS, name="delivery", text=f"by {desk.config.transport}; {queue.waiting} to be sent")
    for name in queue.set_aside:
        yield Row(status=Status.FAIL, name="delivery", text=f"a damaged queue was put aside as {name}; tell your IT")
    if desk.config.mail is not None and desk.config.mail.user:
        yield _secret_store(desk)


def _secret_store(desk: Desk) -> Row:
    store = secrets(desk.config, desk.places)
    if isinstance(store, NoStore):
        return Row(status=Status.FAIL, name="keyring", text=store.reason, steps=(store.how_to_mend,))
    return Row(status=Status.PASS, name="keyring", text=store.kind)


def _room(desk: Desk) -> Iterator[Row]:
    state = str(desk.places.state)
    try:
        free = shutil.disk_usage(state).free
        used = sum(os.lstat(os.path.join(state, name)).st_size for name in os.listdir(state))
    except OSError as error:
        yield Row(status=Status.ERROR, name="disk", text=f"the state folder can't be read: {error.strerror}")
        return
    text = f"{used >> 10} kB used by scrubin, {free >> 20} MB free"
    yield Row(status=Status.PASS if free >= ROOM_BYTES else Status.FAIL, name="disk", text=text)


def _phones(desk: Desk) -> Iterator[Row]:
    for one in findings(os.environ, home=desk.door.home, root=desk.door.account == "root"):
        yield Row(status=one.status, name=one.name, text=one.text, steps=one.steps)


def sight(done: Audit) -> Iterator[Row]:
    """What could not be seen, check by check, with the way to see it."""
    for one in done.examined:
        name = guidance(one.finding.check_id).name
        together: dict[tuple[Why, str], list[str]] = {}
        for gap in _gaps(one):
            tool = gap.detail if gap.why is Why.TOOL_MISSING else ""
            together.setdefault((gap.why, tool), []).append(gap.part.replace("_", " "))
        for (why, tool), parts in together.items():
            yield _unseen(name, one.finding.check_id, why, tool, parts)
        if together:
            continue
        if one.finding.status is not Status.NOT_APPLICABLE:
            yield Row(status=Status.PASS, name=name, text="all of it can be seen")


def _gaps(one: Examined) -> Iterator[Gap]:
    if isinstance(one.evidence, Unobserved):
        if one.finding.status is not Status.NOT_APPLICABLE:
            yield Gap(part="all of it", why=one.evidence.why, detail=one.evidence.detail)
    else:
        yield from one.evidence.fact.gaps


def _unseen(name: str, check_id: str, why: Why, tool: str, parts: list[str]) -> Row:
    status, sentence = MEANING[why]
    if tool in PACKAGES:
        steps: tuple[str, ...] = (f"sudo apt install {PACKAGES[tool]}",)
    else:
        steps = (HINTS[why].format(check=check_id),) if why in HINTS else ()
    return Row(status=status, name=name, text=f"{', '.join(dict.fromkeys(parts))}: {sentence}", steps=steps)
