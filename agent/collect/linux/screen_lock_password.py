"""Does the audited account have a password: `passwd -S`, which an account may ask about itself only."""

import re

from agent.collect.absent import text_if_there
from agent.collect.host import CollectError, Command, Host
from checks.evidence import Why

OPEN_GROUP = "nopasswdlogin"
"""Members sign in at the screen without their password (LightDM, GDM and others honour it)."""


def has_password(host: Host) -> bool:
    """False without a password or with leave to sign in without. Raises CollectError, NOT_SAID for a locked one."""
    answer = host.run(Command(argv=("passwd", "-S")))
    if answer.exit_code != 0:
        raise CollectError(Why.TOOL_FAILED, f"passwd -S: {answer.stderr[:200]}")
    status = parse(answer.stdout, host.account)
    if status is False:
        return False
    if host.account in _members(host.read("/etc/group")):
        return False
    if status is None:
        raise _locked(host)
    return True


def _locked(host: Host) -> CollectError:
    """A locked password may stand beside a fingerprint, a key or a directory account.

    In a sandbox the answer is worth nothing: without its setuid bit `passwd -S` says "L" and exits 0 for everybody.
    """
    if re.search(r"^NoNewPrivs:\s*1$", text_if_there(host, "/proc/self/status") or "", re.MULTILINE):
        return CollectError(Why.UNTRUSTED_CONTEXT, "NoNewPrivs is set, so passwd cannot see the password")
    return CollectError(Why.NOT_SAID, "the local password is locked")


def parse(text: str, account: str) -> bool | None:
    """`clin P 2026-11-21 ...` -> True; NP -> False; L -> None. The letters are the same in every language."""
    fields = text.split()
    if len(fields) < 2 or fields[0] != account:
        raise CollectError(Why.UNPARSABLE, "passwd -S")
    match fields[1]:
        case "P" | "PS":
            return True
        case "NP":
            return False
        case "L" | "LK":
            return None
        case other:
            raise CollectError(Why.UNPARSABLE, f"passwd -S: {other[:20]}")


def _members(text: str) -> frozenset[str]:
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] == OPEN_GROUP and len(fields) == 4:
            return frozenset(name.strip() for name in fields[3].split(","))
    return frozenset()
