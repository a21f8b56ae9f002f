"""Does a text console sign somebody in by itself: the unit files of its getty."""

import re

from agent.collect.absent import text_if_there
from agent.collect.host import Host
from agent.collect.linux.desktop import paths

UNITS = "/etc/systemd/system"
GETTY = ("*getty@*.service", "autovt@*.service", "console-getty.service")
"""Names of the units, those of serial lines included."""


def auto_login(host: Host) -> bool:
    """True when any getty's own file, or its drop-ins together, ask for it. Raises CollectError."""
    for shape in GETTY:
        groups = [[path] for path in paths(host, f"{UNITS}/{shape}")]
        groups += [paths(host, f"{folder}/*.conf") for folder in paths(host, f"{UNITS}/{shape}.d")]
        if any(asks("\n".join(text_if_there(host, path) or "" for path in group)) for group in groups):
            return True
    return False


def asks(text: str) -> bool:
    """The last command wins: `--autologin clin`, `-a clin`, or `login -f clin` which trusts the name."""
    found = False
    for line in re.sub(r"\\\r?\n", " ", text).splitlines():
        key, _, value = line.partition("=")
        if key.strip() == "ExecStart":
            words = value.replace('"', " ").replace("'", " ").split()
            found = any(word in {"-a", "-f"} or word.startswith("--auto") for word in words)
    return found
