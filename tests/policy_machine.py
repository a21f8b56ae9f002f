"""A machine with policy folders and a state folder, and ways in which a file there goes bad."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from policy_example import CHECK, CHECKS, header

from agent.policy_source import Folder, PolicyInForce, policy_in_force
from checks.model import Ownership

NOW = datetime(2026, 11, 21, 7, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=18)


class Machine:
    """A system folder, a person's folder and a state folder."""

    def __init__(self, root: Path) -> None:
        self.system, self.user, self.state = root / "etc", root / "home", root / "state"
        self.system.mkdir(), self.user.mkdir()

    def read(self, now: datetime = NOW, explicit: str | None = None) -> PolicyInForce:
        folders = (
            Folder(path=str(self.system), label="/etc/policy.d"),
            Folder(path=str(self.user), label="~/policy.d"),
        )
        return policy_in_force(CHECKS, folders=folders, state_dir=str(self.state), now=now, explicit=explicit)

    def write(self, idle_s: int, layer: str = "practice", name: str = "10.toml", version: str = "7") -> Path:
        path = self.system / name
        path.write_text(f"{header(layer, version)}[checks.screen_lock]\nmax_idle_s = {idle_s}\n")
        return path


def idle_s(found: PolicyInForce) -> int:
    return found.policy.rule(CHECK, Ownership.PERSONAL).limits.max_idle_s


def troubles(found: PolicyInForce) -> list[str]:
    return [one.trouble.value for one in found.problems]


def layers(found: PolicyInForce) -> list[str]:
    return [one.name.value for one in found.policy.layers]


def lose_target(path: Path) -> None:
    path.unlink()
    path.symlink_to("/nonexistent/share/10.toml")


def become_loop(path: Path) -> None:
    path.unlink()
    path.symlink_to(path)


def become_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def grow(path: Path) -> None:
    with path.open("r+b") as file:
        file.truncate(10**9)


def empty(path: Path) -> None:
    path.write_bytes(b"")
