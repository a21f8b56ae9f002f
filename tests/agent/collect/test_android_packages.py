"""The short lists of apps: installed, and switched off."""

from contextlib import suppress

import pytest
from fakes import recorded_phone
from hypothesis import given
from hypothesis import strategies as st

from agent.collect.android.commands import DISABLED, PACKAGES
from agent.collect.android.packages import enabled, installed, parse
from agent.collect.host import CollectError, Output
from checks.evidence import Why

NAMES = frozenset({"android", "com.android.settings", "com.android.shell", "org.example_2.app", "com.android.systemui"})
LIST = "".join(f"package:{name}\n" for name in sorted(NAMES))


def test_the_list_is_read() -> None:
    assert installed(recorded_phone({PACKAGES: LIST})) == NAMES
    assert installed(recorded_phone({PACKAGES: LIST.replace("\n", "\r\n")})) == NAMES


def test_a_path_before_the_name_ends_at_the_last_equals_sign() -> None:
    line = "package:/data/app/~~Zm9v==/org.example.notes-YmFy==/base.apk=org.example.notes\n"
    assert parse(line) == {"org.example.notes"}


def test_what_is_switched_off_is_not_enabled() -> None:
    off = "package:com.android.shell\npackage:com.android.not.in.the.list\n"
    assert enabled(recorded_phone({PACKAGES: LIST, DISABLED: off})) == NAMES - {"com.android.shell"}
    assert enabled(recorded_phone({PACKAGES: LIST, DISABLED: ""})) == NAMES


@pytest.mark.parametrize(
    "text",
    [
        "package:android\n" * 9, LIST.replace("package:android\n", ""), "package:\n", f"{LIST}Error: broken\n",
        f"{LIST}package:a b\n", f"{LIST}package:com.exämple\n", f"{LIST}pack", "", "\n",
        "".join(sorted(LIST.splitlines(keepends=True))[:4]),
    ],
)  # fmt: skip
def test_a_list_that_is_not_whole_is_none(text: str) -> None:
    with pytest.raises(CollectError) as caught:
        installed(recorded_phone({PACKAGES: text}))
    assert caught.value.why is Why.UNPARSABLE


def test_a_list_that_breaks_off_at_another_user_is_refused_although_the_status_is_0() -> None:
    denied = "\nException occurred while executing 'list':\njava.lang.SecurityException: no access to user 10\n"
    for heard in (
        Output(exit_code=0, stdout=LIST + denied, stderr=""),
        Output(exit_code=0, stdout=LIST, stderr=denied),
    ):
        with pytest.raises(CollectError) as caught:
            installed(recorded_phone({PACKAGES: heard}))
        assert caught.value.why is Why.NOT_PERMITTED


@pytest.mark.parametrize("refused", [Why.TIMED_OUT, "Permission denied\n"])
def test_without_the_list_of_what_is_off_nothing_is_said_to_be_enabled(refused: str | Why) -> None:
    with pytest.raises(CollectError):
        enabled(recorded_phone({PACKAGES: LIST, DISABLED: refused}))


@given(st.text() | st.text(st.sampled_from("package:=.a\n ")))
def test_any_text_is_names_or_a_reason(text: str) -> None:
    with suppress(CollectError):
        assert all(0 < len(name) <= 255 for name in parse(text))


@pytest.mark.parametrize("piece", ["a", "=", "package:", "=a "])
def test_a_million_characters_on_one_line_are_no_app(piece: str) -> None:
    with pytest.raises(CollectError):
        parse("package:" + piece * (1_000_000 // len(piece)) + "?")
