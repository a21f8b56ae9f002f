"""Where the private file lies that leads the person's browser to their page."""

import re
from pathlib import Path

from agent.collect.host import CollectError, Command, Host
from agent.page.serve import door_file

SNAPS = Path("/var/lib/snapd/desktop/applications")
"""What snapd installed has its desktop files here, each named SNAP_PROGRAM.desktop."""
ASK = Command(argv=("xdg-settings", "get", "default-web-browser"), timeout_s=3.0)
SNAP_ENTRY = re.compile(r"([a-z0-9-]{1,40})_[\w.-]{1,60}\.desktop", re.ASCII)


def door_for(link: str, *, runtime: Path, home: Path, entry: str, snaps: Path = SNAPS) -> Path:
    """The file, written where the browser with this desktop entry may read it. Raises OSError.

    A browser in a snap sees neither the session's folder nor a hidden one, but its own in ~/snap. Source: snapd's
    documentation of the home interface and of SNAP_USER_COMMON. Ubuntu's Firefox is one.
    """
    found = SNAP_ENTRY.fullmatch(entry)
    own = home / "snap" / found[1] / "common" if found and (snaps / entry).is_file() else None
    return door_file(own / "scrubin" if own is not None and own.is_dir() else runtime, link)


def default_entry(host: Host) -> str:
    """The desktop entry of the browser that this session opens links with; nothing where it can't be told."""
    try:
        return host.run(ASK).stdout[:200].strip()
    except CollectError:
        return ""
