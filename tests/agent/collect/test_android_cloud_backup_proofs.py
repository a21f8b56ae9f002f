"""What convicts a photo cloud on Android, and whether the system's own backup is on: parsers of four answers."""

from typing import Any

import pytest
from fakes import recorded_phone

from agent.collect.android import cloud_backup_clients, commands
from agent.collect.android.cloud_backup import probe
from agent.collect.android.cloud_backup_clients import syncing
from agent.collect.android.cloud_backup_proofs import exempt, synced
from agent.collect.android.cloud_backup_system import backs_up, dumped, switched
from agent.collect.host import CollectError, Output
from checks.cloud_backup.fact import Kind, Product, Provider
from checks.evidence import Why

PHOTOS = "com.google.android.apps.photos"

# What the phone syncs.

TABLE = """Auto sync: u10=false u0={master}

Sync Status
Account someone u{user} {kind}
====
Authority  Syncable  Enabled  Stats  Loc
----
{authority}  {syncable}  {enabled}  Total  0
                             Today
"""
MIUI = "com.miui.gallery.cloud.provider"


def table(**changes: Any) -> str:
    values = {"master": "true", "user": 0, "kind": "com.xiaomi", "authority": MIUI, "syncable": 1, "enabled": "true"}
    return TABLE.format(**{**values, **changes})


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {Product.XIAOMI_CLOUD}), ({"master": "false"}, set()), ({"user": 10}, set()), ({"syncable": 0}, set()),
        ({"syncable": -1}, set()), ({"syncable": 2}, set()), ({"enabled": "false"}, set()),
        ({"kind": "com.google"}, set()), ({"authority": "com.android.contacts"}, set()),
        ({"authority": "media", "kind": "com.osp.app.signin"}, {Product.SAMSUNG_CLOUD}),
        ({"authority": "media", "kind": "com.google"}, set()),
        ({"authority": "com.seafile.seadroid2.cameraupload.provider", "kind": "any.type"}, {Product.SEAFILE}),
        ({"authority": "x." + MIUI}, set()),
    ],
)  # fmt: skip
def test_an_enabled_row_of_the_owner_is_proof_while_syncing_is_on(
    changes: dict[str, Any], wanted: set[Product]
) -> None:
    assert synced(table(**changes)) == wanted


def test_rows_before_and_after_the_table_are_none() -> None:
    assert synced(table().replace("Sync Status\n", "")) == frozenset()
    history = "Recent Sync History\nAuthority\n" + f"{MIUI}  1  true\n"
    assert synced(table(enabled="false") + history) == frozenset()


@pytest.mark.parametrize("text_", ["", "Auto sync: \n", "Auto sync: u10=true\n", "Sync Status\n"])
def test_a_dump_that_does_not_say_whether_the_phone_syncs_is_not_understood(text_: str) -> None:
    with pytest.raises(CollectError) as caught:
        synced(text_)
    assert caught.value.why is Why.UNPARSABLE


def test_an_upload_that_is_proven_needs_no_other_reading() -> None:
    fact = probe(recorded_phone({commands.SYNC: table()}))
    proven = Provider(
        product=Product.XIAOMI_CLOUD, kind=Kind.PHOTO_UPLOAD, uploads=True, running=None, starts=True, signed_in=None
    )
    assert proven in fact.providers
    assert Product.XIAOMI_CLOUD not in {gap.part for gap in fact.gaps}


def test_a_long_authority_is_known_by_the_end_that_the_dump_shows() -> None:
    name = "org.example.a.very.long.name.of.an.authority.for.pictures.provider"
    client = cloud_backup_clients.Client(
        product=Product.MEGA, packages=frozenset({"org.example"}), authorities=frozenset({name})
    )
    assert list(syncing(name[-50:], "any.type", (client,))) == [Product.MEGA]
    assert list(syncing(name, "any.type", (client,))) == []


# Jobs.

JOB = """  JOB #u0a1/1: aa {package}/.Watcher
    Source: uid=u0a1 user={user} pkg={package}
      Has media backup exemption={exempt} 
"""  # noqa: W291 - the phone prints a space there


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({}, {Product.GOOGLE_PHOTOS}), ({"exempt": "false"}, set()), ({"user": 10}, set()),
        ({"package": "org.example.photos"}, set()), ({"package": "com.microsoft.skydrive"}, {Product.ONEDRIVE}),
    ],
)  # fmt: skip
def test_an_exempted_job_of_the_owner_is_proof(changes: dict[str, Any], wanted: set[Product]) -> None:
    values = {"package": PHOTOS, "user": 0, "exempt": "true"}
    assert exempt(JOB.format(**{**values, **changes})) == wanted


def test_an_exemption_belongs_to_its_own_job() -> None:
    mine = JOB.format(package=PHOTOS, user=0, exempt="false")
    other = JOB.format(package="org.example", user=0, exempt="true")
    headless = "  JOB #u0a2/2: bb x\n      Has media backup exemption=true \n"
    assert exempt(mine + other + mine + headless) == frozenset()


# The system's own backup.

ON, DISABLED = "Backup Manager currently enabled\n", "Backup Manager currently disabled\n"
NOT_ACTIVATED = "Error: Backup Manager is not activated for user 0\n"


@pytest.mark.parametrize(("said", "wanted"), [(ON, True), (DISABLED, False), (NOT_ACTIVATED, False)])
def test_bmgr_says_whether_the_backup_is_on(said: str, wanted: bool) -> None:
    assert switched(said) is wanted
    for heard in (said, Output(exit_code=1, stdout="", stderr=said), said.replace("\n", "\r\n")):
        assert backs_up(recorded_phone({commands.BACKUP_ENABLED: heard})) is wanted


@pytest.mark.parametrize(
    "said", ["", "\n", ON + DISABLED, "Backup Manager currently", "Sicherung aktiviert\n", NOT_ACTIVATED[:-2] + "10\n",
             "Error: Could not access the Backup Manager.  Is the system running?\n"],
)  # fmt: skip
def test_bmgr_that_does_not_say_is_no_off(said: str) -> None:
    with pytest.raises(CollectError):
        backs_up(recorded_phone({commands.BACKUP_ENABLED: said}))


@pytest.mark.parametrize(
    ("first", "wanted"),
    [("enabled / provisioned / not pending init", True), ("disabled / setup complete / not pending init", False)],
)
def test_the_dump_stands_in_for_bmgr(first: str, wanted: bool) -> None:
    said = f"User 10:Backup Manager is {'disabled' if wanted else 'enabled'} / x\nBackup Manager is {first}\n"
    assert dumped(said) is wanted
    assert backs_up(recorded_phone({commands.BACKUP_ENABLED: Why.TIMED_OUT, commands.BACKUP: said})) is wanted


def test_bmgr_counts_before_the_dump() -> None:
    both = {commands.BACKUP_ENABLED: DISABLED, commands.BACKUP: "Backup Manager is enabled / setup complete / x\n"}
    assert backs_up(recorded_phone(both)) is False


@pytest.mark.parametrize(("stored", "wanted"), [("1", True), ("0", None), ("null", None), ("", None)])
def test_the_old_setting_only_ever_proves_that_it_is_on(stored: str, wanted: bool | None) -> None:
    host = recorded_phone({commands.SETTINGS["secure"]: f"adb=1\nbackup_enabled={stored}\n"})
    if wanted is None:
        with pytest.raises(CollectError) as caught:
            backs_up(host)
        assert caught.value.why is Why.NOT_RECORDED, "the reason of the best source is told"
    else:
        assert backs_up(host) is wanted
