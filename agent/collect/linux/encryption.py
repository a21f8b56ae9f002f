"""Linux: is everything between the home folder and the disk encrypted. Needs no tool and no root."""

from agent.collect.canary import Canary
from agent.collect.host import CollectError, Command, Host
from agent.collect.linux import encryption_machine, encryption_swap
from agent.collect.linux.encryption_storage import Storage, every
from agent.collect.observe import attempt
from agent.collect.printed import printed
from checks.encryption.fact import Encryption
from checks.evidence import Gap, Why

FSCRYPT = frozenset({"ext4", "f2fs", "ubifs"})
"""File systems that can encrypt single folders on a plain disk."""
CANARY = Canary(
    files={
        "/proc/self/mountinfo": "mountinfo",
        # The numbers of a disk that no machine has.
        "/sys/class/block/259:1048575/device/uevent": "uevent",
        "/run/systemd/container": "container",
        "/proc/cpuinfo": "cpuinfo",
        "/sys/class/dmi/id/sys_vendor": "sys_vendor",
        "/sys/class/dmi/id/product_name": "product_name",
    },
    reason="home_not_encrypted",
)


def probe(host: Host) -> Encryption:
    """Look at every part by itself. Raises CollectError where the list of mounts cannot be read."""
    gaps: list[Gap] = []
    storage = Storage(host)
    return Encryption(
        home=attempt(gaps, "home", lambda: _home(host, storage)),
        inside=attempt(gaps, "inside", lambda: _inside(host, storage)),
        system=attempt(gaps, "system", lambda: storage.under("/")),
        swap=attempt(gaps, "swap", lambda: encryption_swap.swap(host, storage)),
        machine=attempt(gaps, "machine", lambda: encryption_machine.machine(host)),
        gaps=tuple(gaps),
    )


def parse_lsattr(text: str) -> bool:
    """The letter E, as in `--------------E---- /home/clin`; the small e is about extents. Raises UNPARSABLE."""
    flags, blank, path = text.partition(" ")
    if not blank or not path.startswith("/") or len(flags) > 40 or not set(flags) <= LETTERS:
        raise CollectError(Why.UNPARSABLE, "lsattr")
    return "E" in flags


LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-")


def _folder(host: Host) -> str:
    home = host.resolve(host.home)
    if not home.startswith("/"):
        raise CollectError(Why.NOT_FOUND, "no home folder")
    return home


def _home(host: Host, storage: Storage) -> bool:
    home = _folder(host)
    mount = storage.mount_of(home)
    return storage.mounted(mount) or (mount.kind in FSCRYPT and _fscrypt(host, home))


def _fscrypt(host: Host, folder: str) -> bool:
    return parse_lsattr(printed(host, Command(argv=("lsattr", "-d", folder))))


def _inside(host: Host, storage: Storage) -> bool:
    """Network drives, phones and the like are no disks of this laptop."""
    disks = [mount for mount in storage.mounts_below(_folder(host)) if mount.on_disk]
    return every(storage.mounted, disks)
