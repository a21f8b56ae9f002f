"""Clients whose settings we cannot read: found by their traces, and never called "off"."""

from collections.abc import Iterator, Mapping
from functools import partial

from agent.collect.absent import names_if_there, there
from agent.collect.host import EntryKind
from agent.collect.linux.cloud_backup_names import SYSTEM_WIDE
from agent.collect.linux.cloud_backup_parts import Look, in_homes, runs, starts
from agent.collect.observe import attempt
from checks.cloud_backup.fact import Kind, Product, Provider
from checks.evidence import Gap, Why

TRACES: Mapping[Product, tuple[Kind, tuple[str, ...]]] = {
    Product.INSYNC: (Kind.SYNC, ("@/Insync", ".var/app/com.insynchq.Insync")),
    Product.MEGA: (
        Kind.SYNC,
        (".local/share/data/Mega Limited/MEGAsync", ".megaCmd", ".var/app/nz.mega.MEGAsync/data/data/Mega Limited"),
    ),
    Product.PCLOUD: (Kind.SYNC, (".pcloud",)),
    Product.SYNOLOGY_DRIVE: (Kind.SYNC, (".SynologyDrive/data", ".var/app/com.synology.SynologyDrive/data")),
    Product.SEAFILE: (Kind.SYNC, (".ccnet", "Seafile/.seafile-data", ".var/app/com.seafile.Client/data")),
    Product.RESILIO_SYNC: (Kind.SYNC, ("@/resilio-sync",)),
    Product.JOTTACLOUD: (Kind.SYNC, (".jottad",)),
    Product.TRESORIT: (Kind.SYNC, (".local/share/tresorit/Profiles",)),
    Product.SPIDEROAK: (Kind.BACKUP, ("@/SpiderOakONE",)),
    Product.VORTA: (
        Kind.BACKUP,
        (".local/share/Vorta/settings.db", ".var/app/com.borgbase.Vorta/data/Vorta/settings.db"),
    ),
    Product.PIKA_BACKUP: (
        Kind.BACKUP,
        ("@/pika-backup/backup.json", ".var/app/org.gnome.World.PikaBackup/config/pika-backup/backup.json"),
    ),
    Product.DUPLICATI: (Kind.BACKUP, ("@/Duplicati/Duplicati-server.sqlite",)),
    Product.IDRIVE: (Kind.BACKUP, ("/opt/IDriveForLinux/idriveIt", "/opt/IDriveForLinux/bin")),
    Product.CRASHPLAN: (Kind.BACKUP, ("/usr/local/crashplan/conf",)),
}  # fmt: skip
"""Settings that are there once the client was used: databases, obfuscated, or of a form that we have not seen."""
LOCAL_ONLY: Mapping[Product, str] = {Product.TIMESHIFT: "/etc/timeshift/timeshift.json"}
"""Backups that can only go to disks of this very device."""


def providers(look: Look) -> Iterator[Provider]:
    """Each client that runs, starts by itself or has left settings."""
    for product, (kind, paths) in TRACES.items():
        before = len(look.gaps)
        used = attempt(look.gaps, product, partial(_used, look, paths))
        running, starting = runs(look, product), starts(look, product)
        if used or running or starting or len(look.gaps) > before:
            look.gaps.append(Gap(part=product, why=Why.NOT_SAID, detail="its settings are not for others to read"))
            yield Provider(product=product, kind=kind, uploads=None, running=running, starts=starting)
    for product, path in LOCAL_ONLY.items():
        if attempt(look.gaps, product, partial(there, look.host, path)):
            yield Provider(product=product, kind=Kind.BACKUP, uploads=False, running=runs(look, product))
    yield from _foreign(look)


def _used(look: Look, paths: tuple[str, ...]) -> bool:
    """Whether settings were left: a file, or a folder with something in it."""
    for path in in_homes(look, *paths):
        if not there(look.host, path):
            continue
        if look.host.stat(path).kind is not EntryKind.FOLDER or names_if_there(look.host, path):
            return True
    return False


def _foreign(look: Look) -> Iterator[Provider]:
    """Programs that another account runs and that may copy this person's folders; their arguments are hidden."""
    products = dict.fromkeys(one.call.product for one in look.running or () if not one.own)
    for product in products:
        if product in SYSTEM_WIDE:
            look.gaps.append(Gap(part=product, why=Why.NOT_PERMITTED, detail="another account runs it"))
            yield Provider(product=product, kind=Kind.BACKUP, uploads=None, running=True)
