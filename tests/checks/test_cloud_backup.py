"""The judge of photo uploads: every branch and edge."""

from typing import Any

import pytest

from checks.cloud_backup.check import CHECK, Limits, Reason, judge
from checks.cloud_backup.fact import TITLES, CloudBackup, Kind, Menus, Place, Product, Provider, Sight
from checks.evidence import MEANING, Gap, Why
from checks.guidance import guidance, said, steps
from checks.model import Platform, Severity, Status, Word
from checks.policy_form import limit_shapes
from checks.policy_shape import Choice, Many

NONE = Limits()


def provider(product: Product = Product.NEXTCLOUD, **changes: Any) -> Provider:
    values: dict[str, Any] = {"kind": Kind.SYNC, "uploads": True, "running": True, "starts": False}
    return Provider(product=product, **{**values, **changes})


def seen(*providers: Provider, gaps: tuple[Gap, ...] = ()) -> CloudBackup:
    return CloudBackup(providers=providers, places=(Place.PICTURES,), gaps=gaps)


def on_phone(*providers: Provider, gaps: tuple[Gap, ...] = ()) -> CloudBackup:
    return CloudBackup(providers=providers, places=(Place.CAMERA,), gaps=gaps, menus=Menus.ANDROID)


def app_data(uploads: bool | None = True, product: Product = Product.ANDROID_BACKUP) -> Provider:
    return provider(product, kind=Kind.APP_DATA, uploads=uploads, running=None, starts=uploads)


ROWS = [
    # uploads, running, starts -> status, reason
    (True, True, False, Status.FAIL, Reason.UPLOADS_BY_ITSELF),
    (True, True, None, Status.FAIL, Reason.UPLOADS_BY_ITSELF),
    (True, False, True, Status.FAIL, Reason.UPLOADS_BY_ITSELF),
    (True, None, True, Status.FAIL, Reason.UPLOADS_BY_ITSELF),
    (True, False, False, Status.UNKNOWN, Reason.READY_TO_UPLOAD),
    (True, None, None, Status.UNKNOWN, Reason.READY_TO_UPLOAD),
    (True, False, None, Status.UNKNOWN, Reason.READY_TO_UPLOAD),
    (None, True, True, Status.UNKNOWN, Reason.UPLOADS_NOT_SEEN),
    (None, False, False, Status.UNKNOWN, Reason.UPLOADS_NOT_SEEN),
    (False, True, True, Status.PASS, Reason.NONE_UPLOADS),
    (False, None, None, Status.PASS, Reason.NONE_UPLOADS),
]


@pytest.mark.parametrize(("uploads", "running", "starts", "status", "reason"), ROWS)
def test_one_provider_is_judged_by_what_it_sends_and_when(
    uploads: bool | None, running: bool | None, starts: bool | None, status: Status, reason: Reason
) -> None:
    verdict = judge(seen(provider(uploads=uploads, running=running, starts=starts)), NONE)
    assert (verdict.status, [point.reason for point in verdict.points]) == (status, [reason])
    assert verdict.measures == {"uploading": (Product.NEXTCLOUD,) if uploads else ()}


@pytest.mark.parametrize(
    ("kind", "reason", "because"),
    [
        (Kind.SYNC, Reason.UPLOADS_BY_ITSELF, "OneDrive uploads a photo folder by itself"),
        (Kind.PHOTO_UPLOAD, Reason.UPLOADS_BY_ITSELF, "OneDrive uploads a photo folder by itself"),
        (Kind.ACCOUNT, Reason.UPLOADS_BY_ITSELF, "OneDrive uploads a photo folder by itself"),
        (Kind.BACKUP, Reason.BACKED_UP_ELSEWHERE, "OneDrive copies a photo folder to another place by itself"),
        (Kind.MOUNT, Reason.KEPT_ELSEWHERE, "a photo folder is kept on OneDrive"),
    ],
)
def test_upload_backup_and_mount_are_told_apart(kind: Kind, reason: Reason, because: str) -> None:
    places = (Place.PICTURES, Place.DESKTOP)
    verdict = judge(seen(provider(Product.ONEDRIVE, kind=kind, places=places)), NONE)
    assert verdict.status is Status.FAIL
    assert [(point.reason, point.because) for point in verdict.points] == [(reason, because)]
    wanted = {"client": Product.ONEDRIVE, "product": "OneDrive", "folders": "pictures and desktop"}
    assert verdict.points[0].exact == wanted


