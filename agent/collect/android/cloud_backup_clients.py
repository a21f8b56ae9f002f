"""Apps that may send a phone's pictures away, by the names of their packages, and what each cannot do without."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from checks.cloud_backup.fact import Kind, Product

GOOGLE = frozenset({"com.google"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One product and the apps that belong to it."""

    product: Product
    packages: frozenset[str]
    kind: Kind = Kind.PHOTO_UPLOAD
    accounts: frozenset[str] = frozenset()
    """Types of accounts without any of which it cannot send. Empty: it keeps accounts that the system knows not."""
    asks: bool = True
    """It needs the person's permission to read pictures; a maker's own app may read them some other way."""
    authorities: frozenset[str] = frozenset()
    """What it syncs while it uploads pictures. The dump shows the last 50 characters of a name."""


CLIENTS: tuple[Client, ...] = (
    Client(product=Product.GOOGLE_PHOTOS, packages=frozenset({"com.google.android.apps.photos"}), accounts=GOOGLE),
    Client(product=Product.SAMSUNG_CLOUD, asks=False, accounts=frozenset({"com.osp.app.signin"}),
           packages=frozenset({"com.samsung.android.scloud", "com.samsung.android.visioncloudagent"}),
           authorities=frozenset({"media"})),
    Client(product=Product.XIAOMI_CLOUD, asks=False, accounts=frozenset({"com.xiaomi"}),
           packages=frozenset({"com.miui.gallery", "com.miui.cloudservice", "com.miui.cloudbackup"}),
           authorities=frozenset({"com.miui.gallery.cloud.provider"})),
    Client(product=Product.HUAWEI_CLOUD, asks=False, accounts=frozenset({"com.huawei.hwid"}),
           packages=frozenset({"com.huawei.hidisk", "com.huawei.hicloud"})),
    # No record of the types of accounts of the next four: without one they stay unclear.
    Client(product=Product.HONOR_CLOUD, packages=frozenset({"com.hihonor.hidisk"}), asks=False),
    Client(product=Product.HEYTAP_CLOUD, packages=frozenset({"com.heytap.cloud", "com.coloros.cloud"}), asks=False),
    Client(product=Product.VIVO_CLOUD, packages=frozenset({"com.bbk.cloud"}), asks=False),
    Client(product=Product.NUBIA_CLOUD, packages=frozenset({"cn.nubia.cloud"}), asks=False),
    Client(product=Product.ONEDRIVE, packages=frozenset({"com.microsoft.skydrive"}),
           accounts=frozenset({"com.microsoft.skydrive"})),
    # Newer Dropbox and Amazon apps need not register their accounts with the system.
    Client(product=Product.DROPBOX, packages=frozenset({"com.dropbox.android"})),
    Client(product=Product.AMAZON_PHOTOS, packages=frozenset({"com.amazon.clouddrive.photos"})),
    Client(product=Product.GOOGLE_DRIVE, packages=frozenset({"com.google.android.apps.docs"}), accounts=GOOGLE),
    Client(product=Product.WHATSAPP, packages=frozenset({"com.whatsapp", "com.whatsapp.w4b"}), kind=Kind.APP_DATA,
           asks=False, accounts=GOOGLE),
    Client(product=Product.NEXTCLOUD, packages=frozenset({"com.nextcloud.client"}), accounts=frozenset({"nextcloud"})),
    Client(product=Product.OWNCLOUD, packages=frozenset({"com.owncloud.android"}), accounts=frozenset({"owncloud"})),
    Client(product=Product.SEAFILE, packages=frozenset({"com.seafile.seadroid2"}),
           authorities=frozenset({"com.seafile.seadroid2.cameraupload.provider"})),
    Client(product=Product.SYNOLOGY_PHOTOS,
           packages=frozenset({"com.synology.moments", "com.synology.projectkailash"})),
    Client(product=Product.IMMICH, packages=frozenset({"app.alextran.immich"})),
    Client(product=Product.ENTE, packages=frozenset({"io.ente.photos", "io.ente.photos.independent"})),
    Client(product=Product.MEGA, packages=frozenset({"mega.privacy.android.app"})),
    Client(product=Product.PCLOUD, packages=frozenset({"com.pcloud.pcloud"})),
    Client(product=Product.PROTON_DRIVE, packages=frozenset({"me.proton.android.drive"})),
    Client(product=Product.BOX, packages=frozenset({"com.box.android"})),
    Client(product=Product.FLICKR, packages=frozenset({"com.flickr.android"})),
    Client(product=Product.SHUTTERFLY, packages=frozenset({"com.shutterfly"})),
    Client(product=Product.YANDEX_DISK, packages=frozenset({"ru.yandex.disk"})),
    Client(product=Product.TERABOX, packages=frozenset({"com.dubox.drive"})),
    Client(product=Product.IDRIVE, packages=frozenset({"com.prosoftnet.android.idriveonline"})),
    Client(product=Product.ADOBE_CREATIVE_CLOUD, packages=frozenset({"com.adobe.lrmobile"})),
    Client(product=Product.ATT_PERSONAL_CLOUD, packages=frozenset({"com.att.personalcloud"})),
    Client(product=Product.SYNCTHING, kind=Kind.SYNC, asks=False,
           packages=frozenset({"com.nutomic.syncthingandroid", "com.github.catfriend1.syncthingandroid",
                               "com.github.catfriend1.syncthingfork"})),
    Client(product=Product.RESILIO_SYNC, packages=frozenset({"com.resilio.sync"}), kind=Kind.SYNC, asks=False),
    Client(product=Product.FOLDERSYNC, kind=Kind.SYNC, asks=False,
           packages=frozenset({"dk.tacit.android.foldersync.lite", "dk.tacit.android.foldersync.full"})),
    Client(product=Product.AUTOSYNC, kind=Kind.SYNC, asks=False,
           packages=frozenset({"com.ttxapps.autosync", "com.ttxapps.drivesync", "com.ttxapps.dropsync"})),
    Client(product=Product.FACEBOOK, packages=frozenset({"com.facebook.katana"})),
    Client(product=Product.INSTAGRAM, packages=frozenset({"com.instagram.android"})),
)  # fmt: skip
"""In the order in which people are told of them: the likeliest first."""
CUT = 50
"""Longest name of an authority in a dump; of a longer one only the end is printed."""


def syncing(authority: str, account: str, clients: Iterable[Client] = CLIENTS) -> Iterator[Product]:
    """Products that upload pictures while they sync this authority for this type of account."""
    for client in clients:
        known = {name[-CUT:] for name in client.authorities}
        if authority in known and (not client.accounts or account in client.accounts):
            yield client.product


def owner(package: str) -> Product | None:
    """The product to which a package belongs; None where we know none."""
    return next((client.product for client in CLIENTS if package in client.packages), None)
