"""Programs that carry files when they are called: what a call takes, where to, and whether that is off this device."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from agent.collect.host import CollectError
from agent.collect.linux.cloud_backup_commands import Call, flags
from agent.collect.linux.cloud_backup_mounts import holder
from agent.collect.linux.cloud_backup_parts import Look, Setup, own_calls, reach
from agent.collect.linux.folders import settle
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Place, Product, Provider
from checks.evidence import Why

ELSEWHERE = re.compile(r"(?!/)(?:[\w.+-]+://|[^/\s]*[\w\]}]:)(?P<rest>.*)", re.DOTALL)
"""host:path, user@host:path, remote:path, :backend:path, s3://bucket; file:// is told apart."""


UNFILLED = re.compile(r"(?=[/~$`{]).*(?:[$`*?\[{]|~(?!/)|%[a-zA-Z]).*", re.DOTALL)
"""A path that a shell or systemd has yet to fill in: "$SRC", /home/*, ~clin/x, /home/%u, {a,b}."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What one call carries."""

    sources: tuple[str, ...]
    """Absolute paths."""
    target: str | None
    """A path or an address; None where the call does not say."""
    certain: bool = True
    """False where the call leaves some of it out and we cannot tell what."""
    follows_links: bool = False
    kind: Kind = Kind.BACKUP


def providers(look: Look) -> Iterator[Provider]:
    """Each call of a known tool that runs or is scheduled, as far as it sends."""
    for product, read in READERS.items():
        for call, running in own_calls(look, product):
            yield from called(look, call, running, read)


def called(look: Look, call: Call, running: bool, read: Callable[[Call], Transfer | None]) -> Iterator[Provider]:
    """The provider that a call makes; none for a call that sends nothing, such as a listing."""
    before = len(look.gaps)
    transfer = attempt(look.gaps, call.product, lambda: _told(call, running, read))
    if transfer is None and len(look.gaps) == before:
        return
    places: tuple[Place, ...] | None = None
    uploads: bool | None = None
    if transfer is not None:
        places = attempt(look.gaps, call.product, lambda: _reach(look, transfer))
        uploads = attempt(look.gaps, call.product, lambda: _uploads(look, call, transfer, places))
    yield Provider(
        product=call.product,
        kind=transfer.kind if transfer is not None else Kind.BACKUP,
        uploads=uploads,
        running=running,
        starts=not running,
        places=places or (),
    )


def away(look: Look, target: str) -> bool:
    """Whether a target is off this device: an address, or a path on a server's mount or the file manager's connection.

    Raises CollectError.
    """
    if target.startswith("file://"):
        target = target.removeprefix("file://")
    elif ELSEWHERE.fullmatch(target):
        return True
    held = holder(look, settle(look.host, target))
    if held is Product.OTHER:
        raise CollectError(Why.NOT_SAID, "a target on something that we do not know")
    return held is not None


