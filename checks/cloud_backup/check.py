"""Pictures do not upload by themselves: no client that we know sends a photo folder away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from checks.cloud_backup.fact import TITLES, CloudBackup, Kind, Menus, Product, Provider, Sight
from checks.evidence import MEANING, Why
from checks.model import LAPTOPS, PHONES, Exact, Point, Severity, Verdict, Word, rule
from checks.points import not_seen
from checks.spec import Check, Saw, limit


class Reason(StrEnum):
    """What the judge may notice."""

    NONE_FOUND = "none_found"
    NONE_UPLOADS = "none_uploads"
    APPROVED_ONLY = "approved_only"
    UPLOADS_BY_ITSELF = "uploads_by_itself"
    BACKED_UP_ELSEWHERE = "backed_up_elsewhere"
    KEPT_ELSEWHERE = "kept_elsewhere"
    READY_TO_UPLOAD = "ready_to_upload"
    APP_DATA_BACKED_UP = "app_data_backed_up"
    UPLOADS_NOT_SEEN = "uploads_not_seen"
    PROCESSES_NOT_SEEN = "processes_not_seen"
    SCHEDULES_NOT_SEEN = "schedules_not_seen"
    MOUNTS_NOT_SEEN = "mounts_not_seen"
    PHOTO_FOLDERS_NOT_SEEN = "photo_folders_not_seen"
    APPS_NOT_SEEN = "apps_not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    allowed: tuple[Product, ...] = limit(
        (), doc="Products that may upload photo folders, such as the practice's own Nextcloud."
    )
    app_data_fails: bool = limit(
        False, doc="Whether a backup of what apps keep, chats included, is a fail; otherwise it is unclear."
    )


def judge(seen: CloudBackup, limits: Limits) -> Verdict:
    """One provider that uploads proves a fail; a pass needs every provider and every way of finding one seen."""
    others = [one for one in seen.providers if one.uploads and not _approved(one.product, limits)]
    sending = [one for one in others if one.kind is not Kind.APP_DATA]
    broken = [_broken(one, seen.menus) for one in sending if one.running or one.starts]
    unclear = [_ready(one, seen.menus) for one in sending if not (one.running or one.starts)]
    copied = [_broken(one, seen.menus) for one in others if one.kind is Kind.APP_DATA]
    return rule(
        broken=(*broken, *(copied if limits.app_data_fails else ())),
        unclear=(*unclear, *_hidden(seen, limits), *_blind(seen), *(() if limits.app_data_fails else copied)),
        kept=_kept(seen, limits),
        measures={"uploading": _uploading(seen)},
    )


def _uploading(seen: CloudBackup) -> tuple[Product, ...]:
    """What sends photo folders, approved or not."""
    sending = (one.product for one in seen.providers if one.uploads and one.kind is not Kind.APP_DATA)
    return tuple(dict.fromkeys(sending))


def _approved(product: str, limits: Limits) -> bool:
    return product in limits.allowed and product != Product.OTHER


def _broken(one: Provider, menus: Menus) -> Point:
    title = TITLES[one.product]
    match one.kind:
        case Kind.BACKUP:
            reason, because = Reason.BACKED_UP_ELSEWHERE, f"{title} copies a photo folder to another place by itself"
        case Kind.MOUNT:
            reason, because = Reason.KEPT_ELSEWHERE, f"a photo folder is kept on {title}"
        case Kind.APP_DATA:
            # Not the photo folders, so no proof of an upload; and no pass, since chats hold pictures too.
            because = f"{title} copies what apps keep to another place by itself; their pictures may be in it"
            reason = Reason.APP_DATA_BACKED_UP
        case Kind.SYNC | Kind.PHOTO_UPLOAD | Kind.ACCOUNT:
            reason, because = Reason.UPLOADS_BY_ITSELF, f"{title} uploads a photo folder by itself"
        case _:
            assert_never(one.kind)
    return Point(reason=reason, because=because, exact=_exact(one, menus))


def _ready(one: Provider, menus: Menus) -> Point:
    """Set up to send, and not seen to run: a quit client is one click from sending, so this is no pass."""
    because = f"{TITLES[one.product]} is set to upload a photo folder and was not seen to run"
    return Point(reason=Reason.READY_TO_UPLOAD, because=because, exact=_exact(one, menus))


def _exact(one: Provider, menus: Menus) -> Exact:
    folders = " and ".join(one.places) or "photo"
    return {"client": _client(one.product, menus), "product": TITLES[one.product], "folders": folders}


def _client(product: Product, menus: Menus) -> str:
    """Picks the steps of that very program on that kind of device."""
    return product if menus is Menus.LAPTOP else f"{product}_{menus}"


def _hidden(seen: CloudBackup, limits: Limits) -> Iterator[Point]:
    """Providers of which it could not be seen whether they upload, each once, with the reason of the gap."""
    unsaid: dict[str, Why] = {one.product: Why.NOT_SAID for one in seen.providers if one.uploads is None}
    gaps: dict[str, Why] = {gap.part: gap.why for gap in seen.gaps if gap.part not in set(Sight)}
    copies = {one.product for one in seen.providers if one.kind is Kind.APP_DATA}
    for part, why in {**unsaid, **gaps}.items():
        product = Product(part) if part in set(Product) else Product.OTHER
        if not _approved(product, limits):
            yield _not_seen(product, why, what="what apps keep" if product in copies else "a photo folder", seen=seen)


def _not_seen(product: Product, why: Why, *, what: str, seen: CloudBackup) -> Point:
    because = f"whether {TITLES[product]} uploads {what} not seen: {MEANING[why][1]}"
    exact = {"client": _client(product, seen.menus), "product": TITLES[product], "why": why}
    return Point(reason=Reason.UPLOADS_NOT_SEEN, because=because, exact=exact)


def _blind(seen: CloudBackup) -> Iterable[Point]:
    return not_seen(Reason, seen, {gap.part: None for gap in seen.gaps if gap.part in set(Sight)})


def _kept(seen: CloudBackup, limits: Limits) -> Point:
    """Claims no more than the clients that we know: a browser or an unknown program may still upload."""
    sending = [one.product for one in seen.providers if one.uploads is not False]
    if sending:
        names = ", ".join(TITLES[product] for product in limits.allowed if product in sending)
        because = f"only products that the practice approves may upload a photo folder: {names}"
        return Point(reason=Reason.APPROVED_ONLY, because=because, exact={"products": names})
    found = ", ".join(dict.fromkeys(TITLES[one.product] for one in seen.providers))
    if found:
        because = "no client that we know uploads a photo folder; some are set up for other things"
        return Point(reason=Reason.NONE_UPLOADS, because=because, exact={"products": found})
    return Point(reason=Reason.NONE_FOUND, because="no client that we know uploads a photo folder; none was found")


CHECK = Check(
    id="cloud_backup",
    title="Pictures do not upload by themselves",
    severity=Severity.HIGH,
    fact=CloudBackup,
    limits=Limits,
    judge=judge,
    reasons=Reason,
    measures={"uploading": Product},
    requirements=("R2", "R9"),
    controls=("CIS-Controls-v8:4.8",),
    platforms=LAPTOPS | PHONES,
    saw=Saw(good=Word.OFF, bad=Word.ON),
)
