"""Photo clouds on an Android phone: what excuses an app, and what leaves it unclear."""

from collections.abc import Mapping
from typing import Any

import pytest
from fakes import recorded_phone

from agent.collect.android import cloud_backup_clients, commands
from agent.collect.android.cloud_backup import probe
from agent.collect.android.cloud_backup_clients import CLIENTS
from agent.collect.host import Command, Output
from checks.cloud_backup.check import Reason
from checks.cloud_backup.fact import CloudBackup, Kind, Menus, Place, Product, Provider, Sight
from checks.evidence import Why
from checks.guidance import guidance

PHOTOS = "com.google.android.apps.photos"
BASE = ("android", "com.android.settings", "com.android.systemui", "com.android.shell", "com.google.android.gms")


def entry(
    name: str, *, asks: str = "", holds: str = "", state: str = "installed=true enabled=0", made_for: int = 0
) -> str:
    """One app of a dump, as Android 8 and later print it."""
    asked = "".join(f"      android.permission.{one}\n" for one in asks.split())
    given_ = "".join(
        f"        android.permission.{one}: granted={'true' if one in holds.split() else 'false'}\n"
        for one in asks.split()
        if one != "MANAGE_EXTERNAL_STORAGE"
    )
    level = f"    versionCode=3 minSdk=21 targetSdk={made_for}\n" if made_for else ""
    head = f"  Package [{name}] (1a2b3c):\n{level}    requested permissions:\n{asked}    install permissions:\n"
    return f"{head}    User 0: ceDataInode=7 {state}\n      runtime permissions:\n{given_}"


def told(
    *apps: str, listed: tuple[str, ...] = (PHOTOS,), off: tuple[str, ...] = (), level: int = 34,
    accounts: tuple[str, ...] = ("com.google",), more: Mapping[Command, str | Output | Why] | None = None,
) -> dict[Command, str | Output | Why]:  # fmt: skip
    """A phone with these entries in its dump and these apps in its list."""
    rows = "".join(f"    Account {{name=someone, type={kind}}}\n" for kind in accounts)
    return {
        commands.PROPERTIES: f"[ro.build.version.sdk]: [{level}]\n",
        commands.PACKAGES: "".join(f"package:{name}\n" for name in (*BASE, *listed)),
        commands.DISABLED: "".join(f"package:{name}\n" for name in off),
        commands.BACKUP_ENABLED: "Backup Manager currently disabled\n",
        commands.ACCOUNTS: f"User UserInfo{{0:Owner:13}}:\n  Accounts: {len(accounts)}\n{rows}\n",
        commands.SYNC: "Auto sync: u0=true \n\nSync Status\n",
        commands.PHOTO_JOBS: "Registered 0 jobs:\n",
        commands.APPS: "Packages:\n" + "".join((*map(entry, BASE), *apps)),
        **(more or {}),
    }


def seen(*apps: str, **changes: Any) -> CloudBackup:
    return probe(recorded_phone(told(*apps, **changes)))


def of(fact: CloudBackup, product: Product) -> Provider | None:
    return next((one for one in fact.providers if one.product is product), None)


def uploads(fact: CloudBackup, product: Product = Product.GOOGLE_PHOTOS) -> bool | None:
    one = of(fact, product)
    assert one is not None
    return one.uploads


IMAGES, STORAGE = "READ_MEDIA_IMAGES READ_MEDIA_VIDEO", "READ_EXTERNAL_STORAGE WRITE_EXTERNAL_STORAGE"
CHOSEN = f"{IMAGES} READ_MEDIA_VISUAL_USER_SELECTED"
PERMISSIONS = [
    # level, asks, holds -> uploads
    (26, STORAGE, "", False), (29, STORAGE, "", False), (32, STORAGE, "", False),
    (26, STORAGE, "READ_EXTERNAL_STORAGE", None), (26, STORAGE, "WRITE_EXTERNAL_STORAGE", None),
    (33, IMAGES, "", False), (36, CHOSEN, "", False), (34, CHOSEN, "READ_MEDIA_VISUAL_USER_SELECTED", False),
    (33, IMAGES, "READ_MEDIA_IMAGES", None), (33, IMAGES, "READ_MEDIA_VIDEO", None), (34, CHOSEN, CHOSEN, None),
    (34, f"{IMAGES} MANAGE_EXTERNAL_STORAGE", "", None),
    (34, f"{IMAGES} WRITE_MEDIA_STORAGE", "WRITE_MEDIA_STORAGE", None),
    (33, STORAGE, "", None), (32, IMAGES, "", None), (34, "", "", None),
    (32, f"{STORAGE} {CHOSEN}", "", False), (29, f"{STORAGE} MANAGE_EXTERNAL_STORAGE", "", False),
    (30, f"{STORAGE} MANAGE_EXTERNAL_STORAGE", "", None),
]  # fmt: skip


