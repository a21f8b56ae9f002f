"""`scrubin page`: the clinician's own page, in their browser."""

import argparse
import os
import secrets
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TextIO

from agent import desk as desks
from agent.collect.host import LocalHost
from agent.exits import Answer, CannotRun, Exit
from agent.places import Places, places

MISSING = "The page's libraries are not installed. Install scrubin with its page: scrubin[page]."
ENDS = (signal.SIGINT, signal.SIGTERM, *((signal.SIGHUP,) if hasattr(signal, "SIGHUP") else ()))
"""The last comes when the terminal is closed: what has begun ends as it does for the others."""
TOLD = """\
Your page is open in your browser. It answers on this laptop only, and closes by
itself after 15 minutes without use. Ctrl-C closes it now.
"""
NO_SCREEN = """\
There is no screen here to open a browser on. The page answers on this laptop only,
and closes by itself after 15 minutes without use. Ctrl-C closes it now.
"""
OR_ELSE = """\
Nothing opened? This link works once, for two minutes:
  {link}
"""
BY_HAND = """\
Open this link on this laptop; it works once, for two minutes:
  {link}
"""
LINK = "{link}\n"


def run(arguments: argparse.Namespace) -> Answer:
    """Serve the page until it is closed. Raises CannotRun."""
    try:
        from agent.page.serve import Opened, serve
        from agent.page.whole import whole
    except ImportError as error:
        raise CannotRun(MISSING) from error
    stop = threading.Event()
    for number in ENDS:
        signal.signal(number, lambda *_: stop.set())
    where = places()
    desks.open_desk(stop=stop)  # what is wrong with the configuration is said here, not in a browser
    page = whole(where, now=desks.now, clock_s=steady, stop=stop)
    files: list[Path] = []

    def started(opened: Opened) -> None:
        screen = _has_screen(os.environ)
        _say(opened.link, arguments.no_browser, sys.stdout, sys.stderr, screen=screen)
        if screen and not arguments.no_browser:
            files.extend(_browser(where, opened.link, webbrowser.open))

    try:
        serve(page, randomness=secrets.token_bytes, started=started)
    finally:
        for one in files:
            one.unlink(missing_ok=True)
    return Answer(code=Exit.COMPLIANT)


def steady(read: Callable[[int], float] = time.clock_gettime) -> float:
    """Seconds that pass while the laptop sleeps, too: a page that is left open at night has ended in the morning."""
    return read(time.CLOCK_BOOTTIME if sys.platform == "linux" else time.CLOCK_MONOTONIC)


def _say(link: str, bare: bool, out: TextIO, hints: TextIO, *, screen: bool) -> None:
    """At once, not with the answer: that comes when the page is closed.

    The link goes to a terminal, or where it was asked for: what a desktop starts writes into a log that others read.
    """
    if bare:
        out.write(LINK.format(link=link))
        out.flush()
        return
    hints.write(TOLD if screen else NO_SCREEN)
    if hints.isatty():
        hints.write((OR_ELSE if screen else BY_HAND).format(link=link))
    hints.flush()


def _has_screen(environ: Mapping[str, str]) -> bool:
    return sys.platform != "linux" or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


def _browser(where: Places, link: str, show: Callable[[str], bool]) -> list[Path]:
    """Open the browser. The file that it was given."""
    from agent.page.browser import default_entry, door_for

    entry = default_entry(LocalHost()) if sys.platform == "linux" else ""
    try:
        file = door_for(link, runtime=where.runtime, home=Path.home(), entry=entry)
    except OSError as error:
        sys.stderr.write(f"The browser can't be opened by itself: {error.strerror}.\n")
        return []
    threading.Thread(target=show, args=(file.as_uri(),), daemon=True).start()
    return [file]
