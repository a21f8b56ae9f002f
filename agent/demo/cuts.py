"""Cables that come out at a given moment: a program of a virtual phone tells when it is called, and waits in vain."""

import os
import re
from collections.abc import Sequence

from agent.demo.script import RECORD_ENDS

PULLED = "!pulled"
"""What such a program tells through the pipe; no command is named so."""
REAL = "/android/real"
WORDS = re.compile(r"[a-z0-9]+(?: [a-z0-9-]+)*")
PROGRAM = """\
#!/system/bin/sh
real={real}/${{0##*/}}
[[ "${{0##*/}} $* " = "{words} "* ]] || exec "$real" "$@"
{first}
print -rn -- "{pulled}{ends}" >/android/asked
exec sleep 2147483647
"""
FIRST_OF_ALL, WHEN_DONE = ":", '"$real" "$@"'


def lay(root: str, *, before: Sequence[str], after: Sequence[str]) -> None:
    """Put such a program in front of each that is named by its first words. Raises ValueError, OSError."""
    for called, first in (*((one, FIRST_OF_ALL) for one in before), *((one, WHEN_DONE) for one in after)):
        if not WORDS.fullmatch(called):
            raise ValueError("a cable comes out at words of small letters")
        _stand_before(root, called, first)


def _stand_before(root: str, called: str, first: str) -> None:
    name = called.split()[0]
    os.makedirs(root + REAL, exist_ok=True)
    own = os.path.join(root, "system/bin", name)
    os.symlink(_absolute(os.readlink(own)), f"{root}{REAL}/{name}")
    os.unlink(own)
    with open(own, "w", encoding="ascii") as stream:
        stream.write(PROGRAM.format(real=REAL, words=called, first=first, pulled=PULLED, ends=RECORD_ENDS))
    os.chmod(own, 0o755)  # noqa: S103 - a program of the phone


def _absolute(target: str) -> str:
    return target if os.path.isabs(target) else f"/system/bin/{target}"
