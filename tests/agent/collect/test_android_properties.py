"""What getprop prints."""

from collections.abc import Mapping

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import PROPERTIES
from agent.collect.android.properties import parse, properties, release, same_start
from agent.collect.host import CollectError
from checks.evidence import Why


def test_each_property_is_a_key_with_its_value() -> None:
    assert parse("[ro.a]: [1]\n[ro.b]: []\n[ro.c d]: [x]: [y]\n") == {"ro.a": "1", "ro.b": "", "ro.c d": "x]: [y"}


def test_a_value_may_span_lines() -> None:
    assert parse("[a]: [one\ntwo]\nthree]\n[b]: [4]\n") == {"a": "one\ntwo]\nthree", "b": "4"}


def test_a_value_that_passes_for_another_property_is_not_believed() -> None:
    with pytest.raises(CollectError) as refused:
        parse("[a]: []\n[ro.b]: [2]\n[ro.b]: [3]\n")
    assert refused.value.why is Why.UNPARSABLE
    assert parse("[a]: [1]\n[a]: [1]\n") == {"a": "1"}


def test_a_value_that_was_cut_is_not_there() -> None:
    assert parse("[a]: [1]\n[b]: [enc") == {"a": "1"}


def test_line_ends_of_old_phones_are_none_of_the_value() -> None:
    assert properties(recorded_phone({PROPERTIES: "[a]: [1]\r\n[b]: [2]\r\n"})) == {"a": "1", "b": "2"}


@pytest.mark.parametrize("text", ["nothing", "[a]: [cut", "a: b\n", "\0"])
def test_text_without_a_property_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as refused:
        parse(text)
    assert refused.value.why is Why.UNPARSABLE


def parsed(text: str) -> Mapping[str, str] | Why:
    try:
        return parse(text)
    except CollectError as error:
        return error.why


@given(st.text(alphabet="[]: \na1", max_size=60))
def test_any_text_has_properties_or_is_not_understood(text: str) -> None:
    found = parsed(text)
    if isinstance(found, Why):
        assert found is Why.UNPARSABLE
    else:
        assert found
        assert all(f"[{key}]: [{value}]" in text for key, value in found.items())


@pytest.mark.parametrize("text", ["[" * 10**6, "[a]: [" * 150_000, "[a]: [\n" * 150_000, "[" + "a" * 10**6 + "]: [1]"])
def test_a_million_characters_are_read_in_one_go(text: str) -> None:
    with pytest.raises(CollectError):
        parse(text)


def test_release_is_the_api_level() -> None:
    assert release(recorded_phone({PROPERTIES: "[ro.build.version.sdk]: [36]\n"})) == 36


@pytest.mark.parametrize(
    "text", ["[a]: [1]\n", "[ro.build.version.sdk]: [Baklava]\n", "[ro.build.version.sdk]: [1000]\n"]
)
def test_a_release_that_is_no_number_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as refused:
        release(recorded_phone({PROPERTIES: text}))
    assert refused.value.why is Why.UNPARSABLE


@given(st.dictionaries(st.sampled_from(["ro.a", "ro.b", "init.svc.x"]), st.sampled_from("12"), min_size=1))
def test_same_start_is_told_by_what_is_read_only(known: dict[str, str]) -> None:
    def listed(values: dict[str, str]) -> str:
        return "".join(f"[{key}]: [{value}]\n" for key, value in values.items())

    fixed = any(key.startswith("ro.") for key in known)
    assert same_start(listed(known), listed({**known, "init.svc.y": "new", "ro.boottime.late": "9"})) is fixed
    assert not same_start(listed(known), listed({**known, "ro.a": "3", "ro.b": "3"})) or not fixed
    assert not same_start(listed(known), "")


def test_list_that_no_phone_has_is_refused() -> None:
    with pytest.raises(CollectError) as refused:
        parse("[a]: [b]\n" * 20_001)
    assert refused.value.why is Why.TOO_LARGE
