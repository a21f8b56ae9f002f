"""Each shape takes what it says and names what is wrong with anything else."""

from datetime import UTC, date, datetime, time

import pytest

from checks.policy_shape import (
    Choice,
    Defect,
    Flag,
    Flaw,
    Many,
    Named,
    Table,
    Text,
    Whole,
    defects,
    found_text,
    nearest,
)

FLAG = Flag(doc="")
WHOLE = Whole(doc="", minimum=30, maximum=60)
TEXT = Text(doc="", longest=4)
WORD = Text(doc="", longest=9, form="small letters", pattern="^[a-z]+$")
CHOICE = Choice(doc="", options=("required", "off"))
MANY = Many(doc="", item=WORD, most=2)
TABLE = Table(doc="", fields={"level": CHOICE, "days": WHOLE}, needed=("level",))
NAMED = Named(doc="", names=WORD, item=TABLE, most=2)

RIGHT = [
    (FLAG, True),
    (FLAG, False),
    (WHOLE, 30),
    (WHOLE, 60),
    (TEXT, "abcd"),
    (TEXT, " a"),
    (WORD, "abc"),
    (CHOICE, "off"),
    (MANY, []),
    (MANY, ["a", "b"]),
    (TABLE, {"level": "off"}),
    (TABLE, {"level": "off", "days": 30}),
    (NAMED, {}),
    (NAMED, {"a": {"level": "off"}, "b": {"level": "off"}}),
]


@pytest.mark.parametrize(("shape", "value"), RIGHT)
def test_what_fits_has_no_defect(shape, value):
    assert list(defects(shape, value)) == []


NUMBER = "a whole number from 30 to 60"
ONE_OF = "one of required, off"
LINE = "one line of text"
HIDDEN = "one line of text, without control characters or line breaks"
WRONG = [
    (FLAG, 1, Flaw.WRONG_TYPE, "true or false", "1"),
    (FLAG, "true", Flaw.WRONG_TYPE, "true or false", 'the text "true"'),
    (WHOLE, True, Flaw.WRONG_TYPE, NUMBER, "true"),
    (WHOLE, False, Flaw.WRONG_TYPE, NUMBER, "false"),
    (WHOLE, 45.0, Flaw.WRONG_TYPE, NUMBER, "the number 45.0"),
    (WHOLE, "45", Flaw.WRONG_TYPE, NUMBER, 'the text "45"'),
    (WHOLE, 29, Flaw.OUT_OF_RANGE, NUMBER, "29"),
    (WHOLE, 61, Flaw.OUT_OF_RANGE, NUMBER, "61"),
    (TEXT, 5, Flaw.WRONG_TYPE, f"{LINE}, in quotes", "5"),
    (TEXT, date(2026, 11, 21), Flaw.WRONG_TYPE, f"{LINE}, in quotes", "a date or time without quotes"),
    (TEXT, "abcde", Flaw.OUT_OF_RANGE, f"{LINE}, of at most 4 characters", "5 characters"),
    (TEXT, "a\nb", Flaw.NOT_ALLOWED, HIDDEN, 'the text "a\\nb"'),
    (TEXT, "", Flaw.NOT_ALLOWED, LINE, 'the text ""'),
    (TEXT, "  ", Flaw.NOT_ALLOWED, LINE, 'the text "  "'),
    (WORD, "aB", Flaw.NOT_ALLOWED, "small letters", 'the text "aB"'),
    (CHOICE, 1, Flaw.WRONG_TYPE, ONE_OF, "1"),
    (CHOICE, "requred", Flaw.NOT_ALLOWED, f'{ONE_OF} (did you mean "required"?)', 'the text "requred"'),
    (CHOICE, "xyz", Flaw.NOT_ALLOWED, ONE_OF, 'the text "xyz"'),
    (MANY, "a", Flaw.WRONG_TYPE, "a list", 'the text "a"'),
    (MANY, {}, Flaw.WRONG_TYPE, "a list", "a table"),
    (MANY, ["a", "b", "c"], Flaw.OUT_OF_RANGE, "a list of at most 2", "3 items"),
    (TABLE, [], Flaw.WRONG_TYPE, "a table", "a list"),
    (NAMED, "a", Flaw.WRONG_TYPE, "a table", 'the text "a"'),
    (NAMED, {key: {"level": "off"} for key in "abc"}, Flaw.OUT_OF_RANGE, "at most 2 entries", "3 entries"),
]


@pytest.mark.parametrize(("shape", "value", "flaw", "expected", "found"), WRONG)
def test_what_does_not_fit_is_named(shape, value, flaw, expected, found):
    assert list(defects(shape, value, ("k",))) == [Defect(keys=("k",), flaw=flaw, expected=expected, found=found)]


def test_every_defect_of_a_table_is_gathered():
    found = list(defects(TABLE, {"days": 5, "dys": 40}, ("t",)))
    assert found == [
        Defect(
            keys=("t", "level"),
            flaw=Flaw.MISSING_KEY,
            expected='the key "level"',
            found="nothing of that name",
        ),
        Defect(keys=("t", "days"), flaw=Flaw.OUT_OF_RANGE, expected=NUMBER, found="5"),
        Defect(
            keys=("t", "dys"),
            flaw=Flaw.UNKNOWN_KEY,
            expected='a known key (did you mean "days"?)',
            found="an unknown key",
        ),
    ]


def test_every_defect_of_a_list_is_gathered_with_its_place():
    assert [one.keys for one in defects(MANY, ["A", 2], ("m",))] == [("m", 0), ("m", 1)]


def test_names_that_the_practice_chooses_have_a_form_too():
    found = list(defects(NAMED, {"A b": {"level": "no"}}, ("n",)))
    assert [(one.keys, one.flaw) for one in found] == [
        (("n", "A b"), Flaw.NOT_ALLOWED),
        (("n", "A b", "level"), Flaw.NOT_ALLOWED),
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (10**12 - 1, "999999999999"),
        (10**12, "a very large number"),
        (-(10**12), "a very large number"),
        pytest.param(16 ** (2**14), "a very large number", id="too long to write"),
        (float("inf"), "the number inf"),
        ("x" * 41, 'the text "' + "x" * 40 + '..."'),
        ("\x1b[2J", 'the text "\\x1b[2J"'),
        (datetime(2026, 1, 1, tzinfo=UTC), "a date or time without quotes"),
        (time(7), "a date or time without quotes"),
        ([1], "a list"),
        (None, "something else"),
    ],
)
def test_a_value_is_described_in_a_few_safe_words(value, text):
    assert found_text(value) == text


def test_the_nearest_word_is_proposed_unless_the_word_is_absurdly_long():
    assert nearest("screen-lock", ("cloud_backup", "screen_lock")) == "screen_lock"
    assert nearest("a" * 60, ("a" * 50,)) == "a" * 50
    assert nearest("a" * 61, ("a" * 50,)) is None
    assert nearest("zzz", ("a", "b")) is None


def test_without_a_near_one_all_known_keys_are_named():
    assert [one.expected for one in defects(TABLE, {"level": "off", "zz": 1})] == ["one of level, days"]
    one = Table(doc="", fields={"days": WHOLE})
    assert [each.expected for each in defects(one, {"zz": 1})] == ['"days"']
