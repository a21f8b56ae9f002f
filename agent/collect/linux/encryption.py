"""Linux: is everything between the home folder and the disk encrypted. Needs no tool and no root."""

from collections.abc import Callable

from agent.collect.absent import text_if_there, there
from agent.collect.canary import Canary
from agent.collect.host import CollectError, Command, Host
from agent.collect.linux import encryption_machine, encryption_swap
from agent.collect.linux.desktop import own_settings
from agent.collect.linux.encryption_storage import Storage, every
from agent.collect.linux.folders import photo_folders, within
from agent.collect.observe import attempt
from agent.collect.printed import printed
from checks.encryption.fact import Encryption
from checks.evidence import Gap, Why

FSCRYPT = frozenset({"ext4", "f2fs", "ubifs"})
"""File systems that can encrypt single folders on a plain disk."""
CRYPTTAB = "/etc/crypttab"
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
    return _probe(host, ())


def probe_with(extra_folders: tuple[str, ...]) -> Callable[[Host], Encryption]:
    """A probe that also counts these photo folders, absolute paths that the person or the practice named."""
    return lambda host: _probe(host, extra_folders)


def _probe(host: Host, extra_folders: tuple[str, ...]) -> Encryption:
    gaps: list[Gap] = []
    storage = Storage(host)
    return Encryption(
        home=attempt(gaps, "home", lambda: _home(host, storage)),
        inside=attempt(gaps, "inside", lambda: _inside(host, storage, extra_folders)),
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
    held = _holds(host, storage, _folder(host))
    if held:  # root's home, or one that HOME merely names, says nothing good of where the person's pictures lie
        own_settings(host)
        plain_system = attempt([], "system", lambda: storage.under("/")) is False  # the part "system" notes the gap
        if plain_system and _key_in_a_file(host):
            raise CollectError(Why.NOT_SAID, "a disk's key may lie in a file of the plain system")
    return held


def _key_in_a_file(host: Host) -> bool:
    """Whether any disk opens with a file in place of a passphrase: the third word of its line in crypttab."""
    lines = (line.split() for line in (text_if_there(host, CRYPTTAB) or "").splitlines())
    keys = (words[2] for words in lines if len(words) > 2 and not words[0].startswith("#"))
    return any(key.startswith("/") and not key.startswith("/dev/") for key in keys)


def _holds(host: Host, storage: Storage, folder: str) -> bool:
    mount = storage.mount_of(folder)
    return storage.mounted(mount) or (mount.kind in FSCRYPT and _fscrypt(host, folder))


def _fscrypt(host: Host, folder: str) -> bool:
    return parse_lsattr(printed(host, Command(argv=("lsattr", "-d", folder))))


def _inside(host: Host, storage: Storage, extra_folders: tuple[str, ...]) -> bool:
    """Disks inside the home folder, and those that photo folders lie on by a link or by the desktop's settings.

    Network drives, phones and the like are no disks of this laptop.
    """
    home = _folder(host)
    disks = [mount for mount in storage.mounts_below(home) if mount.on_disk]
    known = photo_folders(host, extra_folders)
    away = [one.path for one in known.folders if not within(one.path, home) and there(host, one.path)]
    kept = [one for one in away if storage.mount_of(one).on_disk]
    fine = every(storage.mounted, disks) and every(lambda one: _holds(host, storage, one), kept)
    if fine and known.gaps:
        raise CollectError(known.gaps[0].why, known.gaps[0].detail)
    return fine
