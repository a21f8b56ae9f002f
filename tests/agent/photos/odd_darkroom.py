"""A darkroom whose process does what the name of each picture says: started by the darkroom's tests as its own process.

`odd_darkroom.py SECONDS IDLE_SECONDS BYTES`, as the real one.
"""

import contextlib
import fcntl
import os
import resource
import signal
import sys
from collections.abc import Callable

from agent.photos import darkroom_child, darkroom_form
from agent.photos.darkroom_form import Wish
from agent.photos.darkroom_model import Preview, Stripped
from agent.photos.image import Source, Unread, Unreadable

JPEG = b"\xff\xd8\xff\xd9"
MIB = 1 << 20


def shown(width: int = 4, clear: bytes = JPEG) -> Preview:
    return Preview(clear=clear, blurred=JPEG, width=width, height=3, sha256=bytes(32))


def die(_: Source) -> Preview:
    os.kill(os.getpid(), signal.SIGSEGV)
    return shown()


def hang(_: Source) -> Preview:
    while True:
        signal.pause()


def greedy(_: Source) -> Preview:
    return shown(len(bytearray(600 * MIB)))


def limits(_: Source) -> Preview:
    """What holds, as numbers in the shape of a picture: 1 where all is as it should be."""
    wanted = ((resource.RLIMIT_CORE, 0), (resource.RLIMIT_FSIZE, 0))
    held = all(resource.getrlimit(kind) == (most, most) for kind, most in wanted)
    return shown(1 if held else 2)


def write(source: Source) -> Preview:
    """Tries to write to the file that lies beside it, whose path is in the bytes."""
    with open(source.whole().read().decode(), "wb") as file:
        file.write(b"written")
        file.flush()
    return shown()


def variables(_: Source) -> Preview:
    return shown(1 if "SECRET" not in os.environ else 2)


def no_picture(_: Source) -> Preview:
    return shown(clear=b"<script>")


def too_wide(_: Source) -> Preview:
    return shown(width=961)


def stranger(_: Source) -> Preview:
    """Answers a question that nobody asked."""
    os.write(outgoing(), b"".join(darkroom_form.shown(10**6, shown())))
    return shown()


def babble(_: Source) -> Preview:
    os.write(outgoing(), b"Segmentation fault\n" * 9)
    return shown()


def outgoing() -> int:
    """Where answers go: the only pipe that is written to."""
    for name in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            if fcntl.fcntl(int(name), fcntl.F_GETFL) & os.O_ACCMODE == os.O_WRONLY:
                return int(name)
    raise AssertionError


def copy(source: Source) -> Stripped:
    return Stripped(data=source.whole().read(), suffix=".jpg", removed=())


def deed(source: Source) -> Preview:
    word = source.name.split(".")[0]
    if word == "broken":
        raise Unreadable(Unread.BROKEN)
    return DEEDS.get(word, lambda _: shown())(source)


DEEDS: dict[str, Callable[[Source], Preview]] = {
    one.__name__: one for one in (die, hang, greedy, limits, write, variables, no_picture, too_wide, stranger, babble)
}


if __name__ == "__main__":
    sys.exit(darkroom_child.run({Wish.PREVIEW: deed, Wish.STRIP: copy}, sys.argv[1:]))
