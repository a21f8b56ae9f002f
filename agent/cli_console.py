"""The command line of `scrubin console`."""

import argparse
from collections.abc import Callable


def add(one: argparse.ArgumentParser) -> None:
    """The words after `scrubin console`; without any it serves."""
    acts = one.add_subparsers(dest="act", metavar="|".join(ACTS), required=True)
    for name, (about, options) in ACTS.items():
        act = acts.add_parser(name, help=about, description=about)
        _place(act)
        options(act)


def _place(one: argparse.ArgumentParser) -> None:
    one.add_argument("--data", metavar="DIR", help="the console's folder: its key, and its database without --database")
    one.add_argument("--database", metavar="URL", help="postgresql://user@host/name in place of a file")
    one.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")


def _serve(one: argparse.ArgumentParser) -> None:
    one.add_argument("--listen", default="127.0.0.1:8443", metavar="ADDRESS:PORT", help="default: 127.0.0.1:8443")
    one.add_argument("--certificate", metavar="FILE", help="PEM with its chain; without one, this machine only")
    one.add_argument("--key", metavar="FILE", help="the certificate's private key, PEM")
    one.add_argument("--public-url", metavar="URL", help="as devices reach it, where a proxy stands before it")
    one.add_argument("--practice", default="Our practice", metavar="NAME", help="of the first practice")
    _first_person(one)


def _first_person(one: argparse.ArgumentParser) -> None:
    one.add_argument("--timezone", default="Australia/Sydney", metavar="ZONE", help="of the practice")
    one.add_argument("--administrator", default="administrator@localhost", metavar="EMAIL", help="the first one")


def _code(one: argparse.ArgumentParser) -> None:
    one.add_argument("--uses", type=_between(1, 500), default=1, metavar="N", help="how many laptops may use it")
    one.add_argument("--days", type=_between(1, 30), default=7, metavar="D", help="how long it may be used")
    one.add_argument("--ownership", choices=("personal", "practice_owned", "dedicated_camera"), default="personal")
    one.add_argument("--label", default="", metavar="TEXT", help="what you call the person, for a code of one use")
    one.add_argument("--group", metavar="NAME", help="the group that its devices join")
    _of_practice(one)


def _devices(one: argparse.ArgumentParser) -> None:
    one.add_argument("--verdict", choices=("compliant", "not_compliant", "cannot_tell", "overdue", "ended"))
    one.add_argument("--find", default="", metavar="TEXT", help="in labels and models")
    _of_practice(one)


def _findings(one: argparse.ArgumentParser) -> None:
    one.add_argument("--check", metavar="CHECK", help="such as screen_lock")
    _of_practice(one)


def _waive(one: argparse.ArgumentParser) -> None:
    one.add_argument("device", metavar="DEVICE", help="its id, as scrubin console devices prints it")
    one.add_argument("check", metavar="CHECK", help="such as screen_lock")
    one.add_argument("--owner", required=True, metavar="NAME", help="who answers for it")
    one.add_argument("--reason", required=True, metavar="TEXT", help="why it may stand; name no patient")
    one.add_argument("--days", type=_between(1, 90), required=True, metavar="D", help="how long")
    _of_practice(one)


def _file(one: argparse.ArgumentParser) -> None:
    one.add_argument("file", metavar="FILE")


def _lost(one: argparse.ArgumentParser) -> None:
    one.add_argument("device", metavar="DEVICE", help="its id, as scrubin console devices prints it")
    one.add_argument("--pdf", required=True, metavar="FILE", help="the sheet is written there")
    one.add_argument("--aware", metavar="DATE", help="when you came to know of it, such as 2026-11-21 (default: today)")
    _of_practice(one)


def _practice(one: argparse.ArgumentParser) -> None:
    one.add_argument("name", metavar="NAME")
    _first_person(one)


def _link(one: argparse.ArgumentParser) -> None:
    one.add_argument("email", metavar="EMAIL", help="an administrator, who is made one where they are not")
    _of_practice(one)


def _of_practice(one: argparse.ArgumentParser) -> None:
    one.add_argument("--practice", metavar="NAME", help="which one, where the console holds several")


def _between(least: int, most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or not least <= int(text[:9]) <= most:
            raise argparse.ArgumentTypeError(f"expected a number from {least} to {most}")
        return int(text)

    return number


ACTS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "serve": ("Run the console (the default).", _serve),
    "code": ("Print an enrolment code.", _code),
    "devices": ("List devices and how they stand.", _devices),
    "findings": ("List what is open, and since when.", _findings),
    "waive": ("Let a finding stand for a while.", _waive),
    "lost": ("Write the evidence sheet of a lost device.", _lost),
    "practice": ("Add a practice that sees nothing of the others.", _practice),
    "link": ("Let an administrator who is locked out set a password and an app anew.", _link),
    "backup": ("Write everything into one file.", _file),
    "restore": ("Put a backup into a new, empty console.", _file),
}
