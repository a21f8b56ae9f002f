"""The editors' schema and the validator take the same documents."""

import re
from typing import Any

import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from policy_example import CHECKS, toml_text

from checks.policy_file import PolicyError, read_layer
from checks.policy_form import policy_form
from checks.policy_schema import policy_schema
from checks.policy_shape import Choice, Flag, Many, Named, Shape, Table, Text, Whole, defects
from checks.policy_terms import ADDRESS

FORM = policy_form(CHECKS)


def valid(document: dict[str, Any]) -> bool:
    return jsonschema.Draft202012Validator(policy_schema(CHECKS)).is_valid(document)


# 1.0 is left out: for JSON it is a whole number, for TOML it is not.
JUNK = st.one_of(
    st.booleans(), st.integers(-5, 4000), st.just(0.5), st.sampled_from(["", " ", "off", "a\nb", "x" * 301, "\u202e"]),
    st.text(max_size=5), st.just([]), st.just(["a", 1]), st.just({}), st.just({"level": "off"}),
)  # fmt: skip
ODD_KEYS = st.sampled_from(["levle", "", "it\n", "schema2", "allow_hours", "url"])
EXAMPLES = {
    "^[a-z0-9][a-z0-9-]*$": "a-1", "^[A-Za-z0-9][A-Za-z0-9.-]*$": "7.1", "^[a-z][a-z0-9_]*$": "it",
    r'^[^@\s<>"]+@[^@\s<>"]+$': "a@b.example", r'^https://[^\s<>"]+$': "https://a.example",
    r"^[A-Za-z0-9][A-Za-z0-9._-]*$": "com.example.app", "^([01][0-9]|2[0-3]):[0-5][0-9]$": "07:00", r"\S": "why not",
    r"^[!-~]+$": "ward-7", ADDRESS: "https://pacs.example/dicom-web",
}  # fmt: skip


def right(shape: Shape) -> st.SearchStrategy[Any]:
    """Mostly right values: one in some has something wrong inside."""
    match shape:
        case Flag():
            return st.booleans()
        case Whole():
            return st.sampled_from([shape.minimum, shape.maximum]) | st.integers(shape.minimum - 1, shape.maximum + 1)
        case Text():
            return st.just(EXAMPLES[shape.pattern])
        case Choice():
            return st.sampled_from([str(one) for one in shape.options])
        case Many():
            return st.lists(maybe(shape.item), max_size=3)
        case Table():
            return tables(shape)
        case Named():
            return st.dictionaries(
                maybe(shape.names).filter(lambda one: isinstance(one, str)), maybe(shape.item), max_size=3
            )


def maybe(shape: Shape) -> st.SearchStrategy[Any]:
    return st.integers(0, 19).flatmap(lambda dice: JUNK if dice == 0 else right(shape))


@st.composite
def tables(draw: st.DrawFn, shape: Table) -> dict[str, Any]:
    optional = [name for name in shape.fields if name not in shape.needed]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True))
    names = [*shape.needed, *chosen]
    made = {name: draw(maybe(shape.fields[name])) for name in names}
    if draw(st.integers(0, 14)) == 0:
        made[draw(ODD_KEYS)] = draw(JUNK)
    if made and draw(st.integers(0, 14)) == 0:
        made.pop(draw(st.sampled_from(sorted(made))))
    return made


@given(tables(FORM))
def test_schema_and_validator_agree_on_every_document(document):
    assert valid(document) == (not list(defects(FORM, document)))


@given(tables(FORM))
def test_schema_and_the_whole_reader_agree(document):
    try:
        read_layer(toml_text(document).encode(), file="p", checks=CHECKS)
        taken = True
    except PolicyError:
        taken = False
    assert valid(document) == taken


def test_both_kinds_of_document_are_tried():
    seen: set[bool] = set()

    @given(tables(FORM))
    def collect(document: dict[str, Any]) -> None:
        seen.add(valid(document))

    collect()
    assert seen == {True, False}


def test_the_schema_is_one_itself():
    schema = policy_schema(CHECKS)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == "urn:scrubin:policy:1"
    assert schema["title"] == "scrubin policy"
    assert schema["description"] == FORM.doc


def test_a_table_that_stands_in_several_places_is_written_once():
    schema = policy_schema(CHECKS)
    general = schema["properties"]["checks"]["properties"]["screen_lock"]
    profile = schema["properties"]["profiles"]["properties"]["personal"]["properties"]["checks"]["properties"]
    assert general["$ref"] == profile["screen_lock"]["$ref"] == "#/$defs/check_screen_lock"
    assert general["description"] == "Screen locks"
    assert len(re.findall("Seconds until it locks", str(schema))) == 1


def test_limits_show_their_meaning_and_bounds_in_an_editor():
    tables = policy_schema(CHECKS)["$defs"]
    limits = tables["check_screen_lock"]["properties"]
    assert limits["max_idle_s"] == {
        "description": "Seconds until it locks.",
        "type": "integer",
        "minimum": 30,
        "maximum": 3600,
    }
    assert limits["authority"] == {"description": "Whose word counts.", "enum": ["device", "mdm"]}
    assert limits["on_resume"] == {"description": "Locks after sleep.", "type": "boolean"}
    assert "required" not in tables["check_screen_lock"]
    assert tables["contact"]["required"] == ["label"]
