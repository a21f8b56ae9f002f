"""Pictures do not upload by themselves: no client that we know sends a photo folder away."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never

from checks.cloud_backup.fact import TITLES, CloudBackup, Kind, Product, Provider, Sight
from checks.evidence import MEANING, Why
from checks.model import LAPTOPS, PHONES, Exact, Point, Severity, Verdict, rule
from checks.points import not_seen
from checks.spec import Check, limit


class Reason(StrEnum):
    """What the judge may notice."""

    NONE_FOUND = "none_found"
    NONE_UPLOADS = "none_uploads"
    APPROVED_ONLY = "approved_only"
    UPLOADS_BY_ITSELF = "uploads_by_itself"
    BACKED_UP_ELSEWHERE = "backed_up_elsewhere"
    KEPT_ELSEWHERE = "kept_elsewhere"
    READY_TO_UPLOAD = "ready_to_upload"
    UPLOADS_NOT_SEEN = "uploads_not_seen"
    PROCESSES_NOT_SEEN = "processes_not_seen"
    SCHEDULES_NOT_SEEN = "schedules_not_seen"
    MOUNTS_NOT_SEEN = "mounts_not_seen"
    PHOTO_FOLDERS_NOT_SEEN = "photo_folders_not_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the practice asks for."""

    allowed: tuple[Product, ...] = limit(
        (), doc="Products that may upload photo folders, such as the practice's own Nextcloud."
    )


def judge(seen: CloudBackup, limits: Limits) -> Verdict:
    """One provider that uploads proves a fail; a pass needs every provider and every way of finding one seen."""
    others = [one for one in seen.providers if not _approved(one.product, limits)]
    sending = [one for one in others if one.uploads]
    broken = [_broken(one) for one in sending if one.running or one.starts]
    unclear = [_ready(one) for one in sending if not (one.running or one.starts)]
    return rule(
        broken=broken,
        unclear=(*unclear, *_hidden(seen, limits), *_blind(seen)),
        kept=_kept(seen, limits),
        measures={"uploading": tuple(dict.fromkeys(one.product for one in seen.providers if one.uploads))},
    )


def _approved(product: str, limits: Limits) -> bool:
    return product in limits.allowed and product != Product.OTHER


def _broken(one: Provider) -> Point:
    title = TITLES[one.product]
    match one.kind:
        case Kind.BACKUP:
            reason, because = Reason.BACKED_UP_ELSEWHERE, f"{title} copies a photo folder to another place by itself"
        case Kind.MOUNT:
            reason, because = Reason.KEPT_ELSEWHERE, f"a photo folder is kept on {title}"
        case Kind.SYNC | Kind.PHOTO_UPLOAD | Kind.ACCOUNT:
            reason, because = Reason.UPLOADS_BY_ITSELF, f"{title} uploads a photo folder by itself"
        case _:
            assert_never(one.kind)
    return Point(reason=reason, because=because, exact=_exact(one))


def _ready(one: Provider) -> Point:
    """Set up to send, and not seen to run: a quit client is one click from sending, so this is no pass."""
    because = f"{TITLES[one.product]} is set to upload a photo folder and was not seen to run"
    return Point(reason=Reason.READY_TO_UPLOAD, because=because, exact=_exact(one))


def _exact(one: Provider) -> Exact:
    """`client` picks the steps of that very program."""
    folders = " and ".join(one.places) or "photo"
    return {"client": one.product, "product": TITLES[one.product], "folders": folders}


def _hidden(seen: CloudBackup, limits: Limits) -> Iterator[Point]:
    """Providers of which it could not be seen whether they upload, each once, with the reason of the gap."""
    unsaid: dict[str, Why] = {one.product: Why.NOT_SAID for one in seen.providers if one.uploads is None}
    gaps: dict[str, Why] = {gap.part: gap.why for gap in seen.gaps if gap.part not in set(Sight)}
    for product, why in {**unsaid, **gaps}.items():
        if not _approved(product, limits):
            yield _not_seen(product, why)


def _not_seen(part: str, why: Why) -> Point:
    product = Product(part) if part in set(Product) else Product.OTHER
    because = f"whether {TITLES[product]} uploads a photo folder not seen: {MEANING[why][1]}"
    exact = {"client": product, "product": TITLES[product], "why": why}
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
)
