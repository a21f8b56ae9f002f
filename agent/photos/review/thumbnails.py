"""The small pictures that the desktop keeps of a file, one for each size, and that outlive it."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from functools import partial
from urllib.parse import quote

from agent.photos.review.laptop_door import Door
from agent.photos.review.laptop_png import made_of
from agent.photos.review.laptop_small import Read, Took, take_small

SIZES = (b"normal", b"large", b"x-large", b"xx-large")
"""Folders of the desktop's own standard."""
IN_CACHE, OLD = "thumbnails", ".thumbnails"
GLIB = "/!$&'()*+,:=@~"
SPELT = (GLIB, GLIB + ";", GLIB + ";[]")
"""Characters that stay as they are in an address: GNOME and its relatives keep the first, others more of them."""


def folders(caches: Iterable[str], home: str) -> tuple[str, ...]:
    """Where they lie, each folder once, every link followed. `caches`: of the person's own programs, and sandboxes'."""
    found = [*(os.path.join(cache, IN_CACHE) for cache in caches), os.path.join(home, OLD)]
    return tuple(dict.fromkeys(os.path.realpath(one) for one in found))


def addresses(path: bytes, scheme: str = "file") -> tuple[bytes, ...]:
    """How programs may have written the address of a file, each way once."""
    return tuple(dict.fromkeys(f"{scheme}://{quote(path, safe=safe)}".encode() for safe in SPELT))


def take(door: Door, kept_in: Sequence[str], of: Iterable[bytes]) -> Took:
    """Delete the small pictures of files that are gone. `of`: their addresses."""
    took = Took()
    for address in of:
        # The standard names them so; nothing is proven by it: the picture itself must say the address.
        name = hashlib.md5(address, usedforsecurity=False).hexdigest().encode() + b".png"
        for folder in kept_in:
            for size in SIZES:
                path = b"/".join((os.fsencode(folder), size, name))
                took += take_small(door, path, partial(_is_of, address))
    return took


def _is_of(address: bytes, read: Read) -> bool | None:
    said = made_of(read)
    return None if said is None else said == address
