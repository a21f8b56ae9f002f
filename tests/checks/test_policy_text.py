"""Text of a policy is shown without obeying it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.policy_text import has_hidden, key_text, shown


@given(st.text())
def test_shown_text_is_printable_whatever_it_was(text):
    assert shown(text).isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("plain", "plain"), ("\x1b[31mred", "\\x1b[31mred"), ("a\nb", "a\\nb"), ("\u202etfel", "\\u202etfel"), ("é", "é")],
)
def test_control_characters_are_written_as_escapes(text, expected):
    assert shown(text) == expected


def test_a_text_is_cut_only_beyond_its_limit():
    assert shown("abc", longest=3) == "abc"
    assert shown("abcd", longest=3) == "abc..."
    assert shown("x" * 200) == "x" * 200
    assert shown("x" * 201) == "x" * 200 + "..."


EDGES = [(0x00, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x61C, 0x61C), (0x180E, 0x180E), (0x200B, 0x200F)]
EDGES += [(0x2028, 0x202E), (0x2060, 0x206F), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB)]


@pytest.mark.parametrize(("first", "last"), EDGES)
def test_hidden_characters_are_found_up_to_their_edges(first, last):
    assert has_hidden(f"a{chr(first)}b")
    assert has_hidden(f"a{chr(last)}b")
    assert not has_hidden(chr(last + 1))
    assert first == 0 or not has_hidden(chr(first - 1))


def test_everyday_text_has_nothing_hidden():
    assert not has_hidden("Ask Zoë, ext. 12 — “now”\u00a0please")


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ((), ""),
        (("checks", "screen_lock"), "checks.screen_lock"),
        (("apps", "approved", 2), "apps.approved[2]"),
        (("a b",), '"a b"'),
        (("a", "\x1b"), 'a."\\x1b"'),
        (("x" * 60,), "x" * 60),
        (("x" * 61,), '"' + "x" * 60 + '..."'),
    ],
)
def test_a_path_of_keys_is_written_as_people_write_it(keys, expected):
    assert key_text(keys) == expected