def test_no_client_at_all_claims_only_the_clients_that_we_know() -> None:
    verdict = judge(seen(), NONE)
    assert verdict.status is Status.PASS
    (point,) = verdict.points
    assert (point.reason, point.exact) == (Reason.NONE_FOUND, {})
    assert point.because == "no client that we know uploads a photo folder; none was found"


def test_clients_without_photo_folders_are_named_to_the_person_only() -> None:
    verdict = judge(seen(provider(uploads=False), provider(uploads=False), provider(Product.MEGA, uploads=False)), NONE)
    (point,) = verdict.points
    assert point.exact == {"products": "Nextcloud, MEGA"}
    assert point.because == "no client that we know uploads a photo folder; some are set up for other things"


def test_ready_names_the_client_and_what_it_would_send() -> None:
    verdict = judge(seen(provider(running=False, places=(Place.VIDEOS,))), NONE)
    (point,) = verdict.points
    assert point.because == "Nextcloud is set to upload a photo folder and was not seen to run"
    assert point.exact == {"client": Product.NEXTCLOUD, "product": "Nextcloud", "folders": "videos"}


def test_a_provider_without_named_places_still_has_a_sentence() -> None:
    assert judge(seen(provider()), NONE).points[0].exact["folders"] == "photo"


@pytest.mark.parametrize("uploads", [True, None])
def test_an_approved_product_may_upload_and_is_said(uploads: bool | None) -> None:
    facts = seen(provider(uploads=uploads, running=False), provider(Product.DROPBOX, uploads=False))
    verdict = judge(facts, Limits(allowed=(Product.MEGA, Product.NEXTCLOUD)))
    assert verdict.status is Status.PASS
    (point,) = verdict.points
    assert (point.reason, point.exact) == (Reason.APPROVED_ONLY, {"products": "Nextcloud"})
    assert point.because == "only products that the practice approves may upload a photo folder: Nextcloud"
    assert verdict.measures == {"uploading": (Product.NEXTCLOUD,) if uploads else ()}


def test_an_approved_product_that_sends_nothing_is_no_exception() -> None:
    verdict = judge(seen(provider(uploads=False)), Limits(allowed=(Product.NEXTCLOUD,)))
    assert [point.reason for point in verdict.points] == [Reason.NONE_UPLOADS]


def test_approval_of_one_product_does_not_cover_another() -> None:
    verdict = judge(seen(provider(), provider(Product.DROPBOX)), Limits(allowed=(Product.NEXTCLOUD,)))
    assert [point.exact["client"] for point in verdict.points] == [Product.DROPBOX]
    assert verdict.measures == {"uploading": (Product.NEXTCLOUD, Product.DROPBOX)}


def test_what_we_do_not_know_cannot_be_approved() -> None:
    verdict = judge(seen(provider(Product.OTHER)), Limits(allowed=(Product.OTHER,)))
    assert verdict.status is Status.FAIL


def test_a_gap_of_an_approved_product_hides_nothing() -> None:
    gap = Gap(part=Product.NEXTCLOUD, why=Why.NOT_PERMITTED)
    verdict = judge(seen(provider(uploads=None), gaps=(gap,)), Limits(allowed=(Product.NEXTCLOUD,)))
    assert verdict.status is Status.PASS


@pytest.mark.parametrize("part", list(Sight))
def test_any_way_of_finding_clients_that_failed_forbids_a_pass(part: Sight) -> None:
    verdict = judge(seen(gaps=(Gap(part=part, why=Why.TIMED_OUT),)), NONE)
    assert verdict.status is Status.UNKNOWN
    (point,) = verdict.points
    assert point.reason == f"{part}_not_seen"
    assert point.because.endswith(MEANING[Why.TIMED_OUT][1])


