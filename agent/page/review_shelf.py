"""From the index to the shelf: the pictures that look clinical, each once, under the heading that fits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from agent.commands.photos_table import Line, lines, place_name
from agent.commands.status import model_of
from agent.desk import Desk
from agent.escape import printable
from agent.page.review_model import Looked, Picture, Shelf, State
from agent.page.review_words import SAID, age, copies, title
from agent.photos.image import Unread
from agent.photos.index import Index
from agent.photos.index_model import LAPTOP
from agent.photos.review.phone import AttachedPhone
from agent.photos.scan import Found, open_index
from agent.places import Kept
from agent.status_file import StatusFile, read_status
from checks.clinical_images.check import CHECK, MAY_STAY
from checks.clinical_images.fact import Disposition
from checks.model import Status

FRESH = timedelta(hours=24)
"""What is older may lack copies that came since."""


def shelf(desk: Desk, found: Iterable[Found], now: datetime, names: Mapping[str, str]) -> Shelf:
    """Of all that the index holds. `names`: by device, what people call it. Raises IndexTrouble."""
    told = gathered(found, _least(desk), names, int(now.timestamp()))
    with open_index(desk.places.photos) as index:
        return Shelf(pictures=told, looked=tuple(_looked(desk, index, names, now)))


def gathered(
    found: Iterable[Found], least: Mapping[str, float], names: Mapping[str, str], now_s: int
) -> tuple[Picture, ...]:
    """Each picture once, the oldest first. `least`: by device, the score that counts; `names`: what people call it."""
    by_id = {one.id: one for one in found}
    # Those of which something was said are shown too: so they are counted as if nothing had been.
    unsaid = [replace(one, disposition=Disposition.NONE) for one in by_id.values()]
    return tuple(_picture(line, by_id, least, names) for line in lines(unsaid, least, now_s))


def _picture(line: Line, by_id: Mapping[int, Found], least: Mapping[str, float], names: Mapping[str, str]) -> Picture:
    members = tuple(by_id[one.id] for one in line.members)
    counting = [one for one in members if one.device in least and one.result.score >= least[one.device]]
    first = by_id[line.first.id]
    state = _state(members, counting)
    made = Picture(
        number=line.number,
        first=first,
        copies=members,
        state=state,
        title=title(first.result),
        where=_where(first, members, names),
        age=age(line.age_hours),
    )
    return replace(made, said=SAID.get(made.disposition, ""))


def _state(members: Sequence[Found], counting: Sequence[Found]) -> State:
    if any(one.disposition is Disposition.LEGAL_HOLD for one in members):
        return State.HOLD
    return State.OPEN if any(one.disposition not in MAY_STAY for one in counting) else State.DECIDED


def _where(first: Found, members: Sequence[Found], names: Mapping[str, str]) -> str:
    """3 copies: Camera, Chats (sent), laptop Downloads"""
    several = {one.device for one in members} != {LAPTOP}
    called = names if several else {}
    ordered = sorted(members, key=lambda one: one.id != first.id)
    return f"{copies(len(members))}: {', '.join(dict.fromkeys(place_name(one, called) for one in ordered))}"


def names_of(desk: Desk, here: Mapping[str, AttachedPhone]) -> Mapping[str, str]:
    """By device, what people call it, safe to show: as it says now, or as its last report does."""
    known = {kept.folder.name: model_of(kept) for kept in desk.places.kept_phones()}
    said = {key: phone.name for key, phone in here.items() if phone.name}
    return {LAPTOP: "laptop", **{key: printable(name, 48) for key, name in {**known, **said}.items()}}


def _least(desk: Desk) -> Mapping[str, float]:
    """By device, the score from which the policy in force counts a picture as clinical."""
    policy, config = desk.in_force.policy, desk.config
    own = policy.rule(CHECK, config.ownership).limits.min_score_percent / 100
    phones = policy.rule(CHECK, config.phone_ownership).limits.min_score_percent / 100
    return {LAPTOP: own, **{kept.folder.name: phones for kept in desk.places.kept_phones()}}


def _looked(desk: Desk, index: Index, names: Mapping[str, str], now: datetime) -> Iterable[Looked]:
    yield _of(LAPTOP, "this laptop", desk.places.kept(), index, now)
    for kept in desk.places.kept_phones():
        yield _of(kept.folder.name, names[kept.folder.name], kept, index, now)


def _of(key: str, name: str, kept: Kept, index: Index, now: datetime) -> Looked:
    counts = index.counts(key, model="")
    last = read_status(kept.status, now=now)
    read = last if isinstance(last, StatusFile) else None
    verdicts = {one.status for one in read.findings if one.check_id == CHECK.id} if read else set()
    return Looked(
        key=key,
        name=name,
        at=int(read.generated_at.timestamp()) if read else None,
        old=read is None or now - read.generated_at > FRESH,
        whole=read is not None and read.proven and verdicts <= {Status.PASS, Status.FAIL} and bool(verdicts),
        pictures=len(counts.rows) + counts.below,
        unread=sum(count for (_, why), count in counts.unread.items() if why is not Unread.NOT_A_PICTURE),
    )
