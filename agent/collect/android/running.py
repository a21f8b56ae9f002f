"""Which apps of the phone's owner can run, from two lists that check each other."""

from collections.abc import Mapping

from agent.collect.android.apps import App


def running(listed: frozenset[str] | None, dump: Mapping[str, App]) -> frozenset[str]:
    """Those of which that was not seen count too: only what is seen to be off is left out.

    `listed` is the short list of installed apps, None where it could not be had; `dump` may have been cut.
    """
    off = {name for name, app in dump.items() if app.installed and app.enabled is False}
    return ((listed or frozenset()) - off) | {name for name, app in dump.items() if app.runs}
