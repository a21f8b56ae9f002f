"""`scrubin devices pair`: make a phone known over Wi-Fi, step by step."""

import argparse
import json
import os
import sys

from agent.collect.adb import wifi
from agent.collect.adb.wifi import AddressError, Outcome, address, code
from agent.exits import Answer, CannotRun, Exit, WrongUse
from agent.surroundings import around

LINE = 200
"""Characters that are read of one answer."""
STEPS = """\
Both devices must be on the same Wi-Fi, one that you trust: your home's or your
practice's, never a guest network. The phone needs Android 11 or later.

  1 On the phone: Settings > About phone, tap Build number seven times.
  2 Settings > System > Developer options > Wireless debugging, switch it on.
  3 Tap the words "Wireless debugging", then "Pair device with pairing code".
    The phone shows a code, and an address with a number after a colon.
"""
THEN = """\
Paired. Go back one screen on the phone: below "IP address & Port" it shows the
address to connect to. Its last number is another one than before.
"""
DONE = """\
Connected. Look at the phone now: scrubin check --device phones

Afterwards switch it off again: Settings > System > Developer options > Wireless
debugging. As long as it is on, devices on the same Wi-Fi may try to reach it.
"""
FAILED = {
    Outcome.NO_SERVER: "no adb server runs. Install adb, or see: scrubin doctor",
    Outcome.TOO_OLD: "the adb server that runs is too old for Wi-Fi; version 30 or later is needed. We end nobody's "
    "server. Use the cable, or close the programs that use adb, end it with: adb kill-server, then try again.",
    Outcome.WRONG_CODE: "the code was wrong, or too old. The phone shows a new one each time: try again with that.",
    Outcome.NOT_KNOWN: "the phone does not know this laptop yet. Unlock it, and allow this laptop if it asks; else "
    "pair first: scrubin devices pair",
    Outcome.NOT_REACHED: "the phone was not reached. Keep its screen on with the code or address showing, be on the "
    "same Wi-Fi, and type the address again: its last number changes each time.",
}


def pair(arguments: argparse.Namespace) -> Answer:
    """Ask for address and code, pair, then connect. Raises CannotRun, WrongUse."""
    given = _checked(arguments.address) if arguments.address else None
    port = _port()
    _tell(STEPS)
    try:
        where = given or address(_asked("Address under the code, such as 192.168.1.5:37045: "))
        _fits(wifi.pair(port, where, code(_asked("Code: "))))
        _tell(THEN)
        typed = _asked("Address to connect to (Enter to stop here): ")
        if typed:
            _fits(wifi.connect(port, address(typed)))
    except AddressError as error:
        raise WrongUse(str(error)) from error
    if arguments.json:
        body = {"schema": "scrubin/pair/1", "paired": True, "connected": bool(typed)}
        return Answer(code=Exit.COMPLIANT, out=json.dumps(body) + "\n")
    return Answer(code=Exit.COMPLIANT, out=DONE if typed else "Paired. Nothing is connected yet.\n")


def _checked(text: str) -> str:
    try:
        return address(text)
    except AddressError as error:
        raise WrongUse(str(error)) from error


def _port() -> int:
    """Of a server, started if nobody runs one."""
    here = around(os.environ, start=True)
    if here.port is None:
        raise CannotRun(here.trouble)
    return here.port


def _fits(outcome: Outcome) -> None:
    if outcome is not Outcome.DONE:
        raise CannotRun(FAILED[outcome])


def _asked(question: str) -> str:
    """One line. Without a terminal nothing is asked: whoever calls us knows the order."""
    if sys.stdin.isatty():
        print(question, end="", file=sys.stderr, flush=True)
    return sys.stdin.readline(LINE).strip()


def _tell(text: str) -> None:
    if sys.stdin.isatty():
        print(text, file=sys.stderr, flush=True)
