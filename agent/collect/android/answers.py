"""What a phone said, or why that is no answer: an exit status of 0 proves nothing there."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from agent.collect.host import CollectError, Command, Host, Output
from checks.evidence import Why

T = TypeVar("T")

REFUSED: tuple[tuple[re.Pattern[str], Why], ...] = (
    (re.compile(r"java\.lang\.SecurityException|^Security exception:|Permission Denial|^Permission denied", re.M),
     Why.NOT_PERMITTED),
    (re.compile(r"^(?:cmd: )?Can't find service: ", re.M), Why.TOOL_MISSING),
    (re.compile(r"^\S*/sh: .*(?:not found|inaccessible)", re.M), Why.TOOL_MISSING),
    (re.compile(r"SERVICE '[^']*' DUMP TIMEOUT|^DUMP TIMEOUT", re.M), Why.TIMED_OUT),
    (re.compile(r"^Error with service '[^']*' while dumping|FAILED_TRANSACTION|DEAD_OBJECT", re.M), Why.TOOL_FAILED),
    (re.compile(r"^Error dumping service info|^Exception occurred while (?:dumping|executing)", re.M), Why.TOOL_FAILED),
    (re.compile(r"^cmd: Failure calling service ", re.M), Why.TOOL_FAILED),
    (re.compile(r"Could not access the .{0,60} Is the system running\?", re.M), Why.TOOL_FAILED),
    (re.compile(r"^Unknown (?:command|option)", re.M), Why.NOT_FOUND),
)  # fmt: skip
"""Lines with which Android refuses, whatever the exit status. They are constants of the system, never translated."""
GRUMBLING = re.compile(
    r"^(?:WARNING: (?:linker: |generic atexit)|linker: |libc: Access denied finding property ).*(?:\n|\Z)", re.MULTILINE
)
"""What lies under every program warns of; old phones put it before or between the lines of any program's answer."""
MISSING_PROGRAM = 127
NOT_ALLOWED_TO_RUN = 126


def answer(host: Host, command: Command) -> str:
    """The text of an answer, line ends as \\n. Raises CollectError where the phone refused or said nothing."""
    text = told(host, command)
    if not text.strip():
        raise CollectError(Why.UNPARSABLE, f"{command.argv[0]} said nothing")
    return text


def told(host: Host, command: Command) -> str:
    """As `answer`, for commands for which nothing is an answer, such as a list without entries."""
    return heard(host, command).stdout


def heard(host: Host, command: Command) -> Output:
    """All that it said, line ends as \\n, for commands that tell something by their exit code or among errors.

    Raises CollectError where the phone refused.
    """
    said = host.run(command)
    text = f"{said.stdout}\n{said.stderr}".replace("\r", "")
    for pattern, why in REFUSED:
        if (found := pattern.search(text)) is not None:
            raise CollectError(why, found.group()[:200])
    if said.exit_code == MISSING_PROGRAM:
        raise CollectError(Why.TOOL_MISSING, command.argv[0])
    if said.exit_code == NOT_ALLOWED_TO_RUN:
        raise CollectError(Why.NOT_PERMITTED, command.argv[0])
    return replace(said, stdout=_plain(said.stdout), stderr=_plain(said.stderr))


def _plain(text: str) -> str:
    return GRUMBLING.sub("", text.replace("\r", ""))


def first_of(looks: tuple[Callable[[], T], ...]) -> T:
    """What the first look that succeeds saw. Raises the first look's CollectError where none does."""
    first: CollectError | None = None
    for look in looks:
        try:
            return look()
        except CollectError as error:
            first = first or error
    assert first is not None
    raise first


def any_says(looks: tuple[Callable[[], bool], ...]) -> bool:
    """True as soon as one look says so. Raises the first look's CollectError where none does and one failed."""
    first: CollectError | None = None
    for look in looks:
        try:
            if look():
                return True
        except CollectError as error:
            first = first or error
    if first is not None:
        raise first
    return False
