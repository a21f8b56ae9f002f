"""The maker of a phone, as its properties name it."""

from collections.abc import Mapping

from agent.collect.android.properties import properties
from agent.collect.host import Host
from checks.makers import Maker

NAMES: Mapping[str, Maker] = {
    **{maker.value: maker for maker in Maker if maker is not Maker.OTHER},
    "redmi": Maker.XIAOMI,
    "poco": Maker.XIAOMI,
    "realme": Maker.OPPO,
    "oneplus": Maker.OPPO,
    "iqoo": Maker.VIVO,
    "cmf": Maker.NOTHING,
    "hmd global": Maker.HMD,
    "nokia": Maker.HMD,
}
"""Name in small letters -> maker."""
KEYS = ("ro.product.brand", "ro.product.manufacturer")
"""The brand first: phones made by Huawei before 2021 were sold as Honor, and some Nokias name their factory."""


def maker(host: Host) -> Maker:
    """OTHER where no property names a maker that we know. Raises CollectError."""
    return parse(properties(host))


def parse(found: Mapping[str, str]) -> Maker:
    """The first of the keys that names a maker we know, whatever the case of its letters."""
    for key in KEYS:
        known = NAMES.get(found.get(key, "").strip().casefold())
        if known is not None:
            return known
    return Maker.OTHER
