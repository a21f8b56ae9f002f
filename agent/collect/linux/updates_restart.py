"""Does an installed update wait for a restart: the distribution's own mark, or a newer kernel than the running one."""

import re
from datetime import datetime

from agent.collect.absent import if_there
from agent.collect.host import CollectError, Host
from checks.evidence import Why

MARK = "/run/reboot-required"
RUNNING = "/proc/sys/kernel/osrelease"
MODULES = "/lib/modules"
"""One folder a kernel; its date is that of the kernel's installation."""
RELEASES = frozenset({"deb", "bpo", "fc", "el"})
PROCESSOR = r"(amd64|x86_64|aarch64|arm64|i[3-6]86)(?![a-z0-9])"


def due(host: Host) -> tuple[bool, datetime | None]:
    """(a restart is due, since when). Raises NOT_FOUND where no kernel is installed, as in a container."""
    mark = if_there(lambda: host.stat(MARK))
    if mark is not None:
        return True, mark.modified_at
    installed = host.names(MODULES)
    if not installed:
        raise CollectError(Why.NOT_SAID, "no kernel is installed")
    running = host.read(RUNNING).strip()
    if not re.fullmatch(r"[0-9]{1,9}\.[A-Za-z0-9._+~-]{1,200}", running):
        raise CollectError(Why.UNPARSABLE, RUNNING)
    newer = waiting(running, installed)
    return (False, None) if newer is None else (True, host.stat(f"{MODULES}/{newer}").modified_at)


def waiting(running: str, installed: tuple[str, ...]) -> str | None:
    """The kernel that a restart would bring: the newest of the running one's kind, or any when that one is gone."""
    kind = [name for name in installed if _words(name) == _words(running)]
    newest = max(kind or installed, key=_numbers)
    if running in installed:
        return newest if _numbers(newest) > _numbers(running) else None
    return newest


def _words(name: str) -> list[str]:
    """6.1.0-37-rt-amd64 -> rt, amd: kernels of different words are installed side by side on purpose.

    The release that a kernel was built for is no such word: a new release's kernel takes the old one's place.
    """
    return [word for word in re.findall(r"[a-z]+", name) if word not in RELEASES]


def _numbers(name: str) -> list[int]:
    """6.12.41+deb13+1-amd64 -> 6, 12, 41, 13, 1: without the digits of the processor's name."""
    return [int(one) for one in re.findall(r"[0-9]{1,9}", re.sub(PROCESSOR, "", name))]