@pytest.mark.parametrize(("level", "asks", "holds", "wanted"), PERMISSIONS)
def test_only_a_permission_that_is_said_to_be_refused_excuses_an_app(
    level: int, asks: str, holds: str, wanted: bool | None
) -> None:
    assert uploads(seen(entry(PHOTOS, asks=asks, holds=holds), level=level)) is wanted


@pytest.mark.parametrize(("made_for", "wanted"), [(34, False), (32, None), (0, None)])
def test_a_leftover_of_older_androids_excuses_an_app_that_has_no_use_for_it(made_for: int, wanted: bool | None) -> None:
    app = entry(PHOTOS, asks=f"{IMAGES} {STORAGE}", holds=STORAGE, made_for=made_for)
    assert uploads(seen(app, level=34)) is wanted


def test_an_app_that_the_phones_manager_hid_sends_nothing() -> None:
    hidden = entry(PHOTOS, asks=IMAGES, holds=IMAGES, state="installed=true hidden=true enabled=0")
    assert of(seen(hidden, listed=()), Product.GOOGLE_PHOTOS) is None
    assert uploads(seen(hidden)) is None, "the list has it all the same"


def test_the_fact_names_the_menus_and_the_folder_of_a_phone() -> None:
    fact = seen(entry(PHOTOS, asks=IMAGES, holds=IMAGES))
    assert (fact.menus, fact.places, fact.gaps) == (Menus.ANDROID, (Place.CAMERA,), ())
    assert of(fact, Product.GOOGLE_PHOTOS) == Provider(
        product=Product.GOOGLE_PHOTOS, kind=Kind.PHOTO_UPLOAD, uploads=None, running=None, signed_in=True
    )


def test_an_app_that_is_neither_listed_nor_in_the_dump_is_not_there() -> None:
    fact = seen(listed=())
    assert [one.product for one in fact.providers] == [Product.ANDROID_BACKUP]
    assert fact.gaps == ()


def test_an_app_of_another_user_is_not_there() -> None:
    assert of(seen(entry(PHOTOS, state="installed=false enabled=0"), listed=()), Product.GOOGLE_PHOTOS) is None


def test_an_app_that_only_the_dump_tells_of_is_there() -> None:
    assert uploads(seen(entry(PHOTOS, asks=IMAGES, holds=IMAGES), listed=())) is None
    assert uploads(seen(entry(PHOTOS, state=""), listed=())) is None


def test_an_app_that_only_the_list_tells_of_was_not_seen() -> None:
    fact = seen()
    assert uploads(fact) is None
    assert [(gap.part, gap.why) for gap in fact.gaps] == [(Product.GOOGLE_PHOTOS, Why.UNPARSABLE)]


def test_an_app_of_which_nothing_says_whether_it_is_off_was_not_seen() -> None:
    for app in ((), (entry(PHOTOS, state="installed=true"),)):
        one = of(seen(*app, more={commands.DISABLED: Why.TIMED_OUT}), Product.GOOGLE_PHOTOS)
        assert one is not None
        assert (one.uploads, one.running) == (None, None)


def test_a_dump_that_lacks_another_listed_app_excuses_nobody() -> None:
    good = entry(PHOTOS, asks=IMAGES)
    assert uploads(seen(good)) is False
    assert uploads(seen(good, listed=(PHOTOS, "org.example.other"))) is None
    assert uploads(seen(good, entry("org.example.lib_123"), listed=(PHOTOS, "org.example.lib"))) is False