def test_a_gap_carries_its_reason_and_its_product() -> None:
    gap = Gap(part=Product.DROPBOX, why=Why.UNPARSABLE, detail="/home/clin/secret")
    verdict = judge(seen(provider(Product.DROPBOX, uploads=None), gaps=(gap,)), NONE)
    (point,) = verdict.points
    assert point.reason is Reason.UPLOADS_NOT_SEEN
    assert point.because == "whether Dropbox uploads a photo folder not seen: the answer was not understood"
    assert point.exact == {"client": Product.DROPBOX, "product": "Dropbox", "why": Why.UNPARSABLE}


def test_a_silent_provider_without_a_gap_is_not_said() -> None:
    (point,) = judge(seen(provider(uploads=None)), NONE).points
    assert point.exact["why"] is Why.NOT_SAID


def test_a_gap_that_no_provider_stands_for_still_forbids_a_pass() -> None:
    verdict = judge(seen(gaps=(Gap(part="something else", why=Why.UNREADABLE),)), NONE)
    assert verdict.status is Status.UNKNOWN
    assert verdict.points[0].exact["client"] is Product.OTHER


def test_one_upload_is_a_fail_whatever_else_is_hidden() -> None:
    gaps = (Gap(part=Sight.MOUNTS, why=Why.UNREADABLE), Gap(part=Product.MEGA, why=Why.NOT_SAID))
    hidden = provider(Product.MEGA, uploads=None)
    verdict = judge(seen(hidden, provider(), provider(Product.BOX, running=False), gaps=gaps), NONE)
    assert verdict.status is Status.FAIL
    assert [point.reason for point in verdict.points] == [
        Reason.UPLOADS_BY_ITSELF, Reason.READY_TO_UPLOAD, Reason.UPLOADS_NOT_SEEN, Reason.MOUNTS_NOT_SEEN,
    ]  # fmt: skip


def test_nothing_is_approved_and_nothing_forbidden_unless_the_practice_says_so() -> None:
    assert (Limits().allowed, Limits().app_data_fails) == ((), False)


APP_DATA = [
    # uploads, app_data_fails, allowed -> status, reason
    (True, False, (), Status.UNKNOWN, Reason.APP_DATA_BACKED_UP),
    (True, True, (), Status.FAIL, Reason.APP_DATA_BACKED_UP),
    (True, False, (Product.ANDROID_BACKUP,), Status.PASS, Reason.APPROVED_ONLY),
    (True, True, (Product.ANDROID_BACKUP,), Status.PASS, Reason.APPROVED_ONLY),
    (None, False, (), Status.UNKNOWN, Reason.UPLOADS_NOT_SEEN),
    (None, True, (), Status.UNKNOWN, Reason.UPLOADS_NOT_SEEN),
    (None, True, (Product.ANDROID_BACKUP,), Status.PASS, Reason.APPROVED_ONLY),
    (False, False, (), Status.PASS, Reason.NONE_UPLOADS),
    (False, True, (), Status.PASS, Reason.NONE_UPLOADS),
]


@pytest.mark.parametrize(("uploads", "fails", "allowed", "status", "reason"), APP_DATA)
def test_a_backup_of_what_apps_keep_is_what_the_policy_makes_of_it(
    uploads: bool | None, fails: bool, allowed: tuple[Product, ...], status: Status, reason: Reason
) -> None:
    verdict = judge(on_phone(app_data(uploads)), Limits(allowed=allowed, app_data_fails=fails))
    assert (verdict.status, [point.reason for point in verdict.points]) == (status, [reason])
    assert verdict.measures == {"uploading": ()}


def test_a_backup_of_what_apps_keep_says_no_more_than_that() -> None:
    (point,) = judge(on_phone(app_data()), NONE).points
    assert point.because == (
        "Android Backup copies what apps keep to another place by itself; their pictures may be in it"
    )
    assert (point.exact["client"], point.exact["product"]) == ("android_backup_android", "Android Backup")
    assert "why" not in point.exact


def test_a_hidden_backup_of_what_apps_keep_is_told_apart_from_a_photo_upload() -> None:
    hidden = (app_data(None, Product.WHATSAPP), provider(Product.GOOGLE_PHOTOS, uploads=None))
    chats, photos = judge(on_phone(*hidden), NONE).points
    assert chats.because == "whether WhatsApp uploads what apps keep not seen: the system does not say"
    assert photos.because == "whether Google Photos uploads a photo folder not seen: the system does not say"


