"""Whether the phone's first user is a person: on a few devices it is the system alone, and everybody has another."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from agent.collect.android.profiles import FULL, OWNER, SYSTEM, User, dumped, listed
from agent.collect.android.properties import properties
from agent.collect.host import CollectError, Host
from checks.evidence import Why

F = TypeVar("F")
SWITCH = "ro.fw.mu.headless_system_user"
ON = frozenset({"1", "y", "yes", "on", "true"})
"""What Android takes for true in a property."""
HEADLESS = "android.os.usertype.system.HEADLESS"


def of_the_person(look: Callable[[Host], F]) -> Callable[[Host], F]:
    """The probe, for checks that look at what the first user has: where that is nobody's, nothing is judged.

    It then raises OTHER_PROFILE. Where nothing says so the first user is the owner, as on every usual phone.
    """

    def gated(host: Host) -> F:
        if system_alone(host):
            raise CollectError(Why.OTHER_PROFILE, "the first user is the system alone")
        return look(host)

    return gated


def system_alone(host: Host) -> bool:
    """Whether any of three sources says that nobody is the first user."""
    return any(_says(partial(source, host)) for source in (_by_property, _by_list, _by_dump))


def _says(source: Callable[[], bool]) -> bool:
    """What cannot be read does not say it: the checks themselves tell of the reason."""
    try:
        return source()
    except CollectError:
        return False


def _by_property(host: Host) -> bool:
    return properties(host).get(SWITCH, "") in ON


def _by_list(host: Host) -> bool:
    return _nobody(listed(host))


def _by_dump(host: Host) -> bool:
    return _nobody(dumped(host))


def _nobody(users: Mapping[int, User]) -> bool:
    """Flags of the system without those of a full user; before Android 10 there were neither."""
    first = users[OWNER]
    return first.kind == HEADLESS or bool(first.flags & SYSTEM and not first.flags & FULL)
