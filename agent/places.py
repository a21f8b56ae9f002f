"""Where scrubin keeps what it keeps, by the rules of each system."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

import platformdirs

NAME = "scrubin"
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MOST_PHONES = 100
"""More than this were never plugged into one laptop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Folders, absolute. None needs to exist."""

    state: Path
    """Kept over restarts: device id, outbox, last report, last good policies."""
    runtime: Path
    """Gone with the session: the daemon's lock."""
    config: Path
    """The person's own agent.toml."""
    system_config: Path
    """The practice's agent.toml and policies; only an administrator writes here."""

    @property
    def outbox(self) -> Path:
        """The queue of reports."""
        return self.state / "outbox.sqlite"

    @property
    def chain(self) -> Path:
        """Which place each report has among those of its device."""
        return self.state / "chain.sqlite"

    @property
    def photos(self) -> Path:
        """What only the person may see: the index of their pictures, and whether they agreed to it."""
        return self.state / "photos"

    @property
    def status(self) -> Path:
        """What connectors read of this laptop."""
        return self.kept().status

    @property
    def phones(self) -> Path:
        """What is known of each phone: a folder named by the phone's id."""
        return self.state / "phones"

    def kept(self, phone_id: str | None = None) -> "Kept":
        """Where a device's last audit is kept; this laptop's without an id."""
        return Kept(folder=self.state if phone_id is None else self.phones / phone_id)

    def kept_phones(self) -> "tuple[Kept, ...]":
        """Of every phone that was ever checked here, in the order of their ids."""
        try:
            names = sorted(one.name for one in self.phones.iterdir() if ID.fullmatch(one.name))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        return tuple(self.kept(name) for name in names[:MOST_PHONES])

    def policy_folders(self) -> tuple[Path, ...]:
        """Where policies lie: the practice's folder, then the person's."""
        return (self.system_config / "policy.d", self.config / "policy.d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The last audit of one device."""

    folder: Path

    @property
    def status(self) -> Path:
        """What connectors read."""
        return self.folder / "status.json"

    @property
    def status_table(self) -> Path:
        """Its twin for osquery."""
        return self.folder / "status.sqlite"

    @property
    def last_report(self) -> Path:
        """The bytes of the newest report."""
        return self.folder / "last-report.json"


def places() -> Places:
    """This account's places. SCRUBIN_STATE and SCRUBIN_SYSTEM_CONFIG move them, for packages and for tests."""
    state = os.environ.get("SCRUBIN_STATE") or platformdirs.user_state_dir(NAME, appauthor=False)
    system = os.environ.get("SCRUBIN_SYSTEM_CONFIG") or "/etc/scrubin"
    return Places(
        state=Path(state),
        runtime=_runtime(Path(state)),
        config=Path(platformdirs.user_config_dir(NAME, appauthor=False)),
        system_config=Path(system),
    )


def _runtime(state: Path) -> Path:
    """The session's own folder. Without one the state folder serves: a name in /tmp could be taken by anybody."""
    session = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(session) / NAME if os.path.isabs(session) else state / "run"
