"""Opens the console that a command is about, beside one that may be running."""

import argparse
import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import platformdirs

from reports.console import start
from reports.console.console import Console

NAME = "scrubin-console"


def data_of(arguments: argparse.Namespace) -> Path:
    """The console's folder."""
    return Path(arguments.data or platformdirs.user_data_dir(NAME, appauthor=False)).absolute()


@contextlib.contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[Console]:
    """The console, beside one that may be running. Raises StartError."""
    console = open_here(arguments)
    try:
        start.current(console)
        yield console
    finally:
        console.store.close()


def open_here(arguments: argparse.Namespace) -> Console:
    public = getattr(arguments, "public_url", None) or ""
    return start.open_console(data_of(arguments), database=arguments.database, clock=_clock, public_url=public)


def _clock() -> int:
    return int(time.time())
