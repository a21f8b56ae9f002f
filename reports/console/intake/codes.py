"""Enrolment codes: made for few uses and days, kept as a digest, and naming the key of the practice they are from."""

import hashlib
import re
import secrets
import uuid
from collections.abc import Callable

import sqlalchemy as sa

from checks.model import Ownership
from checks.policy_text import has_hidden
from reports.console import acts
from reports.console.console import Console
from reports.console.model import Refusal, not_found
from reports.console.store import tables
from reports.signing import ALPHABET, PIN_CHARACTERS, pin_of

CHARACTERS = 12
"""59 bits, beside those that name the practice."""
GROUP = 4
MOST_USES = 500
MOST_DAYS = 30
LONGEST_LABEL = 120
EVEN = 256 - 256 % len(ALPHABET)
"""Bytes from here on are not used: they would make some characters likelier than others."""
WRITTEN = re.compile(r"[\s-]+")


def new_code(public_key: str, *, chance: Callable[[int], bytes]) -> tuple[str, str]:
    """A code as it is shown, and the digest that is kept. `chance` gives so many random bytes."""
    letters = ""
    while len(letters) < CHARACTERS:
        letters += "".join(ALPHABET[one % len(ALPHABET)] for one in chance(CHARACTERS) if one < EVEN)
    letters = letters[:CHARACTERS]
    whole = letters + pin_of(public_key)
    return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP)), digest_of(letters)


def digest_of(letters: str) -> str:
    """How a code's first characters are kept."""
    return hashlib.sha256(letters.encode()).hexdigest()


def parts_of(text: str) -> tuple[str, str] | None:
    """A code as somebody typed it: what is secret in it, and the pin. None: it is no code."""
    letters = WRITTEN.sub("", text.upper())
    if len(letters) != CHARACTERS + PIN_CHARACTERS or not set(letters) <= set(ALPHABET):
        return None
    return letters[:CHARACTERS], letters[CHARACTERS:]


def make_code(
    db: sa.Connection,
    console: Console,
    *,
    practice_id: str,
    uses: int,
    days: int,
    ownership: str,
    group_id: str | None = None,
    label: str = "",
    agent_id: str | None = None,
    by: str,
    actor_kind: str = "person",
) -> str:
    """The code's text, which is shown once; with its line in the audit log. Raises Refusal."""
    _must_fit(uses=uses, days=days, ownership=ownership, label=label)
    for table, known in ((tables.groups, group_id), (tables.agents, agent_id)):
        _must_be_of(db, table, known, practice_id)
    practices = tables.practices.c
    key = db.execute(sa.select(practices.signing_public).where(practices.id == practice_id)).scalar_one()
    text, digest = new_code(key, chance=secrets.token_bytes)
    code_id, now = str(uuid.uuid4()), console.now()
    values = {
        "id": code_id,
        "practice_id": practice_id,
        "code_hash": digest,
        "hint": text[:GROUP],
        "group_id": group_id,
        "ownership": ownership,
        "label": label,
        "agent_id": agent_id,
        "uses_left": 1 if agent_id else uses,
        "created_at": now,
        "created_by": by[:120],
        "expires_at": now + days * 86400,
    }
    db.execute(tables.codes.insert().values(values))
    acts.record(
        db,
        at=now,
        practice_id=practice_id,
        actor_kind=actor_kind,
        actor=by,
        act="code.made",
        target=code_id,
        detail=f"{text[:GROUP]}, {uses} uses, {days} days, {ownership}",
    )
    return text


def _must_fit(*, uses: int, days: int, ownership: str, label: str) -> None:
    if not 1 <= uses <= MOST_USES:
        raise _unfit("uses", f"A code is for 1 to {MOST_USES} uses.")
    if not 1 <= days <= MOST_DAYS:
        raise _unfit("days", f"A code is valid for 1 to {MOST_DAYS} days.")
    if ownership not in tuple(Ownership):
        raise _unfit("ownership", "Choose whose device it is.")
    if len(label) > LONGEST_LABEL or has_hidden(label):
        raise _unfit("label", f"A label has at most {LONGEST_LABEL} characters, all of them visible.")


def _unfit(code: str, sentence: str) -> Refusal:
    return Refusal(status=422, code=code, sentence=sentence)


def _must_be_of(db: sa.Connection, table: sa.Table, known: str | None, practice_id: str) -> None:
    """What is named belongs to the practice. Raises Refusal."""
    if known is None:
        return
    mine = sa.and_(table.c.id == known, table.c.practice_id == practice_id)
    if db.scalar(sa.select(table.c.id).where(mine)) is None:
        raise not_found()