OFF = [
    # in the list of those that are off, enabled= in the dump -> uploads, running
    (True, "enabled=3", False, False), (True, "", False, False), (True, "enabled=0", None, None),
    (False, "enabled=3", None, None), (False, "enabled=1", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("listed_off", "state", "wanted", "running"), OFF)
def test_an_app_is_off_where_nothing_says_otherwise(
    listed_off: bool, state: str, wanted: bool | None, running: bool | None
) -> None:
    app = entry(PHOTOS, asks=IMAGES, holds=IMAGES, state=f"installed=true {state}")
    one = of(seen(app, off=(PHOTOS,) if listed_off else ()), Product.GOOGLE_PHOTOS)
    assert one is not None
    assert (one.uploads, one.running, one.starts) == (wanted, running, running)


def test_one_app_of_a_makers_cloud_that_runs_is_enough() -> None:
    apps = (entry("com.miui.gallery", state="installed=true enabled=3"), entry("com.miui.cloudservice"))
    names = ("com.miui.gallery", "com.miui.cloudservice")
    off = ("com.miui.gallery",)
    assert uploads(seen(*apps, listed=names, off=off, accounts=("com.xiaomi",)), Product.XIAOMI_CLOUD) is None
    assert uploads(seen(*apps, listed=names, off=names, accounts=("com.xiaomi",)), Product.XIAOMI_CLOUD) is None
    both = (apps[0], entry("com.miui.cloudservice", state="installed=true enabled=2"))
    assert uploads(seen(*both, listed=names, off=names, accounts=("com.xiaomi",)), Product.XIAOMI_CLOUD) is False


ACCOUNTS = [(one, kind) for one in CLIENTS for kind in one.accounts]


@pytest.mark.parametrize(("client", "kind"), ACCOUNTS, ids=[one.product for one, _ in ACCOUNTS])
def test_a_client_without_the_account_that_it_needs_sends_nothing(
    client: cloud_backup_clients.Client, kind: str
) -> None:
    name = min(client.packages)
    apps = (entry(name, asks=IMAGES, holds=IMAGES),)
    without = of(seen(*apps, listed=(name,), accounts=("org.example",)), client.product)
    with_one = of(seen(*apps, listed=(name,), accounts=("org.example", kind)), client.product)
    assert without is not None
    assert with_one is not None
    assert (without.uploads, without.signed_in, without.kind) == (False, False, client.kind)
    assert (with_one.uploads, with_one.signed_in) == (None, True)


@pytest.mark.parametrize("client", [one for one in CLIENTS if not one.accounts], ids=lambda one: one.product)
def test_a_client_that_keeps_its_own_accounts_stays_unclear_without_one(client: cloud_backup_clients.Client) -> None:
    name = min(client.packages)
    one = of(seen(entry(name, asks=IMAGES, holds=IMAGES), listed=(name,), accounts=()), client.product)
    assert one is not None
    assert (one.uploads, one.signed_in) == (None, None)


@pytest.mark.parametrize("client", [one for one in CLIENTS if not one.asks], ids=lambda one: one.product)
def test_a_makers_own_cloud_is_not_excused_by_a_permission(client: cloud_backup_clients.Client) -> None:
    name = min(client.packages)
    assert (
        uploads(seen(entry(name, asks=IMAGES), listed=(name,), accounts=tuple(client.accounts)), client.product) is None
    )


@pytest.mark.parametrize("client", CLIENTS, ids=lambda one: one.product)
def test_every_client_has_its_own_way_to_the_switch_and_a_title(client: cloud_backup_clients.Client) -> None:
    reasons = guidance("cloud_backup").reasons
    assert f"{client.product}_android" in reasons[Reason.UPLOADS_NOT_SEEN].steps
    if client.authorities or client.product is Product.GOOGLE_PHOTOS:
        assert f"{client.product}_android" in reasons[Reason.UPLOADS_BY_ITSELF].steps


def test_no_package_belongs_to_two_products() -> None:
    names = [name for client in CLIENTS for name in client.packages]
    assert len(names) == len(set(names))
    assert len({client.product for client in CLIENTS}) == len(CLIENTS)


def test_what_was_not_read_is_said_of_the_app_that_it_might_have_excused() -> None:
    app = entry(PHOTOS, asks=IMAGES, holds=IMAGES)
    for command in (commands.ACCOUNTS, commands.PROPERTIES, commands.PHOTO_JOBS, commands.DISABLED):
        fact = seen(app, more={command: Why.TIMED_OUT})
        assert uploads(fact) is None
        assert [(gap.part, gap.why) for gap in fact.gaps] == [(Product.GOOGLE_PHOTOS, Why.TIMED_OUT)]
    miui = entry("com.miui.gallery")
    fact = seen(miui, listed=("com.miui.gallery",), accounts=("com.xiaomi",), more={commands.SYNC: Why.NOT_PERMITTED})
    assert [(gap.part, gap.why) for gap in fact.gaps] == [(Product.XIAOMI_CLOUD, Why.NOT_PERMITTED)]


def test_what_was_not_read_is_not_said_of_an_app_that_is_excused_anyway() -> None:
    fact = seen(entry(PHOTOS, asks=IMAGES), more={commands.ACCOUNTS: Why.TIMED_OUT, commands.PHOTO_JOBS: Why.TIMED_OUT})
    assert (uploads(fact), fact.gaps) == (False, ())


@pytest.mark.parametrize("command", [commands.PACKAGES, commands.APPS])
def test_absence_needs_both_the_list_and_the_dump(command: Command) -> None:
    fact = seen(listed=(), more={command: Why.DISCONNECTED})
    assert [(gap.part, gap.why) for gap in fact.gaps] == [(Sight.APPS, Why.DISCONNECTED)]


DENIED = "java.lang.SecurityException: Shell does not have permission\n"
REFUSALS = [
    (Output(exit_code=0, stdout="", stderr=DENIED), Why.NOT_PERMITTED),
    (Output(exit_code=0, stdout="Permission Denial: can't dump x from from pid=1\n", stderr=""), Why.NOT_PERMITTED),
    (Output(exit_code=0, stdout="Can't find service: x\n", stderr=""), Why.TOOL_MISSING),
    (Output(exit_code=20, stdout="", stderr="cmd: Can't find service: x\n"), Why.TOOL_MISSING),
    (Output(exit_code=0, stdout="*** SERVICE 'x' DUMP TIMEOUT (10000ms) EXPIRED ***\n", stderr=""), Why.TIMED_OUT),
    (Output(exit_code=127, stdout="", stderr="/system/bin/sh: x: inaccessible or not found\n"), Why.TOOL_MISSING),
    (Output(exit_code=0, stdout="Fehler: etwas anderes\n", stderr=""), Why.UNPARSABLE),
    (Output(exit_code=0, stdout="", stderr=""), Why.UNPARSABLE),
    (Why.DISCONNECTED, Why.DISCONNECTED),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "why"), REFUSALS)
