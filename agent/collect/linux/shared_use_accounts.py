"""How many people's accounts this laptop keeps. Names are read to tell accounts apart and never leave this module."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agent.collect.absent import names_if_there, text_if_there
from agent.collect.host import CollectError, Host
from checks.evidence import Why

PASSWD = "/etc/passwd"  # noqa: S105  # a path
LOGIN_DEFS = "/etc/login.defs"
HOMES = "/home"
CLOSED_SHELLS = frozenset({"nologin", "false", "true", "sync", "shutdown", "halt", "git-shell"})
"""Programs that end at once or do one thing: nobody works with such an account."""
NSSWITCH = "/etc/nsswitch.conf"
SERVICES = frozenset({"sssd", "winbindd", "nslcd", "ypbind", "himmelblaud", "authd"})
"""They look accounts up elsewhere. Fedora installs and names one everywhere, so that one counts only while it runs."""
SOURCES = frozenset(
    {
        "ldap", "winbind", "nis", "nisplus", "himmelblau", "authd", "aad", "oslogin", "hesiod", "lsass", "pbis",
        "centrifydc", "vas3", "vas4",
    }
)  # fmt: skip
"""Their names in nsswitch.conf, less the one that is everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One line of the account list."""

    name: str
    uid: int
    shell: str
    """"" stands for the system's own shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """The numbers that people's accounts get, both ends included."""

    first: int = 1000
    last: int = 60000


def people(host: Host) -> int:
    """Accounts with which a person can sign in, the audited one among them wherever it is kept. Raises CollectError.

    A directory's or an old system's account may stand outside the range or the list; only root is no person.
    """
    accounts = parse(host.read(PASSWD))
    allowed = human_range(text_if_there(host, LOGIN_DEFS) or "")
    names = {one.name for one in accounts if allowed.first <= one.uid <= allowed.last and _opens(one.shell)}
    names |= _portable(host)
    if host.account not in {one.name for one in accounts if one.uid == 0}:
        names.add(host.account)
    return len(names)


def directory(host: Host) -> bool:
    """An organisation's accounts may sign in. Raises CollectError."""
    named = any(
        SOURCES & set(line.partition("#")[0].partition(":")[2].split())
        for line in (text_if_there(host, NSSWITCH) or "").splitlines()
        if line.strip().startswith("passwd:")
    )
    return named or bool(host.processes(SERVICES)) or "\n+" in "\n" + host.read(PASSWD)


def parse(text: str) -> tuple[Account, ...]:
    """Read passwd. Lines of the old NIS form (`+...`) name no account of this device. Raises UNPARSABLE."""
    found = []
    for line in text.splitlines():
        if not line.strip() or line[0] in "#+-":
            continue
        fields = line.split(":")
        if len(fields) != 7 or not re.fullmatch(r"[0-9]{1,10}", fields[2]):
            raise CollectError(Why.UNPARSABLE, f"a line of {PASSWD}")
        found.append(Account(name=fields[0], uid=int(fields[2]), shell=fields[6].strip()))
    if not found:
        raise CollectError(Why.UNPARSABLE, f"{PASSWD} holds no account")
    return tuple(found)


def human_range(text: str) -> Range:
    """UID_MIN and UID_MAX of login.defs, or the usual ones. Raises UNPARSABLE for one that is no number."""
    values: dict[str, int] = {}
    for line in text.splitlines():
        fields = line.split(None, 2)
        if not fields or fields[0] not in KEYS:
            continue
        if len(fields) < 2 or not re.fullmatch(r"[0-9]{1,10}", fields[1]):
            raise CollectError(Why.UNPARSABLE, f"{fields[0]} of {LOGIN_DEFS}")
        values[KEYS[fields[0]]] = int(fields[1])
    return Range(**values)


KEYS: Mapping[str, str] = {"UID_MIN": "first", "UID_MAX": "last"}


def _opens(shell: str) -> bool:
    return shell.rsplit("/", 1)[-1] not in CLOSED_SHELLS


def _portable(host: Host) -> set[str]:
    """Homes that systemd keeps with the account inside; they stand in no passwd."""
    return {name.rsplit(".", 1)[0] for name in names_if_there(host, HOMES) if name.endswith((".home", ".homedir"))}
