"""`scrubin record --device SERIAL FOLDER`: all that a phone answers, scrubbed and shown, for somebody else to judge."""

import argparse
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent import desk as desks
from agent.collect.android.commands import READINGS
from agent.collect.android.usb_debugging import ROUTE
from agent.collect.host import CollectError, Command, Host
from agent.collect.recorded import INDEX
from agent.collect.recording import Row
from agent.commands.record_files import fields, head, in_the_way, shown, told, toml, write
from agent.console import Console
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.scrub_phone import PhoneScrubber
from checks.model import Platform

if TYPE_CHECKING:
    from agent.gather import Found
    from agent.phones import Read

HOME = "/sdcard"
ACCOUNT = "shell"
ANY = ("phones", "all")
"""What `--device` says where it names no phone."""
ROUTES = ("usb", "network")
LINE = 200
"""Characters that are read of an answer."""
REPLACED = """\
The phone was only asked; nothing on it was changed. In what it said, fakes stand
in place of names, accounts, e-mail addresses, telephone and serial numbers, Wi-Fi
names, places, moments, messages, computers, and every app and every other word
that scrubin does not know. What stays: Android's own words, settings, small
numbers, and the names of well-known apps that scrubin looks for, such as
com.whatsapp. Nothing is sent: you decide whom you give it to.
"""
QUESTION = "Write this down? Type yes, or Enter to leave it: "


class Terminal:
    """The one that this program was started from."""

    @property
    def attended(self) -> bool:
        """See Console."""
        return sys.stdin.isatty() and sys.stdout.isatty()

    def tell(self, text: str) -> None:
        """See Console. What the terminal can't show, it shows as its number."""
        coding = sys.stdout.encoding
        print(text.encode(coding, "backslashreplace").decode(coding), flush=True)

    def ask(self, question: str) -> str:
        """See Console."""
        print(question, end="", flush=True)
        return sys.stdin.readline(LINE).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How the person wants it."""

    folder: Path
    show: bool
    """Print all and write nothing."""
    yes: bool
    """Write without asking."""
    as_json: bool


def record(arguments: argparse.Namespace) -> Answer:
    """Record one phone. Raises CannotRun, WrongUse."""
    from agent.gather import find_phones

    if arguments.only:
        raise WrongUse("--check is for recordings of this laptop; of a phone all is recorded")
    folder = Path(arguments.folder or "").absolute()  # without one nothing is written
    wish = Wish(folder=folder, show=arguments.show, yes=arguments.yes, as_json=arguments.json)
    console = Terminal()
    may_go_on(wish, console)
    home = desks.open_desk().door.home
    wanted = None if arguments.device in ANY else arguments.device
    found = find_phones(home, wanted=wanted, stop=threading.Event())
    return offered(written(the_one(found, wanted).host), wish, console)


def may_go_on(wish: Wish, console: Console) -> None:
    """Raises WrongUse, CannotRun for what is better said before a phone is asked."""
    if wish.show:
        return
    in_the_way(wish.folder)
    if not wish.yes and not (console.attended and not wish.as_json):
        raise WrongUse("nobody is there to agree. Look at it with --show, then write it with --yes")


def the_one(found: "Found", wanted: str | None) -> "Read":
    """The phone of that serial or model; None for the only one. Raises CannotRun where there is none, or several."""
    phones = [one for one in found.phones if wanted is None or one.answers_to(wanted)]
    if len(phones) > 1:
        raise CannotRun(
            "more than one phone is meant. Name one by its model or its serial, or unplug the others: scrubin devices"
        )
    if not phones and not found.unready and wanted is not None:
        raise CannotRun("no phone of that serial or model is attached. Those that are: scrubin devices")
    if not phones:
        from agent.devices import NOTHING, advice

        told_of = [advice(one, key_end=None) for one in (*found.unready, *found.silent)] or [NOTHING]
        raise CannotRun(f"no phone can be recorded. {told_of[0].said} {told_of[0].action}")
    return phones[0]


def offered(files: Mapping[str, str], wish: Wish, console: Console) -> Answer:
    """Show all, and write it where the person agrees. Raises CannotRun."""
    if wish.show:
        return Answer(code=Exit.COMPLIANT, out=shown(files))
    if not wish.yes:
        console.tell(shown(files))
        console.tell(REPLACED)
        if console.ask(QUESTION).lower() != "yes":
            return Answer(code=Exit.COULD_NOT_RUN, out="Nothing was written.\n")
    write(wish.folder, files)
    return told(files, _said(files, wish.folder.name), as_json=wish.as_json)


def written(host: Host) -> dict[str, str]:
    """File name -> text of the whole recording, scrubbed."""
    scrubber = PhoneScrubber()
    files: dict[str, str] = {}
    lines = head(system=Platform.ANDROID, captured_at=host.now(), home=HOME, account=ACCOUNT)
    lines += ["complete = false", "process = []"]
    if (route := host.environ.get(ROUTE)) in ROUTES:
        lines += ["", "[environment]", f"{ROUTE} = {toml(route)}"]
    for reading in READINGS:
        row = _scrubbed(_row(host, reading.command), scrubber)
        lines += ["", "[[command]]", *fields(row, files)]
    files[INDEX] = "\n".join(lines) + "\n"
    return files


def _row(host: Host, command: Command) -> Row:
    """An answer, or the reason why there is none."""
    row: Row = {"argv": list(command.argv)}
    try:
        said = host.run(command)
    except CollectError as error:
        return {**row, "error": str(error.why)}
    return {**row, "exit_code": said.exit_code, "stdout_text": said.stdout, "stderr_text": said.stderr}


def _scrubbed(row: Row, scrubber: PhoneScrubber) -> Row:
    """With its size, by which a file that was cut on its way shows: a list that lacks its end looks whole."""
    argv = tuple(row["argv"])
    clean = {key: scrubber.text(value, argv) if key.endswith("_text") else value for key, value in row.items()}
    return {**clean, "size_bytes": len(clean["stdout_text"].encode())} if "stdout_text" in clean else clean


def _said(files: Mapping[str, str], name: str) -> str:
    return (
        f"Wrote {len(files)} files. Look through them before you give them away: you know best what says too much.\n"
        f"Start with {INDEX}. Judge it with: scrubin check --from {name}\n"
    )
