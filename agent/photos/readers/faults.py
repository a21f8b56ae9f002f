"""What decoders raise on bytes that nobody foresaw, and what each of it says of the file."""

import errno
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from agent.photos.image import NeedsWhole, Unread, Unreadable

FAULTS = (
    OSError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    EOFError,
    SyntaxError,
    RuntimeError,
    struct.error,
    zlib.error,
)
"""All that was seen to come out of the decoders, mostly where they trust a length: never a fault of ours alone."""
OF_THE_DISK = {
    errno.EIO: Unread.FAILED,
    errno.ENXIO: Unread.FAILED,
    errno.ENODEV: Unread.FAILED,
    errno.EREMOTEIO: Unread.FAILED,
    errno.ETIMEDOUT: Unread.FAILED,
    errno.ESTALE: Unread.VANISHED,
    errno.ENOENT: Unread.VANISHED,
    errno.EACCES: Unread.DENIED,
    errno.EPERM: Unread.DENIED,
    errno.ENOMEM: Unread.OUT_OF_MEMORY,
}


@contextmanager
def reading() -> Iterator[None]:
    """Lets out Unreadable and NeedsWhole, and turns all else into the former."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Unreadable, NeedsWhole):
        raise
    except MemoryError as fault:
        raise Unreadable(Unread.OUT_OF_MEMORY) from fault
    except ImportError as fault:
        raise Unreadable(Unread.NO_READER) from fault
    except FAULTS as fault:
        number = fault.errno if isinstance(fault, OSError) else None
        raise Unreadable(OF_THE_DISK.get(number or 0, Unread.BROKEN)) from fault
