"""`scrubin console`: the practice's console, for a server and never for a clinician's laptop."""

import argparse

from agent.exits import Answer, CannotRun

NEEDS = "the console's parts are not installed here: pip install 'scrubin[console]'"


def run(arguments: argparse.Namespace) -> Answer:
    """One act. Raises CannotRun."""
    try:
        from agent.commands import console_acts
        from reports.console.backup import BackupError
        from reports.console.model import Refusal
        from reports.console.start import StartError
        from reports.console.store.engine import StoreError
    except ModuleNotFoundError as error:
        raise CannotRun(NEEDS) from error
    try:
        return console_acts.ACTS[arguments.act or "serve"](arguments)
    except (StartError, BackupError) as error:
        raise CannotRun(str(error)) from error
    except (StoreError, Refusal) as error:
        raise CannotRun(error.sentence) from error
    except OSError as error:
        raise CannotRun(f"a file can't be used: {error.strerror}") from error
