"""The maker of a phone, from the names that phones give themselves."""

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import PROPERTIES
from agent.collect.android.maker import maker, parse
from agent.collect.host import CollectError
from checks.evidence import Why
from checks.makers import Maker

NAMES = [
    ("google", "Google", Maker.GOOGLE),
    ("samsung", "samsung", Maker.SAMSUNG),
    ("Xiaomi", "Xiaomi", Maker.XIAOMI),
    ("Redmi", "Xiaomi", Maker.XIAOMI),
    ("POCO", "Xiaomi", Maker.XIAOMI),
    ("realme", "realme", Maker.OPPO),
    ("OnePlus", "OnePlus", Maker.OPPO),
    ("OPPO", "OPPO", Maker.OPPO),
    ("iQOO", "vivo", Maker.VIVO),
    ("HONOR", "HUAWEI", Maker.HONOR),
    ("HUAWEI", "HUAWEI", Maker.HUAWEI),
    ("Nokia", "HMD Global", Maker.HMD),
    ("HMD", "HMD", Maker.HMD),
    ("CMF", "Nothing", Maker.NOTHING),
    ("Fairphone", "Fairphone", Maker.FAIRPHONE),
    ("Sony", "Sony", Maker.SONY),
    ("motorola", "motorola", Maker.MOTOROLA),
    ("docomo", "Sony", Maker.SONY),
    ("other", "other", Maker.OTHER),
    ("", "", Maker.OTHER),
    ("HANNspree", "HANNspree", Maker.OTHER),
]


@pytest.mark.parametrize(("brand", "manufacturer", "wanted"), NAMES)
def test_a_phone_is_known_by_its_brand_and_else_by_its_factory(brand: str, manufacturer: str, wanted: Maker) -> None:
    text = f"[ro.product.brand]: [{brand}]\r\n[ro.product.manufacturer]: [{manufacturer}]\r\n"
    assert maker(recorded_phone({PROPERTIES: text})) is wanted


def test_a_phone_without_names_is_of_another_maker() -> None:
    assert parse({}) is Maker.OTHER


def test_a_phone_that_refuses_its_properties_has_no_maker() -> None:
    with pytest.raises(CollectError) as refused:
        maker(recorded_phone({PROPERTIES: Why.NOT_PERMITTED}))
    assert refused.value.why is Why.NOT_PERMITTED


@given(st.text(), st.text())
def test_any_name_is_one_of_the_makers(brand: str, manufacturer: str) -> None:
    assert parse({"ro.product.brand": brand, "ro.product.manufacturer": manufacturer}) in set(Maker)