def test_a_phone_that_refuses_everything_is_told_with_its_reason(refusal: Output | Why, why: Why) -> None:
    every = {reading.command: refusal for reading in commands.READINGS}
    fact = probe(recorded_phone(every))
    assert {gap.part: gap.why for gap in fact.gaps} == {Product.ANDROID_BACKUP: why, Sight.APPS: why}
    assert uploads(fact, Product.ANDROID_BACKUP) is None


@pytest.mark.parametrize("state", [True, False])
def test_the_backup_is_a_provider_of_its_own(state: bool) -> None:
    fact = seen(
        listed=(), more={commands.BACKUP_ENABLED: f"Backup Manager currently {'enabled' if state else 'disabled'}\n"}
    )
    assert fact.providers == (
        Provider(product=Product.ANDROID_BACKUP, kind=Kind.APP_DATA, uploads=state, running=None, starts=state),
    )


@pytest.mark.parametrize(
    "piece", ["a", " ", "Account u0 ", "x 1 true ", "Source: uid= ", "{name=, type=", "User 0: ", "[", "\n "]
)
def test_a_million_characters_are_read_in_passing(piece: str) -> None:
    long = piece * (1_000_000 // len(piece))
    for command in (commands.SYNC, commands.PHOTO_JOBS, commands.APPS, commands.ACCOUNTS, commands.BACKUP_ENABLED):
        fact = seen(more={command: f"Auto sync: u0=true\nSync Status\nPackages:\n  JOB \n{long}"})
        assert isinstance(fact, CloudBackup)
