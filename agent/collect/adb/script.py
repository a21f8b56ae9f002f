"""Many readings in one round trip: a script for the phone's shell, and the frames in which its answers come back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent import limits
from agent.collect.android.commands import READINGS, Reading

WORD = re.compile(r"[A-Za-z0-9_.:/=,@%+-]+")
MARKER = re.compile(r"@@[0-9a-f]{32}")
LINE = re.compile(rb" (?:B ([0-9]{1,4})|E ([0-9]{1,4}) ([0-9]{1,3})|Z)\r?$")
TIMED_OUT = 124
"""With this `timeout` says that it ended the command."""
MARK_BYTES = 24
"""What stands behind a marker has fewer."""

# mksh, the shell of Android, has `r` as an alias, hence no function of that name. `timeout` came with Android 8. That
# of some releases (such as toybox 0.8.9) loses the exit code of a command that ends at once, and says 127: then the
# command is run again for its code alone. The end of a sifted answer passes through grep, so that it tells how the
# command ended, and is missing where grep failed.
FRAME = """\
m={marker}
t=$(command -v timeout)
run(){{ s=$1; shift; if [ -z "$t" ]; then "$@"; return; fi
timeout "$s" "$@"; c=$?
if [ $c = 127 ] && command -v "$1" >/dev/null; then "$@" >/dev/null 2>&1; c=$?; fi; return $c; }}
take(){{ n=$1; shift; echo "$m B $n"; run "$@" 2>&1 </dev/null; c=$?; echo; echo "$m E $n $c"; }}
sift(){{ n=$1; p=$2; shift 2; echo "$m B $n"
{{ run "$@" 2>&1 </dev/null; c=$?; echo; echo "$m E $n $c"; }} | grep -aE -e "$p" -e "^$m E "; }}
"""


class DoorError(ValueError):
    """A command is not of the form in which any may be sent. This is a fault of ours, never of the phone."""


def script(readings: Sequence[Reading], marker: str) -> str:
    """The text for the phone's shell. `marker` is "@@" and 32 random hexadecimal digits. Raises DoorError."""
    if not MARKER.fullmatch(marker):
        raise DoorError("the marker is not of its form")
    lines = [_line(number, one) for number, one in enumerate(readings)]
    return FRAME.format(marker=marker) + "\n".join([*lines, 'echo "$m Z"', ""])


def _line(number: int, one: Reading) -> str:
    """No word is quoted, since none that would need it is let through."""
    words = one.command.argv
    if one not in READINGS:
        raise DoorError("a command is not on the list of those that a phone is ever asked")
    if not words or not all(WORD.fullmatch(word) for word in words):
        raise DoorError("a command holds a character that a shell could take for more")
    if "'" in one.keep or "\n" in one.keep:
        raise DoorError("a pattern holds a character that would end its quotes")
    rest = f"{int(one.command.timeout_s)} {' '.join(words)}"
    return f"sift {number} '{one.keep}' {rest}" if one.keep else f"take {number} {rest}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One answer."""

    text: bytes
    exit_code: int


class Frames:
    """Takes the stream apart as it comes, each byte once."""

    def __init__(self, marker: str) -> None:
        self._marker = marker.encode("ascii")
        self._buffer = bytearray()
        self._seek = 0
        self.done: dict[int, Frame] = {}
        """Number of the reading -> its answer."""
        self.current: int | None = None
        """The reading whose answer is coming."""
        self.finished = False
        """The script ran to its end."""

    @property
    def too_large(self) -> bool:
        """The current answer has no end in sight."""
        return len(self._buffer) > limits.PHONE_READING_BYTES

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes, of any size."""
        self._buffer += chunk
        while (at := self._buffer.find(self._marker, self._seek)) >= 0:
            begin = at + len(self._marker)
            end = self._buffer.find(b"\n", begin, begin + MARK_BYTES)
            if end < 0 and len(self._buffer) < begin + MARK_BYTES:
                self._seek = at
                return
            self._mark(at, bytes(self._buffer[begin:end]) if end >= 0 else b"")
            del self._buffer[: end + 1 if end >= 0 else begin]
            self._seek = 0
        self._seek = max(self._seek, len(self._buffer) - len(self._marker) + 1)

    def _mark(self, at: int, line: bytes) -> None:
        found = LINE.match(line)
        if found is None:
            self.current = None  # noise on the way hurt the frame: the answer in it is lost, and asked for again
            return
        begun, ended, code = found.groups()
        if begun is not None:
            self.current = int(begun)
        elif ended is None:
            self.finished, self.current = True, None
        elif self.current == int(ended):
            self.done[self.current] = Frame(text=_unended(bytes(self._buffer[:at])), exit_code=int(code))
            self.current = None


def _unended(text: bytes) -> bytes:
    """Without the one line end that the frame itself adds."""
    return text.removesuffix(b"\r\n") if text.endswith(b"\r\n") else text.removesuffix(b"\n")
