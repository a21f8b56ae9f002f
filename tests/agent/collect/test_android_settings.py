"""Android's tables of settings."""

from collections.abc import Mapping
from typing import Any

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import SETTINGS
from agent.collect.android.settings import parse, settings, whole
from agent.collect.host import CollectError
from checks.evidence import Why


def test_each_line_is_a_setting() -> None:
    assert parse("a=1\nb.c_d=x=y\ne=\n") == {"a": "1", "b.c_d": "x=y", "e": ""}


def test_null_is_absent() -> None:
    assert parse("a=null\nb=0\n") == {"b": "0"}
    assert parse("a=null\n") == {}


def test_a_value_may_span_lines() -> None:
    assert parse("note=hello\nand more\nb=1\n") == {"note": "hello", "b": "1"}


@pytest.mark.parametrize("other", ["2", "null", ""])
def test_a_value_that_passes_for_another_setting_is_not_believed(other: str) -> None:
    with pytest.raises(CollectError) as refused:
        parse(f"note=hello\nb=1\nb={other}\n")
    assert refused.value.why is Why.UNPARSABLE
    assert parse("b=1\nb=1\n") == {"b": "1"}


def test_a_value_that_was_cut_is_not_there() -> None:
    assert parse("a=1\nscreen_off_timeout=18") == {"a": "1"}


@pytest.mark.parametrize("table", ["global", "secure", "system"])
def test_each_table_has_its_own_command(table: str) -> None:
    assert settings(recorded_phone({SETTINGS[table]: "a=1\r\n"}), table) == {"a": "1"}


@pytest.mark.parametrize("text", ["nothing here", "=1\n", "\0\0"])
def test_text_without_a_setting_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as refused:
        parse(text)
    assert refused.value.why is Why.UNPARSABLE


def parsed(text: str) -> Mapping[str, str] | Why:
    try:
        return parse(text)
    except CollectError as error:
        return error.why


@given(st.text(alphabet="ab=.\n\0é", max_size=60))
def test_any_text_has_settings_or_is_not_understood(text: str) -> None:
    found = parsed(text)
    if isinstance(found, Why):
        assert found is Why.UNPARSABLE
    else:
        assert all(f"{key}={value}" in text for key, value in found.items())


@pytest.mark.parametrize("text", ["a" * 10**6, "=" * 10**6, ("a" * 199 + "\n") * 5000])
def test_a_million_characters_are_read_in_one_go(text: str) -> None:
    with pytest.raises(CollectError):
        parse(text)


@pytest.mark.parametrize(
    ("table", "value"),
    [({}, None), ({"k": ""}, None), ({"k": "0"}, 0), ({"k": "-1"}, -1), ({"k": "2147483647"}, 2**31 - 1)],
)
def test_whole_number_or_absent(table: Any, value: int | None) -> None:
    assert whole(table, "k") == value


@pytest.mark.parametrize("text", ["1.5", "0x10", "1 ", "one", "1" * 13, "--1", "\u0661"])
def test_what_is_no_whole_number_is_not_understood(text: str) -> None:
    with pytest.raises(CollectError) as refused:
        whole({"k": text}, "k")
    assert refused.value.why is Why.UNPARSABLE


def test_list_that_no_phone_has_is_refused() -> None:
    with pytest.raises(CollectError) as refused:
        parse("".join(f"k{number}=v\n" for number in range(20_001)))
    assert refused.value.why is Why.TOO_LARGE
