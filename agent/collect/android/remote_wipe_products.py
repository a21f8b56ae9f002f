"""Which product an Android app belongs to when it owns or administers the phone, and the finders of the makers."""

from collections.abc import Mapping
from dataclasses import dataclass

from checks.remote_wipe.fact import Product

GOOGLE = "com.google.android.gms"
AGENTS: Mapping[str, Product] = {
    "com.google.android.apps.work.clouddpc": Product.ANDROID_DEVICE_POLICY,
    "com.microsoft.windowsintune.companyportal": Product.INTUNE,
    "com.microsoft.intune": Product.INTUNE,
    "com.airwatch.androidagent": Product.WORKSPACE_ONE,
    "com.mobileiron": Product.IVANTI,
    "com.mobileiron.anyware.android": Product.IVANTI,
    "com.fiberlink.maas360.android.control": Product.MAAS360,
    "net.soti.mobicontrol": Product.SOTI,
    "com.hmdm.launcher": Product.HEADWIND,
    "com.sds.emm.cloud.knox.samsung": Product.KNOX_MANAGE,
    "com.citrix.workspace.mdx": Product.CITRIX,
    "com.zenprise": Product.CITRIX,
    "com.manageengine.mdm.android": Product.MANAGEENGINE,
    "com.sophos.mobilecontrol.client.android": Product.SOPHOS,
    "com.hexnode.mdm": Product.HEXNODE,
    "com.scalefusion": Product.SCALEFUSION,
    "com.promobitech.mobilock.pro": Product.SCALEFUSION,
    "com.rim.mobilefusion.client": Product.BLACKBERRY_UEM,
    "com.good.android.gfe": Product.BLACKBERRY_UEM,
    "com.prey": Product.PREY,
    "com.jamf.trust": Product.JAMF,
    "de.nulide.findmydevice": Product.FMD,
    "com.google.android.gms.supervision": Product.FAMILY_LINK,
    "com.rosan.dhizuku": Product.PRIVILEGE_APP,
    "me.weishu.kernelsu": Product.PRIVILEGE_APP,
    "com.afwsamples.testdpc": Product.PRIVILEGE_APP,
    "com.catchingnow.icebox": Product.PRIVILEGE_APP,
    "com.oasisfeng.island": Product.PRIVILEGE_APP,
    "net.typeblog.shelter": Product.PRIVILEGE_APP,
}
"""App -> product."""
FAMILIES = ("net.soti.mobicontrol", "com.scalefusion")
"""Products whose app has a name of its own for each maker of phones, below this one."""
PREINSTALLED = frozenset({"com.google.android.apps.work.clouddpc", GOOGLE, "com.google.android.gms.supervision"})
"""On many phones from the start: being installed says nothing."""
NO_MANAGEMENT = frozenset(
    {
        "com.samsung.android.kgclient",  # Knox Guard: the carrier's or lender's lock, active on ordinary phones
        "com.google.android.devicelockcontroller",  # the same from Google
        "com.samsung.knox.securefolder",
        "com.samsung.android.knox.containercore",
        "com.samsung.android.knox.containeragent",
    }
)
"""Parts of the system that administer the phone, or a folder on it, for nobody who could be asked to wipe it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """A service with which the person finds and wipes a lost phone, once it is armed."""

    product: Product
    packages: frozenset[str]
    accounts: frozenset[str] = frozenset()
    """It needs an account of one of these types. Empty: we do not know its type, so that none is missed."""
    located: bool = False
    """It needs the phone's location to be on."""
    always: bool = False
    """Without its app it cannot work, rather than not being there."""


FIND_HUB = Finder(
    product=Product.GOOGLE_FIND_HUB,
    packages=frozenset({GOOGLE}),
    accounts=frozenset({"com.google"}),
    located=True,
    always=True,
)
FINDERS = (
    FIND_HUB,
    Finder(
        product=Product.SAMSUNG_FIND,
        packages=frozenset({"com.samsung.android.fmm"}),
        accounts=frozenset({"com.osp.app.signin"}),
    ),
    Finder(
        product=Product.XIAOMI_FIND_DEVICE,
        packages=frozenset({"com.xiaomi.finddevice"}),
        accounts=frozenset({"com.xiaomi"}),
    ),
    Finder(
        product=Product.HUAWEI_FIND_DEVICE,
        packages=frozenset({"com.huawei.android.findmyphone"}),
        accounts=frozenset({"com.huawei.hwid"}),
    ),
    Finder(
        product=Product.HONOR_FIND_DEVICE,
        packages=frozenset({"com.hihonor.findmydevice", "com.hihonor.findmyphone"}),
    ),
    Finder(
        product=Product.OPPO_FIND_DEVICE,
        packages=frozenset(
            {"com.coloros.findmyphone", "com.coloros.findphone.client2", "com.realme.findphone.client2"}
        ),
    ),
    Finder(product=Product.VIVO_FIND_PHONE, packages=frozenset({"com.vivo.findphone"})),
)


def product(package: str, receiver: str) -> Product | None:
    """Whose app administers the phone; OTHER where we do not know it, None where it manages nothing.

    Google's services hold both its finder and its supervision of children; other products reuse the finder's class
    name, so the package decides first.
    """
    if package in NO_MANAGEMENT:
        return None
    if package == GOOGLE:
        finder = receiver.rpartition(".")[2] == "MdmDeviceAdminReceiver"
        return Product.GOOGLE_FIND_HUB if finder else Product.FAMILY_LINK
    if package in AGENTS:
        return AGENTS[package]
    return next((AGENTS[one] for one in FAMILIES if package.startswith(f"{one}.")), Product.OTHER)
