"""Every script that is ever sent to a phone to delete a picture: fixed texts. What to delete is told to their input.

Each deals with one file. Nothing on the phone is touched before the laptop has seen which phone answers and has then
said "go", so a laptop that died, or a cable that came out, leaves the file alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from agent.collect.android.picture_scripts import begin
from agent.photos.image import HEAD_BYTES

SINCE_BY_PATH = 29
"""From this release on the media store looks again at a path that it is called with."""
UNTIL_BROADCAST = 30
"""Before this release it does so when it is told so by a broadcast."""
SHOWS_TRASH_IF_ASKED = 30
"""From this release on it lists what is in the trash only to who asks for that."""

# $v is the part of the storage, $f the file. What cannot be looked into is not called gone, so the innermost folder
# that is there must be open to us; and no part of the path may be a link.
_STATE = r"""
say() { echo; echo "$m $1"; }
same() { [ "$(readlink -f "$1" </dev/null)" = "$(readlink -f "$v" </dev/null)${1#"$v"}" ]; }
seen() { stat -c '%h %s %Y %Z %i %d' -- "$1" 2>/dev/null </dev/null; }
digest() { h=$(sha256sum 2>/dev/null <"$1") && h=${h%% *}; }
state() {
if ! ls /storage/emulated/0/ >/dev/null 2>&1 </dev/null; then c=locked
elif [ ! -d "$v" ]; then c=out
elif [ -h "$f" ]; then c=link
elif [ ! -e "$f" ]; then
d=${f%/*}
while [ ! -d "$d" ] && [ "$d" != "$v" ]; do d=${d%/*}; done
if [ -r "$d" ] && [ -x "$d" ]; then c=gone; else c=shut; fi
elif [ ! -f "$f" ]; then c=other
elif [ ! -r "$f" ]; then c=denied
elif ! same "$f"; then c=link
else c=there
fi
}
"""

# Of all of it, and of as much as the laptop reads: that both are of one version shows in `seen`, before and after.
_MARK = r"""
IFS= read -r v && IFS= read -r f || exit
state
if [ $c = there ]; then
a=$(seen "$f")
w= t=
digest "$f" && w=$h
t=$(head -c @HEAD@ 2>/dev/null <"$f" | sha256sum)
[ -n "$w" ] || c=failed
[ "$a" = "$(seen "$f")" ] || c=changed
echo "$a $w ${t%% *}"
fi
say $c
"""

_LOOK = r"""
IFS= read -r v && IFS= read -r f || exit
state
say $c
"""

# `row` finds the media store's number of a file by its path, which stands in quotes; whether it is this very file is
# then compared whole, for a name can hold what looks like another row. `deletedata` is how Android's own scanner takes
# out a row without touching any file.
_STORE = r"""
swap() {
q= t=$u
while :; do
case $t in
*"$1"*) q=$q${t%%"$1"*}$2 t=${t#*"$1"} ;;
*) u=$q$t; return ;;
esac
done
}
ask() {
case ${f##*/} in
.trashed-*) if [ $x -ge @TRASH@ ]; then set -- "$@" --extra 'android\:query-arg-match-trashed:i:1'; fi ;;
esac
o=$(content query "$@" --projection _id:_data </dev/null 2>/dev/null)
}
row() {
u=$f
swap "'" "''"
ask --uri content://media/external/file --where "_data='$u'"
i=${o#"Row: 0 _id="} i=${i%%,*}
case $i in ''|*[!0-9]*) i= ;; esac
[ "$o" = "Row: 0 _id=$i, _data=$f" ] || i=
}
tell() {
if [ $x -ge @PATH@ ]; then
content call --uri content://media --method scan_file --arg "$1" </dev/null >/dev/null 2>&1
fi
if [ $x -lt @BROADCAST@ ]; then
u=$1
swap % %25
swap '#' %23
swap '?' %3F
am broadcast -a android.intent.action.MEDIA_SCANNER_SCAN_FILE -d "file://$u" </dev/null >/dev/null 2>&1
fi
}
listed() {
[ -n "$i" ] || return 1
ask --uri "content://media/external/file/$i"
[ "$o" = "Row: 0 _id=$i, _data=$f" ]
}
"""

# After "go" there is one comparison left and then the deed. The twins: in the trash only what has the same contents,
# among the small pictures only what bears the media store's number of this file.
_REMOVE = r"""
x=@RELEASE@
IFS= read -r w && IFS= read -r v && IFS= read -r f || exit
state
a=
if [ $c = there ]; then
row
a=$(seen "$f")
case $a in
'1 '*) digest "$f" && { [ "$h" = "$w" ] || c=changed; } || c=failed ;;
*) c=link ;;
esac
fi
if [ $c != there ]; then say $c; exit; fi
say ready
IFS= read -r g && [ "$g" = go ] || exit
if ! same "$f" || [ "$(seen "$f")" != "$a" ]; then say changed; exit; fi
e=$(rm -f -- "$f" 2>&1 </dev/null)
if [ -e "$f" ] || [ -h "$f" ]; then
case ${e##*: } in
*[Rr]ead-only*) c=readonly ;;
*[Dd]enied*|*ermitted*) c=denied ;;
*) c=failed ;;
esac
say $c
exit
fi
sync </dev/null
say removed
n=0 l=0
drop() {
rm -f -- "$1" 2>/dev/null </dev/null
if [ -e "$1" ]; then l=$((l + 1)); else n=$((n + 1)); fi
}
for t in "${f%/*}"/.trashed-*-"${f##*/}"; do
k=${t##*/.trashed-} k=${k%"-${f##*/}"}
case $k in ''|*[!0-9]*) continue ;; esac
if [ -f "$t" ] && [ ! -h "$t" ] && digest "$t" && [ "$h" = "$w" ]; then
drop "$t"
tell "$t"
fi
done
if [ -n "$i" ]; then
for t in Pictures DCIM Movies; do
t=$v/$t/.thumbnails/$i.jpg
if [ -f "$t" ] && [ ! -h "$t" ] && same "$t"; then drop "$t"; fi
done
fi
tell "$f"
if listed && [ ! -e "$f" ]; then
content delete --uri "content://media/external/file/$i?deletedata=false" </dev/null >/dev/null 2>&1
if listed; then l=$((l + 1)); fi
fi
sync </dev/null
echo "$n $l"
say done
"""


class Step(StrEnum):
    """What a script is for."""

    MARK = "mark"
    """Tells what a file is, and its SHA-256. Changes nothing."""
    REMOVE = "remove"
    """Deletes it, if it has that SHA-256, and what belongs to it."""
    LOOK = "look"
    """Tells whether a file is there. Changes nothing."""


TEXTS: Mapping[Step, str] = {
    Step.MARK: _STATE + _MARK, Step.REMOVE: _STATE + _STORE + _REMOVE, Step.LOOK: _STATE + _LOOK,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalScript:
    """One of the texts for the phone's shell. Names of files have no place in them."""

    step: Step
    release: int = 0
    """API level, for REMOVE."""

    def text(self, marker: str) -> str:
        """With the marker that no answer can hold. Raises ValueError for one of another form."""
        body = TEXTS[self.step]
        for place, value in (
            ("RELEASE", self.release), ("TRASH", SHOWS_TRASH_IF_ASKED), ("PATH", SINCE_BY_PATH),
            ("BROADCAST", UNTIL_BROADCAST), ("HEAD", HEAD_BYTES),
        ):  # fmt: skip
            body = body.replace(f"@{place}@", str(int(value)))
        return f"{begin(marker)}{body}"


MARK = RemovalScript(step=Step.MARK)
LOOK = RemovalScript(step=Step.LOOK)
