"""Each key is found on its line, and texts that Python's reader cannot bear are seen before it reads them."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy_example import toml

from checks.policy_lines import DEEPEST, LONGEST_WORD, excess, lines_by_key, tokens

TEXT = '''# a comment with = and [brackets]
top = "v" # 2

[ checks . "screen_lock" ]
level = "off" # 5
many = [
  "a]", # 7
  "b",
]
a.'b c'."d\\u0065" = 1 # 10
long = """
[fake]
fake = 1
""" # 11 to 14
raw = \'\'\'
x = 1\'\'\'
after = {inner = 1, deep = {er = 2}} # 17
[profiles.personal]
capture = true # 19
[[list]]
one = 1
[[list]]
two = 2 # 23
last = 0'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("checks",), 4),
        (("checks", "screen_lock"), 4),
        (("checks", "screen_lock", "level"), 5),
        (("checks", "screen_lock", "many"), 6),
        (("checks", "screen_lock", "a"), 10),
        (("checks", "screen_lock", "a", "b c", "de"), 10),
        (("checks", "screen_lock", "long"), 11),
        (("checks", "screen_lock", "raw"), 15),
        (("checks", "screen_lock", "after"), 17),
        (("profiles", "personal", "capture"), 19),
        (("list",), 20),
        (("list", "two"), 23),
        (("list", "last"), 24),
    ],
)
def test_a_key_is_found_on_its_line(path, line):
    assert lines_by_key(TEXT)[path] == line


def test_text_inside_strings_and_comments_is_no_key():
    assert tomllib.loads(TEXT)
    names = {name for path in lines_by_key(TEXT) for name in path}
    assert names.isdisjoint({"fake", "x", "brackets", "inner"})


def test_lines_of_windows_editors_count_the_same():
    assert lines_by_key(TEXT.replace("\n", "\r\n")) == lines_by_key(TEXT)


def test_the_first_line_is_one_and_an_empty_text_has_no_keys():
    assert lines_by_key("a=1") == {("a",): 1}
    assert lines_by_key("") == {}
    assert lines_by_key("\n\n") == {}


@pytest.mark.parametrize(
    "string",
    ['""', "''", '""""""', "''''''", '"""a"b""c"""', '"""a"""""', "'''a'b''c'''", "'''a'''''", r'"\"#"', r'"""\""""""'],
)
def test_each_kind_of_string_ends_where_it_ends(string):
    assert "a" in tomllib.loads(f"a = {string}")
    assert lines_by_key(f"a = {string}\nb = 2") == {("a",): 1, ("b",): 2}


@pytest.mark.parametrize("text", ['"open', "'open", '"""open\n"', "'''open\n'", "\x0bword", "\rword"])
def test_reading_stops_at_what_is_no_toml(text):
    assert [one.text for one in tokens(f"a {text}")] == ["a"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = " + "[" * DEEPEST + "]" * DEEPEST, None),
        ("\na = " + "[" * (DEEPEST + 1), 2),
        ("a = " + "[" * (DEEPEST - 1) + "{" + "}" + "]" * (DEEPEST - 1), None),
        ("a = " + "[{" * DEEPEST, 1),
        (".".join("a" * DEEPEST) + " = 1", None),
        ("\n\n" + ".".join("a" * (DEEPEST + 1)) + " = 1", 3),
        (". ".join(['"a"'] * (DEEPEST + 1)), 1),
        ("b = 1\n" + ".".join("a" * DEEPEST) + " = 1", None),
        ("a = [" + ", ".join(["1.5"] * 20) + "]", None),
        ("a = 1.5\n" * 20, None),
        ("a = [" + "[1]," * 20 + "]", None),
        ("a" * LONGEST_WORD + " = 1", None),
        ("a" * (LONGEST_WORD + 1) + " = 1", 1),
        ("b = 1\na = " + "9" * (LONGEST_WORD + 1), 2),
        ('a = "' + "x" * 1000 + '"', None),
        ("# " + "x" * 1000, None),
    ],
)
def test_what_goes_beyond_a_policy_is_seen_at_its_line(text, line):
    found = excess(text)
    assert (None if found is None else found[0]) == line


def test_it_is_said_what_was_expected():
    assert excess("[[[[[[[[[") == (1, "tables, lists and keys at most 8 deep")
    assert excess("a" * 101) == (1, "names and numbers of at most 100 characters")


KEYS = st.text(min_size=1, max_size=8)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, st.text(max_size=20), max_size=3), max_size=4))
def test_every_key_of_a_document_is_found(document):
    expected, lines = {}, []
    for name, table in document.items():
        lines.append(f"[{toml(name)}] # = [x]")
        expected[(name,)] = len(lines)
        for key, value in table.items():
            lines.append(f"{toml(key)} = {toml(value)}")
            expected[(name, key)] = len(lines)
    text = "\n".join(lines)
    assert tomllib.loads(text) == document
    assert lines_by_key(text) == expected


@given(st.text(alphabet="a1.=[]{}\"'\\\n\r# ,\t"))
def test_any_text_is_read_to_an_end(text):
    read = "".join(one.text for one in tokens(text))
    assert len(read) <= len(text)
    assert excess(text) is None or excess(text)[0] >= 1
