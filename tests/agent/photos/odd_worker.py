"""A worker whose finder does what the name of each file says: started by the crew's tests as a process of its own.

`odd_worker.py KIND SECONDS BYTES`: KIND says how it starts, `fine` for most.
"""

import contextlib
import ctypes
import hashlib
import os
import signal
import sys
import time

from agent.photos import worker
from agent.photos.frames import buffers
from agent.photos.image import EMBEDDING, Fingerprint, Header, Medium, NeedsWhole, Result, Seen, Source, Stage, Unread
from agent.photos.result_form import told
from checks.clinical_images.fact import Group

MIB = 1 << 20
EVER_S = 600.0
kept: list[bytearray] = []


def seen(label: str, *, score: float = 0.5) -> Seen:
    fingerprint = Fingerprint(hashes=(0, 2**64 - 1), embedding=bytes(range(EMBEDDING)))
    header = Header(medium=Medium.PHOTO, format="jpeg", taken_at="2024-02-29T10:00:00+11:00", gps=True, width=4000)
    return Seen(header=header, stage=Stage.FULL, score=score, label=label, group=Group.BODY, fingerprint=fingerprint)


def examine(source: Source) -> Result:
    """The deed that the name begins with, else a picture that is judged at once."""
    word = source.name.split(".")[0]
    return DEEDS[word](source) if word in DEEDS else seen("fine")


def hang(_: Source) -> Result:
    time.sleep(EVER_S)
    return Unread.BROKEN


def die(_: Source) -> Result:
    os.kill(os.getpid(), signal.SIGSEGV)
    return Unread.BROKEN


def leave(_: Source) -> Result:
    os._exit(0)


def garble(source: Source) -> Result:
    """Bytes that are no frame, on every door that is open."""
    for descriptor in range(3, 16):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"<html>" * 100)
    return hang(source)


def forge(source: Source) -> Result:
    """An answer to another question."""
    for descriptor in range(3, 16):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"".join(buffers(*told(10**6, seen("forged")))))
    return hang(source)


def slow(_: Source) -> Result:
    time.sleep(0.5)
    return seen("slow")


def mad(_: Source) -> Result:
    return seen("mad", score=float("nan"))


def ask_too_much(_: Source) -> Result:
    return Unread.BROKEN if bytes(400 * MIB) else Unread.EMPTY


def swell(source: Source) -> Result:
    kept.append(bytearray(b"x") * (120 * MIB))
    return hang(source)


def creep(source: Source) -> Result:
    """Some more memory with each file; the third that one process sees takes long."""
    kept.append(bytearray(b"x") * (40 * MIB))
    return hang(source) if len(kept) > 2 else seen("creep")


def wear(source: Source) -> Result:
    """The third that one process sees ends it."""
    kept.append(bytearray(1))
    return die(source) if len(kept) > 2 else seen("wear")


def digest(source: Source) -> Result:
    return seen("d" + hashlib.sha256(source.whole().read()).hexdigest()[:16])


def head_digest(source: Source) -> Result:
    return seen("d" + hashlib.sha256(source.head()).hexdigest()[:16])


def name_digest(source: Source) -> Result:
    return seen("d" + hashlib.sha256(os.fsencode(source.name)).hexdigest()[:16])


def chatter(_: Source) -> Result:
    print("a library greets you", flush=True)
    os.write(1, b"and another")
    return seen("chatter")


def limits(_: Source) -> Result:
    import resource

    kinds = (resource.RLIMIT_CORE, resource.RLIMIT_FSIZE, resource.RLIMIT_NOFILE)
    found = [resource.getrlimit(kind)[0] for kind in kinds]
    system = ctypes.CDLL(None)
    no_new_privileges, dumpable = system.prctl(39, 0, 0, 0, 0), system.prctl(3, 0, 0, 0, 0)
    return seen("_".join(map(str, (*found, no_new_privileges, dumpable, os.umask(0o77)))))


def write(_: Source) -> Result:
    """A file that is open for writing already must not grow either."""
    try:
        with open(os.environ["LD_LIBRARY_PATH"], "r+b", buffering=0) as stream:
            stream.write(b"x")
    except OSError:
        return seen("refused")
    return seen("written")


def variables(_: Source) -> Result:
    return seen("secret" if any("SECRET" in name for name in os.environ) else "clean")


def head_only(_: Source) -> Result:
    raise NeedsWhole


def pid(_: Source) -> Result:
    return seen(f"p{os.getpid()}")


DEEDS = {
    deed.__name__: deed
    for deed in (
        hang, die, leave, garble, forge, slow, mad,
        ask_too_much, swell, creep, wear, digest, head_digest, name_digest, chatter, limits,
        write, variables, head_only, pid,
    )
}  # fmt: skip


def load(kind: str) -> tuple[str, worker.Examine]:
    """How the finder loads, by the kind of worker."""
    match kind:
        case "no_library":
            raise ImportError
        case "no_model":
            raise FileNotFoundError
        case "bad_model":
            raise ValueError
        case "stillborn":
            os.abort()
        case "silent":
            time.sleep(EVER_S)
        case "deadly":
            return "deadly 1", die
        case "liar":
            return "odd\n1.2", examine
    return "odd 1.2", examine


if __name__ == "__main__":
    KIND, FILE_S, MEMORY = sys.argv[1:]
    sys.exit(worker.run(lambda: load(KIND), file_s=float(FILE_S), memory_bytes=int(MEMORY)))
