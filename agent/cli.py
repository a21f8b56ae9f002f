"""The `scrubin` command: reads arguments, calls one command, prints its answer. Nothing else prints."""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence

from agent import __version__, cli_console
from agent.exits import Answer, CannotRun, Exit, WrongUse

TYPE_CHECKING = False  # the constant that type checkers know; importing typing takes a tenth of our start
if TYPE_CHECKING:
    from typing import NoReturn, TextIO

ABOUT = """\
scrubin checks that this laptop, and the phones plugged into it, are fit to hold
patients' pictures: lock, cloud upload, remote wipe, encryption, updates. It
tells you first, with the steps to mend what is wrong. Your practice gets the
verdicts, never a picture, a file name or a place. It changes nothing, and
deletes only what you yourself tell it to. Look now: scrubin check; your own
page: scrubin page; the exact bytes for your practice: scrubin report --show
"""


class Parser(argparse.ArgumentParser):
    """argparse with our exit code for wrong use and a guess at what was meant."""

    def error(self, message: str) -> "NoReturn":
        """Say what is wrong in one line. Exits with 64."""
        command = self._mistyped(message)
        if command is not None:
            import difflib

            close = difflib.get_close_matches(command, COMMANDS, n=1)
            meant = f' Did you mean "{close[0]}"?' if close else ""
            message = f'unknown command "{command[:40]}".{meant}'
        from agent.escape import printable  # only a mistake needs it

        self.exit(Exit.WRONG_USE, f"{self.prog}: {printable(message, 500)}\nAll commands: scrubin --help\n")

    def _print_message(self, message: str, file: object = None) -> None:
        """Help and the version take the way of every answer, so that `| head` and a full disk are met here, too."""
        to = {"out": message} if file is sys.stdout else {"hints": message}
        if _print(Answer(code=Exit.COMPLIANT, **to)) != Exit.COMPLIANT:
            sys.exit(Exit.COULD_NOT_RUN)

    def _mistyped(self, message: str) -> str | None:
        marker = "argument COMMAND: invalid choice: "
        if not message.startswith(marker):
            return None
        return message[len(marker) :].split(" (choose")[0].strip("'\"")