def test_an_upload_comes_before_a_backup_of_what_apps_keep() -> None:
    facts = on_phone(app_data(), provider(Product.XIAOMI_CLOUD), provider(Product.MEGA, uploads=None))
    for fails, last in ((False, Reason.APP_DATA_BACKED_UP), (True, Reason.UPLOADS_NOT_SEEN)):
        verdict = judge(facts, Limits(app_data_fails=fails))
        assert (verdict.status, verdict.measures["uploading"]) == (Status.FAIL, (Product.XIAOMI_CLOUD,))
        assert [verdict.points[0].reason, verdict.points[-1].reason] == [Reason.UPLOADS_BY_ITSELF, last]


@pytest.mark.parametrize(
    ("menus", "client"), [(Menus.LAPTOP, "onedrive"), (Menus.ANDROID, "onedrive_android"), (Menus.IOS, "onedrive_ios")]
)
def test_the_same_client_has_other_menus_on_each_kind_of_device(menus: Menus, client: str) -> None:
    for changes in ({}, {"running": False}, {"uploads": None}):
        facts = CloudBackup(providers=(provider(Product.ONEDRIVE, **changes),), places=(), menus=menus)
        assert judge(facts, NONE).points[0].exact["client"] == client


def test_nobody_with_a_phone_is_sent_to_a_terminal() -> None:
    words = guidance("cloud_backup")
    tables = (words.by_hand, *(one.steps for one in words.reasons.values()))
    told = [
        step for table in tables for key, lines in table.items() if key.endswith(("android", "any")) for step in lines
    ]
    assert told
    assert not [step for step in told if "terminal" in step or "laptop" in step or "~/" in step]


def test_each_app_has_its_own_way_to_the_switch() -> None:
    photos = steps("cloud_backup", "uploads_not_seen", ("google_photos_android", "Google Photos", "android"), {})
    drive = steps("cloud_backup", "uploads_not_seen", ("onedrive_android", "OneDrive", "android"), {})
    assert photos[0] == "Open Google Photos > your profile picture > Photos settings > Backup"
    assert drive[0] == "Open OneDrive > Me > Settings > Camera backup"


def test_a_policy_may_name_our_products_only() -> None:
    shape = next(shape for one, shape in limit_shapes(Limits) if one.name == "allowed")
    assert isinstance(shape, Many)
    assert isinstance(shape.item, Choice)
    assert set(shape.item.options) == set(Product)


def test_the_check_says_what_it_is() -> None:
    assert (CHECK.id, CHECK.title, CHECK.severity) == (
        "cloud_backup", "Pictures do not upload by themselves", Severity.HIGH,
    )  # fmt: skip
    assert CHECK.requirements == ("R2", "R9")
    assert CHECK.platforms == set(Platform)
    assert CHECK.measures == {"uploading": Product}
    assert CHECK.saw is not None
    assert (CHECK.saw.good, CHECK.saw.bad) == (Word.OFF, Word.ON)
    assert (CHECK.fact, CHECK.limits, CHECK.reasons, CHECK.judge) == (CloudBackup, Limits, Reason, judge)


def test_every_product_has_a_title_of_its_own() -> None:
    assert set(TITLES) == set(Product)
    assert len(set(TITLES.values())) == len(Product)


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence_and_steps_unless_it_is_good(reason: Reason) -> None:
    words = guidance("cloud_backup").reasons[reason]
    good = reason in {Reason.NONE_FOUND, Reason.NONE_UPLOADS, Reason.APPROVED_ONLY}
    assert bool({"linux", "any"} & set(words.steps)) is not good
    assert ("android" in words.steps or "any" in words.steps) is not good
    exact = {"product": "Dropbox", "folders": "pictures", "products": "Dropbox"}
    assert "{" not in said("cloud_backup", reason, exact)
    apps = {f"{product}_android" for product in Product}
    assert set(words.steps) <= {*Product, *apps, "linux", "android", "any"}


@pytest.mark.parametrize("reason", [Reason.NONE_FOUND, Reason.NONE_UPLOADS, Reason.APPROVED_ONLY])
def test_a_pass_tells_the_person_that_browsers_are_out_of_sight(reason: Reason) -> None:
    assert "browser are out of our sight" in guidance("cloud_backup").reasons[reason].said
