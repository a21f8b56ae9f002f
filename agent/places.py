"""Where scrubin keeps what it keeps, by the rules of each system."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

NAME = "scrubin"


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
    def status(self) -> Path:
        """What connectors read."""
        return self.state / "status.json"

    @property
    def status_table(self) -> Path:
        """Its twin for osquery."""
        return self.state / "status.sqlite"

    @property
    def last_report(self) -> Path:
        """The bytes of the newest report of this laptop."""
        return self.state / "last-report.json"

    def policy_folders(self) -> tuple[Path, ...]:
        """Where policies lie: the practice's folder, then the person's."""
        return (self.system_config / "policy.d", self.config / "policy.d")


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