def parser() -> Parser:
    """The whole command line."""
    top = Parser(prog="scrubin", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    top.add_argument("--version", action="version", version=f"scrubin {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    for name, (about, add) in COMMANDS.items():
        add(commands.add_parser(name, help=about, description=about))
    for name, add in HIDDEN.items():
        add(commands.add_parser(name))
    return top


def _check(one: argparse.ArgumentParser) -> None:
    one.add_argument("--device", default="all", metavar="laptop|phones|SERIAL|MODEL|all", help="what to look at")
    photos = one.add_mutually_exclusive_group()
    photos.add_argument("--photos", dest="photos", action="store_true", default=True, help="look for images (default)")
    photos.add_argument("--no-photos", dest="photos", action="store_false", help="leave the images out of this run")
    one.add_argument("--photo-folder", action="append", default=[], metavar="DIR", help="one more folder with photos")
    one.add_argument("--from", dest="source", metavar="FOLDER", help="judge a recording in place of what is here")
    one.add_argument(
        "--saw", action="append", default=[], metavar="CHECK=WORD",
        help="what you looked up yourself, such as cloud_backup=off",
    )  # fmt: skip
    one.add_argument("--plain", action="store_true", help="one line a finding, for logs")
    one.add_argument("--all", dest="everything", action="store_true", help="list what is well, too")
    one.add_argument("--brief", action="store_true", help="one line, for login scripts")
    one.add_argument("--last", action="store_true", help="with --brief: what the last check found, at once")
    one.add_argument("--background", action="store_true", help="nobody waits: look at pictures slowly, not on battery")
    _policy_file(one)
    _json(one)


def _explain(one: argparse.ArgumentParser) -> None:
    one.add_argument("check", metavar="CHECK", help="such as screen_lock")
    one.add_argument("--evidence", action="store_true", help="show what was seen; it stays on this laptop")
    one.add_argument(
        "--device", metavar="laptop|phones|SERIAL|MODEL", help="which device; by default one that it concerns"
    )
    one.add_argument("--from", dest="source", metavar="FOLDER", help="explain a recording in place of what is here")
    _policy_file(one)
    _json(one)


def _policy(one: argparse.ArgumentParser) -> None:
    acts = one.add_subparsers(dest="act", metavar="show|validate|schema|acknowledge", required=True)
    show = acts.add_parser("show", help="the policy in force")
    show.add_argument("--why", metavar="CHECK", help="each value of one check, who set it and why")
    show.add_argument("--ownership", choices=("personal", "practice_owned", "dedicated_camera"))
    _policy_file(show)
    _json(show)
    validate = acts.add_parser("validate", help="say what is wrong with a policy file")
    validate.add_argument("file", metavar="FILE")
    _json(validate)
    acts.add_parser("schema", help="JSON Schema of policy files, for editors")
    acknowledge = acts.add_parser("acknowledge", help="say that you have read the policy in force")
    _policy_file(acknowledge)
    _json(acknowledge)


def _report(one: argparse.ArgumentParser) -> None:
    one.add_argument("act", nargs="?", choices=("send",), help="send what waits, now")
    which = one.add_mutually_exclusive_group()
    which.add_argument("--show", action="store_true", help="print the exact bytes that would be sent")
    which.add_argument("--sent", action="store_true", help="print the exact bytes that were sent last")
    _policy_file(one)
    _json(one)


def _enrol(one: argparse.ArgumentParser) -> None:
    one.add_argument("url", metavar="URL", help="your practice's console, such as https://console.example")
    one.add_argument("code", nargs="?", metavar="CODE", help="as your IT lead gave it to you")
    one.add_argument("--yes", action="store_true", help="agree without being asked, where you know what it says")
    _json(one)


def _leave(one: argparse.ArgumentParser) -> None:
    one.add_argument("--yes", action="store_true", help="leave without being asked")
    one.add_argument("--sheet", metavar="FILE", help="write the dated sheet to FILE, as a page where it ends in .html")
    one.add_argument("--offline", action="store_true", help="leave here only; your IT lead has to retire this laptop")
    _json(one)


def _record(one: argparse.ArgumentParser) -> None:
    one.add_argument("folder", nargs="?", metavar="FOLDER", help="made by this command; must not exist yet")
    one.add_argument("--device", default="laptop", metavar="laptop|phones|SERIAL|MODEL", help="what to record")
    one.add_argument("--check", dest="only", action="append", metavar="CHECK", help="record for this check only")
    one.add_argument("--show", action="store_true", help="print all that would be written, and write nothing")
    one.add_argument("--yes", action="store_true", help="write without asking, where you have looked at it before")
    _json(one)


def _devices(one: argparse.ArgumentParser) -> None:
    _json(one)
    acts = one.add_subparsers(dest="act", metavar="pair|forget")
    pair = acts.add_parser("pair", help="make a phone known over Wi-Fi, step by step")
    pair.add_argument("address", nargs="?", metavar="ADDRESS", help="as the phone shows it under the code")
    _json(pair)
    forget = acts.add_parser("forget", help="take a phone that is gone off the list")
    forget.add_argument("name", metavar="NAME", help="its model, or its id")
    _json(forget)


def _photos(one: argparse.ArgumentParser) -> None:
    one.add_argument("--device", default="all", metavar="laptop|phones|MODEL|ID|all", help="whose pictures to list")
    _paths(one)
    _json(one)
    acts = one.add_subparsers(dest="act", metavar="consent|look|scan")
    consent = acts.add_parser("consent", help="say what looking at pictures means, and agree or stop it")
    said = consent.add_mutually_exclusive_group()
    said.add_argument("--yes", action="store_true", help="agree")
    said.add_argument("--withdraw", action="store_true", help="stop it, and remove what was kept")
    _json(consent)
    look = acts.add_parser("look", help="look through this laptop now, and print counts only, for other programs")
    look.add_argument("--weights", choices=("best", "clean"), default="best", help="which finder looks")
    look.add_argument("--photo-folder", action="append", default=[], metavar="DIR", help="one more folder with photos")
    look.add_argument("--background", action="store_true", help="nobody waits: slowly, and not on battery")
    look.add_argument("--touched", action="store_true", help="only what is newest in the folders on standard input")
    _json(look)
    scan = acts.add_parser("scan", help="look through these folders; nothing is kept and nothing is sent")
    scan.add_argument("dirs", nargs="+", metavar="DIR", help="looked through with all that lies in it")
    scan.add_argument(
        "--weights", choices=("best", "clean"),
        help="the finder trained on all pictures, or on those of stated licences only (default: as the policy asks)",
    )  # fmt: skip
    _paths(scan)
    _json(scan)


def _paths(one: argparse.ArgumentParser) -> None:
    one.add_argument("--show-paths", action="store_true", help="name each file; your terminal may keep what it shows")


def _demo(one: argparse.ArgumentParser) -> None:
    one.add_argument("--run", action="store_true", help="check them once and end, in place of waiting for Ctrl-C")
    _json(one)


def _secret(one: argparse.ArgumentParser) -> None:
    one.add_argument("act", choices=("set", "forget"), help="set reads from standard input or a prompt")
    one.add_argument("name", choices=("mail-password", "record-system"))


def _page(one: argparse.ArgumentParser) -> None:
    one.add_argument("--no-browser", action="store_true", help="print the link that opens it once, and open no browser")


def _shift(one: argparse.ArgumentParser) -> None:
    one.add_argument("act", choices=("next", "tell"))
    _json(one)


def _plain_json(one: argparse.ArgumentParser) -> None:
    _json(one)


def _agent(one: argparse.ArgumentParser) -> None:
    one.add_argument("--verbose", action="store_true", help="log commands and durations")


def _policy_file(one: argparse.ArgumentParser) -> None:
    one.add_argument("--policy", metavar="FILE", help="take this file for the layer that it names")


def _json(one: argparse.ArgumentParser) -> None:
    one.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")


COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "check": ("Look at this laptop and its phones, and say what to fix.", _check),
    "explain": ("Say what a check asks, why, and what it found.", _explain),
    "devices": ("Show this laptop and its phones, and how each is attached.", _devices),
    "demo": ("Show two virtual phones, to try a check without a real one.", _demo),
    "page": ("Open your own page: am I ready for my shift, and which pictures linger.", _page),
    "photos": ("List the pictures that look clinical, and where they lie.", _photos),
    "doctor": ("Say what this laptop lets us see, and what is missing.", _plain_json),
    "policy": ("Show, try or acknowledge the practice's policy.", _policy),
    "enrol": ("Join your practice with a code, after reading what it will see.", _enrol),
    "leave": ("Leave your practice, with a last check and a dated sheet.", _leave),
    "report": ("Show what the practice gets, or send it now.", _report),
    "status": ("Say what the last check found and what waits to be sent.", _plain_json),
    "deliver": ("Send now what waits to be sent.", _plain_json),
    "secret": ("Keep a password or key in this laptop's keyring.", _secret),
    "record": ("Write a scrubbed recording of a device that others can judge.", _record),
    "agent": ("Run in the background and check when it is due.", _agent),
    "console": ("Run the practice's console, on a server.", cli_console.add),
}


HIDDEN: dict[str, Callable[[argparse.ArgumentParser], None]] = {"shift": _shift}
"""What the agent calls for itself, in short-lived processes: nobody is shown these."""
MODULES = {"policy": "policy_acts", "agent": "background"}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if words[:1] == ["console"] and not {*words[1:2]} & {*cli_console.ACTS, "-h", "--help"}:
        words.insert(1, "serve")
    try:
        return _print(_answer(parser().parse_args(words)))
    except KeyboardInterrupt:  # its traceback would show where the program lies, often below the person's home
        return _print(Answer(code=Exit.COULD_NOT_RUN, hints="scrubin: stopped before it ended.\n"))


def _answer(arguments: argparse.Namespace) -> Answer:
    try:
        if arguments.command is None:
            return _alone()
        module = importlib.import_module(f"agent.commands.{MODULES.get(arguments.command, arguments.command)}")
        answer: Answer = module.run(arguments)
    except CannotRun as error:
        return Answer(code=Exit.COULD_NOT_RUN, hints=f"scrubin: {error}\n")
    except WrongUse as error:
        return Answer(code=Exit.WRONG_USE, hints=f"scrubin: {error}\n")
    except Exception as error:  # Python would end with 1, which means "not compliant", and print what it has in hand
        from agent.fault import told  # its libraries are for the bad day

        return Answer(code=Exit.COULD_NOT_RUN, hints=f"scrubin: a fault of its own, {told(error)}. Please tell us.\n")
    return answer


def _alone() -> Answer:
    """Without a command. On a pipe, where nobody can be asked, just what this is. Raises CannotRun."""
    if not all(one is not None and one.isatty() for one in (sys.stdin, sys.stdout, sys.stderr)):
        return Answer(code=Exit.COMPLIANT, out=ABOUT)
    from agent.commands import check, first_run

    return first_run.run(ABOUT, parser().parse_args(["check"]), check=check.run)


def _print(answer: Answer) -> int:
    """Write an answer. One that could not be written whole, as on a full disk, is none: whoever reads must know."""
    _write(sys.stderr, answer.hints)
    problem = _write(sys.stdout, answer.out)
    if problem is None:
        return int(answer.code)
    _write(sys.stderr, f"scrubin: the answer could not be written: {problem}\n")
    return int(Exit.COULD_NOT_RUN)


def _write(stream: "TextIO | None", text: str | bytes) -> str | None:
    """What went wrong, if anything. A closed stream, or a reader that went away as in `| head`, is no error of ours."""
    if stream is None or not text:
        return None
    try:
        if isinstance(text, bytes):
            stream.flush()
            stream.buffer.write(text)
        else:
            # A terminal that knows no umlaut shows its code; it must not end the program.
            stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
        stream.flush()
    except OSError as error:
        # What is left in the buffer would be tried again at the end of the program, which then ends with 120.
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return None if isinstance(error, BrokenPipeError) else error.strerror
    return None
