"""Every script that is ever sent to a phone to look for pictures: fixed texts, each of which only reads."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.collect.android import media

MARKER = re.compile(r"@@[0-9a-f]{32}")
COLLECTIONS = ("images", "video", "audio")
COLUMNS = ("_id", "_size", "date_modified")
"""The rest of what the store knows stands in the pictures themselves, which are read anyway."""
COLUMNS_29 = ("owner_package_name", "is_pending")
COLUMNS_30 = ("generation_modified",)
HIDES_NEW_KINDS = 31
"""Before this release the media store took some kinds of pictures for no pictures."""


# Which phone this is, and since when it runs: whoever comes back after a cut has to say the same.
_PROOF = r"""
getprop </dev/null | grep -aE '^\[ro\.(serialno|boot\.serialno|build\.fingerprint|boottime\.(init|logd|zygote|vold))\]'
echo "$m B"
"""

# Before the first unlock there is no storage, and an empty answer would read as "no pictures".
_PEOPLE = r"""
if ls /storage/emulated/0/ >/dev/null 2>&1; then echo open; else echo locked; fi
pm list users </dev/null 2>/dev/null
echo; echo "$m Z 0"
"""

# `content` says 0 however it ends. What it complains of is counted, since a list that broke off looks like a whole one.
_MEDIA = r"""
exec 3>&1
bad=$({ content query --uri content://media/external/@COLLECTION@/media --projection @COLUMNS@ --where '_id>@AFTER@' \
--sort '_id ASC' </dev/null; echo "ended $?" >&2; } 2>&1 >&3 | grep -acE '^ended [1-9]|Exception|Error|[Dd]eni')
echo; echo "$m Z $bad"
"""

# `! -path` of the dots in the second search: the first has found those. A record begins with the marker, since a name
# may hold anything else. Complaints are counted, but for files that went while they were looked for.
# Folders within such a folder are not gone through again. Sorted, they follow it; the few that sort before it come
# twice, which does no harm.
_SKIPPED = r"""
exec 3>&1
row="$m F %s %Y %n"
list() {
find "$1" \( -path "$1/Android/data" -o -path "$1/Android/obb" \) -prune -o -type f ! -name .nomedia \
\( -path '*/.*' -o -path '*/MIUI/Gallery/cloud/*'@KINDS@ \) -exec stat -c "$row" {} +
echo "$m N" >&3
find "$1" \( -path "$1/Android/data" -o -path "$1/Android/obb" \) -prune -o -name .nomedia -print0 | sort -z |
{ last=//; while IFS= read -r -d '' f; do
d=${f%/*}
case "$d/" in "$last"*) continue ;; esac
last=$d/
find "$d" \( -path "$1/Android/data" -o -path "$1/Android/obb" \) -prune -o -type f ! -path '*/.*' \
-exec stat -c "$row" {} + </dev/null
done; }
echo "$m A" >&3
for d in "$1/Android/data" "$1/Android/obb"; do
if [ -d "$d" ]; then
find "$d" -type f \( -path '*allery*/cache/*' -o -path '*photos/cache/*'@PICTURES@ \) -exec stat -c "$row" {} +
fi
done
}
for v in /storage/emulated/0 /storage/*-*; do
if [ -d "$v" ]; then
echo "$m V $v"
bad=$(list "$v" 2>&1 >&3 </dev/null | grep -acv 'No such file')
echo "$m D $bad"
fi
done
echo "$m Z 0"
"""
PAPERS = ("pdf", "dcm", "dicom")
NEW = ("heic", "heif", "avif", "dng", "webp")
PICTURES = ("jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "mp4", "mov", "3gp", "mkv", "webm", *NEW, *PAPERS)

# The input is a number of bytes, or the word size, and a path, line by line, with nothing between them. `echo` comes
# with the shell, so that each file costs one process.
_READ = r"""
while IFS= read -r l; do
n=${l%%/*} f=/${l#*/}
if [ -h "$f" ]; then c=link
elif [ ! -e "$f" ]; then c=gone
elif [ ! -f "$f" ]; then c=other
elif [ ! -r "$f" ]; then c=denied
elif [ "$n" = size ]; then stat -c %s -- "$f" 2>/dev/null </dev/null; c=read
elif head -c "$n" -- "$f" 2>/dev/null </dev/null; then c=read
else c=failed
fi
echo; echo "$m $c"
done
"""


class Kind(StrEnum):
    """What a script asks for."""

    PEOPLE = "people"
    """Whether the storage is open, and whose profiles there are."""
    MEDIA = "media"
    """One list of the media store."""
    SKIPPED = "skipped"
    """All files that may hold pictures and that the media store leaves out."""
    READ = "read"
    """The beginning, or all, of the files whose names are written to its input."""


TEXTS: Mapping[Kind, str] = {
    Kind.PEOPLE: _PEOPLE, Kind.MEDIA: _MEDIA, Kind.SKIPPED: _SKIPPED, Kind.READ: _READ,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureScript:
    """One of the texts for the phone's shell. Names of files have no place in them."""

    kind: Kind
    release: int = 0
    """API level, for MEDIA and SKIPPED."""
    collection: str = COLLECTIONS[0]
    """Of MEDIA."""
    after: int = 0
    """Of MEDIA: only rows with a higher id, in their order."""

    def text(self, marker: str) -> str:
        """With the marker that no answer can hold. Raises ValueError for one of another form, or an odd collection."""
        if self.collection not in COLLECTIONS:
            raise ValueError("the collection is not of its form")
        body = TEXTS[self.kind]
        for place, value in self._values().items():
            body = body.replace(f"@{place}@", value)
        return f"{begin(marker)}{body}"

    def _values(self) -> Mapping[str, str]:
        kinds = PAPERS if self.release >= HIDES_NEW_KINDS else (*PAPERS, *NEW)
        return {
            "COLLECTION": self.collection, "COLUMNS": ":".join(columns(self.release)), "AFTER": str(int(self.after)),
            "KINDS": _named(kinds), "PICTURES": _named(PICTURES),
        }  # fmt: skip


PEOPLE = PictureScript(kind=Kind.PEOPLE)
READ = PictureScript(kind=Kind.READ)


def begin(marker: str) -> str:
    """How every such script starts: the phone says which it is. Raises ValueError for a marker that is none."""
    if not MARKER.fullmatch(marker):
        raise ValueError("the marker is not of its form")
    return f"m={marker}\n{_PROOF}"


def columns(release: int) -> tuple[str, ...]:
    """What to ask an Android of this API level for: one unknown column fails the whole query."""
    newer = (COLUMNS_29 if release >= 29 else ()) + (COLUMNS_30 if release >= 30 else ())
    return (*COLUMNS, *newer, media.LAST)


def _named(endings: tuple[str, ...]) -> str:
    return "".join(f" -o -iname '*.{one}'" for one in endings)
