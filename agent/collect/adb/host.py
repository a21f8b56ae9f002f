"""A phone as probes see it: the answers that one session took, and no way to ask for anything else."""

from collections.abc import Mapping
from datetime import datetime

from agent.collect.adb.script import DoorError
from agent.collect.adb.session import Answers
from agent.collect.android.commands import READINGS
from agent.collect.host import CollectError, Command, Output, Process, Stat
from checks.evidence import Why

ALLOWED = frozenset(one.command.argv for one in READINGS)
"""The fixed list, as the door checks it."""
HOME = "/sdcard"
ACCOUNT = "shell"
ROUTE = "ADB_ROUTE"


class PhoneHost:
    """Answers from what was taken. Files of a phone are not for probes: the picture scan has its own way."""

    def __init__(self, answers: Answers, *, at: datetime, wireless: bool = False) -> None:
        """`at` is when they were taken, aware, UTC; `wireless` whether over a network."""
        self._answers = answers
        self._at = at
        self._environ = {ROUTE: "network" if wireless else "usb"}

    @property
    def home(self) -> str:
        """Shared storage, which every app's pictures pass through."""
        return HOME

    @property
    def account(self) -> str:
        """Whom adb works as."""
        return ACCOUNT

    @property
    def environ(self) -> Mapping[str, str]:
        """The way by which it was reached: what is open to the network means another thing over the cable."""
        return self._environ

    def now(self) -> datetime:
        """When the phone was asked: ages are counted from there, by the laptop's clock."""
        return self._at

    def run(self, command: Command) -> Output:
        """What the phone said. Raises CollectError where it did not, DoorError for a command off the list."""
        if command.argv not in ALLOWED:
            raise DoorError("a probe asks for a command that is not on the list")
        heard = self._answers.get(command.argv)
        if heard is None:
            raise CollectError(Why.NOT_ASKED, command.argv[0])
        if isinstance(heard, CollectError):
            raise CollectError(heard.why, heard.detail)
        return heard

    def read(self, path: str) -> str:
        """Always NOT_PERMITTED."""
        raise _no_files()

    def names(self, folder: str) -> tuple[str, ...]:
        """Always NOT_PERMITTED."""
        raise _no_files()

    def stat(self, path: str) -> Stat:
        """Always NOT_PERMITTED."""
        raise _no_files()

    def resolve(self, path: str) -> str:
        """Always NOT_PERMITTED."""
        raise _no_files()

    def processes(self, names: frozenset[str]) -> tuple[Process, ...]:
        """Always NOT_PERMITTED."""
        raise _no_files()


def _no_files() -> CollectError:
    return CollectError(Why.NOT_PERMITTED, "probes of a phone read no files")