def ends(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words that are paths or addresses: flags, and most values of flags, are neither."""
    return tuple(word for word in words if not word.startswith("-") and (word.startswith("/") or ELSEWHERE.match(word)))


def after(words: tuple[str, ...], commands: frozenset[str]) -> tuple[str, tuple[str, ...]] | None:
    """(subcommand, what follows it) for the first of `commands` that is called."""
    for number, word in enumerate(words):
        if word in commands:
            return word, words[number + 1 :]
    return None


def _told(call: Call, running: bool, read: Callable[[Call], Transfer | None]) -> Transfer | None:
    """What a call carries. Raises NOT_SAID for a program that runs with arguments that we were not shown."""
    if running and not call.argv:
        raise CollectError(Why.NOT_SAID, "its arguments are hidden or too long")
    return read(call)


def _reach(look: Look, transfer: Transfer) -> tuple[Place, ...]:
    return reach(look, Setup(roots=transfer.sources, follows_links=transfer.follows_links))


def _uploads(look: Look, call: Call, transfer: Transfer, places: tuple[Place, ...] | None) -> bool | None:
    """Raises CollectError where the call does not say what it takes, or where to."""
    if not places:
        beside = Transfer(sources=_beside(look, call), target=None)
        if places is None or _unfilled(call, transfer.target) or _reach(look, beside):
            raise CollectError(Why.NOT_SAID, "a call with paths that depend on where it runs")
        return False
    if transfer.target is None:
        raise CollectError(Why.NOT_SAID, "the call does not say where to")
    sent = away(look, transfer.target)
    if sent and not transfer.certain:
        raise CollectError(Why.NOT_SAID, "the call leaves some of it out")
    return sent


def _beside(look: Look, call: Call) -> tuple[str, ...]:
    """Words that could be paths relative to the home folder, where schedules run."""
    ended = set(ends(call.argv))
    words = (word for word in call.argv if word not in ended and not word.startswith("-") and "::" not in word)
    return tuple(f"{look.host.home.rstrip('/')}/{word}" for word in words)


def _unfilled(call: Call, target: str | None = None) -> bool:
    """Whether a source may be written in a way that only the shell can read."""
    return any(UNFILLED.fullmatch(word) for word in call.argv if word != target and "::" not in word)


def _from_to(words: tuple[str, ...]) -> Transfer:
    """SOURCE... TARGET. Raises NOT_SAID where fewer than two ends are written out."""
    found = ends(words)
    if len(found) < 2:
        raise CollectError(Why.NOT_SAID, "a call without both ends")
    local = tuple(end for end in found[:-1] if end.startswith("/"))
    return Transfer(sources=local, target=found[-1])


def rsync(call: Call) -> Transfer | None:
    """The last end is the target; as a server it is driven from elsewhere."""
    return None if "--version" in call.argv else _from_to(call.argv)


def restic(call: Call) -> Transfer | None:
    """`restic [-r REPO] backup PATH...`; wrappers keep both in a file of their own."""
    if call.name != "restic":
        raise CollectError(Why.NOT_SAID, call.name)
    found = after(call.argv, frozenset({"backup"}))
    if found is None:
        return None
    given = dict(flags(call.argv))
    repository = given.get("--repo", given.get("-r"))
    sources = tuple(word for word in found[1] if word.startswith("/") and word != repository)
    if not sources or any(word.startswith("--files-from") for word in found[1]):
        raise CollectError(Why.NOT_SAID, "restic without its sources")
    return Transfer(sources=sources, target=repository)


def borg(call: Call) -> Transfer | None:
    """`borg create REPO::ARCHIVE PATH...`; borgmatic keeps both in a file of its own."""
    if call.name != "borg":
        raise CollectError(Why.NOT_SAID, call.name)
    found = after(call.argv, frozenset({"create"}))
    if found is None:
        return None
    if all(word.startswith("-") or "::" in word for word in found[1]):
        raise CollectError(Why.NOT_SAID, "borg without its sources")
    places = [word for word in found[1] if "::" in word]
    target = places[0].partition("::")[0] if places else ""
    return Transfer(sources=tuple(w for w in found[1] if w.startswith("/") and "::" not in w), target=target or None)


def duplicity(call: Call) -> Transfer | None:
    """`duplicity [full|incremental|backup] SOURCE URL`; duply keeps both in a profile."""
    if call.name != "duplicity":
        raise CollectError(Why.NOT_SAID, call.name)
    found = ends(call.argv)
    if _unfilled(call):
        raise CollectError(Why.NOT_SAID, "duplicity with ends that only the shell can read")
    return _from_to(call.argv) if found and found[0].startswith("/") else None


def bucket(call: Call) -> Transfer | None:
    """s3cmd, aws, gsutil, azcopy and b2 have a command that sends."""
    found = after(call.argv, frozenset({"sync", "put", "cp", "mv", "rsync", "copy", "upload", "upload-file"}))
    return _from_to(found[1]) if found is not None else None


def ssh(call: Call) -> Transfer | None:
    """scp copies; sshfs is found among the mounts."""
    return _from_to(call.argv) if call.name == "scp" else None


def unsaid(call: Call) -> Transfer | None:
    """Programs that keep what they carry in settings of their own. Raises NOT_SAID."""
    raise CollectError(Why.NOT_SAID, call.name)


READERS: Mapping[Product, Callable[[Call], Transfer | None]] = {
    Product.RSYNC: rsync,
    Product.RESTIC: restic,
    Product.BORG: borg,
    Product.DUPLICITY: duplicity,
    Product.OBJECT_STORE: bucket,
    Product.SFTP_SERVER: ssh,
    Product.KOPIA: unsaid,
    Product.GOOGLE_PHOTOS: unsaid,
    Product.BACK_IN_TIME: unsaid,
}
