"""From a path down to the disk: mounts, mapped devices, volumes, arrays and loops, as /sys shows them to everybody."""

import re
from collections.abc import Callable, Iterable
from typing import TypeVar

from agent.collect.absent import names_if_there, text_if_there
from agent.collect.host import CollectError, Host
from agent.collect.linux import encryption_zfs
from agent.collect.linux.encryption_mounts import Mount, below, holding, parse
from checks.evidence import Why

T = TypeVar("T")
MOUNTS = "/proc/self/mountinfo"
BLOCK = "/sys/class/block"
DEEPEST = 24
"""Real stacks have four or five layers."""
CIPHERS = tuple(f"CRYPT-{kind}-" for kind in ("LUKS1", "LUKS2", "PLAIN", "LOOPAES", "TCRYPT", "BITLK", "FVAULT2"))
"""How the ids of encrypted mapped devices begin. CRYPT-VERITY and CRYPT-INTEGRITY hide nothing."""
ENCRYPTING = frozenset({"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs"})
"""File systems that encrypt by themselves."""


def every(look: Callable[[T], bool], things: Iterable[T]) -> bool:
    """Whether it holds for all of them: one that says no decides, even where others could not be seen."""
    blind: CollectError | None = None
    for one in things:
        try:
            if not look(one):
                return False
        except CollectError as error:
            blind = blind or error
    if blind is not None:
        raise blind
    return True


class Storage:
    """The storage of one machine. Questions answer True for encrypted, False for plain, or raise CollectError."""

    def __init__(self, host: Host) -> None:
        """Reads the list of mounts. Raises CollectError."""
        self._host = host
        self._mounts = parse(host.read(MOUNTS))
        self._under_way: list[str] = []
        self._known: dict[str, bool | CollectError] = {}

    def mount_of(self, path: str) -> Mount:
        """The mount that a path lies on."""
        return holding(self._mounts, path)

    def mounts_below(self, folder: str) -> tuple[Mount, ...]:
        """The mounts inside a folder."""
        return tuple(below(self._mounts, folder))

    def under(self, path: str) -> bool:
        """What holds this path."""
        return self.mounted(self.mount_of(path))

    def mounted(self, mount: Mount) -> bool:
        """What a mount lies on. Raises NOT_SAID for what is no disk: overlays, network folders, memory."""
        if mount.kind in ENCRYPTING:
            return True
        if mount.kind == "zfs":
            own = encryption_zfs.encrypted(self._host, mount.source)
            return own or every(self.named, encryption_zfs.disks(self._host, mount.source))
        if mount.kind == "btrfs":
            return every(self.device, self._btrfs_members(mount.source))
        if mount.device.startswith("0:"):
            raise CollectError(Why.NOT_SAID, f"a mount of the kind {mount.kind}")
        return self.device(self._host.resolve(f"/sys/dev/block/{mount.device}").rpartition("/")[2])

    def named(self, path: str) -> bool:
        """A device by its path in /dev, links followed."""
        real = self._host.resolve(path)
        if not real.startswith("/dev/"):
            raise CollectError(Why.NOT_SAID, "not a device")
        return self.device(real.removeprefix("/dev/").replace("/", "!"))

    def device(self, name: str) -> bool:
        """A device by its kernel name. Layers are walked once each; a circle is UNPARSABLE, endless ones TOO_LARGE."""
        if not re.fullmatch(r"[\w!:+-][\w!:+.-]{0,99}", name, re.ASCII):
            raise CollectError(Why.UNPARSABLE, "a device's name")
        if name in self._under_way:
            raise CollectError(Why.UNPARSABLE, "devices in a circle")
        if len(self._under_way) >= DEEPEST:
            raise CollectError(Why.TOO_LARGE, "layers of devices")
        if name not in self._known:
            self._under_way.append(name)
            try:
                self._known[name] = self._layer(name)
            except CollectError as error:
                self._known[name] = error
            finally:
                self._under_way.pop()
        answer = self._known[name]
        if isinstance(answer, CollectError):
            raise CollectError(answer.why, answer.detail)
        return answer

    def _layer(self, name: str) -> bool:
        if text_if_there(self._host, f"{BLOCK}/{name}/device/uevent") is not None:
            return False  # only what has hardware of its own: neither a mapped device, nor an array, nor a partition
        mapped = text_if_there(self._host, f"{BLOCK}/{name}/dm/uuid")
        if mapped is not None and mapped.startswith(CIPHERS):
            return True
        slaves = names_if_there(self._host, f"{BLOCK}/{name}/slaves")
        if slaves:
            return every(self.device, slaves) or _plain(mapped)
        if text_if_there(self._host, f"{BLOCK}/{name}/partition") is not None:
            return self.device(self._parent(name))
        backing = text_if_there(self._host, f"{BLOCK}/{name}/loop/backing_file")
        if backing:
            return self.under(backing.rstrip("\n"))
        self._host.read(f"{BLOCK}/{name}/uevent")  # NOT_FOUND where /sys is not there or hides the device
        raise CollectError(Why.NOT_SAID, f"{name} lies on nothing that we know")

    def _parent(self, partition: str) -> str:
        """The disk of a partition is the folder above it. Raises NOT_SAID where the path does not show it."""
        above = self._host.resolve(f"{BLOCK}/{partition}").split("/")
        if len(above) < 2 or above[-1] != partition or above[-2] == "block":
            raise CollectError(Why.NOT_SAID, "the disk of a partition")
        return above[-2]

    def _btrfs_members(self, source: str) -> tuple[str, ...]:
        """All devices of the pool that a device belongs to. Raises NOT_SAID when no pool has it."""
        name = self._host.resolve(source).removeprefix("/dev/").replace("/", "!")
        for pool in self._host.names("/sys/fs/btrfs"):
            members = names_if_there(self._host, f"/sys/fs/btrfs/{pool}/devices")
            if name in members:
                return members
        raise CollectError(Why.NOT_SAID, "no btrfs pool has this device")


def _plain(mapped: str | None) -> bool:
    """Plain disks under a mapped device without an id prove nothing: other tools map encrypted ones so."""
    if mapped is not None and not mapped.strip():
        raise CollectError(Why.NOT_SAID, "a mapped device without an id")
    return False
