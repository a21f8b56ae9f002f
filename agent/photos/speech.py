"""Which sound files are likely speech, by where they lie, what they are called and what they lie beside.

Nobody listens. A dictation, a voice message or a memo may name a patient; a song does not, and a music collection that
counted would hide the few files that matter.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from checks.clinical_images.fact import Folder

SPEECH_FORMS = frozenset({"amr", "dss"})
"""Telephones and dictation machines write these, and nothing keeps music in them."""
RECORDED_IN = re.compile(
    r"/(?:[^/]*recorder|(?:voice|sound|audio|call|phone|my)?[ _-]?(?:recordings?|memos?|notes)"
    r"|com\.apple\.voicememos[^/]*|dictat(?:e|ion)s?|sounds)/",
    re.IGNORECASE,
)
"""A folder that a recorder, of a phone, a laptop or a dictation machine, makes for itself."""
CALLED = re.compile(
    r"(?:(?:ptt|aud)-[0-9]|(?:rec|dict|vn|audio|sound)[ _-]?[0-9]|ds[0-9]{4}|dictat|call[ _-]?(?:recording|[0-9+])"
    r"|(?:new|my|standard)?[ _-]?(?:voice|audio|sound)[ _-]?(?:message|recording|memo|note)?[ _-]*(?:[0-9(.]|\Z)"
    r"|(?:new|my|standard)?[ _-]?(?:recording|memo)[ _-]*(?:[0-9(.]|\Z)"
    r"|(?:19|20)[0-9]{2}[-_. ]?[0-9]{2}[-_. ]?[0-9]{2}[T _-]+[0-9]{2})",
    re.IGNORECASE,
)
"""How recorders and chats name what they write, from its start on. A name is only looked at: it is nowhere kept."""
CLINICAL = 0.5
"""A picture beside the recording counts from this score on: more likely clinical than not."""
BESIDE_S = 86_400
"""So near in time a recording belongs to the pictures beside it: findings are spoken as the pictures are taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """One file that holds sound alone."""

    folder: str
    """The folder that it lies in, absolute."""
    name: str
    form: str
    """As of Header.format."""
    place: Folder
    modified_s: int
    """Unix time; may be nonsense."""


def is_speech(one: Sound, clinical_s: Iterable[int]) -> bool:
    """Whether somebody is likely to speak in it. `clinical_s`: when clinical pictures in its folder changed last."""
    return (
        one.place is Folder.MESSENGER
        or one.form in SPEECH_FORMS
        or RECORDED_IN.search(f"{one.folder}/") is not None
        or CALLED.match(one.name) is not None
        or any(abs(one.modified_s - when_s) <= BESIDE_S for when_s in clinical_s)
    )
