"""The JSON Schema of policy files, for editors: written from the same description that the validator works from."""

from collections.abc import Sequence
from typing import Any, assert_never

from checks.policy_form import SCHEMA, policy_form
from checks.policy_shape import Choice, Flag, Many, Named, Shape, Table, Text, Whole
from checks.policy_text import HIDDEN
from checks.spec import Check

Schema = dict[str, Any]
"""A JSON document."""


def policy_schema(checks: Sequence[Check[Any, Any]]) -> Schema:
    """The schema (draft 2020-12) of a policy file. JSON cannot tell 1.0 from 1; the validator can, and refuses it."""
    shared: Schema = {}
    whole = shape_schema(policy_form(checks), shared)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:{SCHEMA.replace('/', ':')}"}
    return {**head, "title": "scrubin policy", **whole, "$defs": shared}


def shape_schema(shape: Shape, shared: Schema) -> Schema:
    """The schema of one shape; tables that have a name are put into `shared` and referred to."""
    return {"description": shape.doc, **_kind(shape, shared)}


def _kind(shape: Shape, shared: Schema) -> Schema:
    match shape:
        case Flag():
            return {"type": "boolean"}
        case Whole():
            return {"type": "integer", "minimum": shape.minimum, "maximum": shape.maximum}
        case Text():
            return _text(shape)
        case Choice():
            return {"enum": [str(one) for one in shape.options]}
        case Many():
            return {"type": "array", "items": shape_schema(shape.item, shared), "maxItems": shape.most}
        case Table():
            return _table(shape, shared)
        case Named():
            return {
                "type": "object",
                "propertyNames": _text(shape.names),
                "additionalProperties": shape_schema(shape.item, shared),
                "maxProperties": shape.most,
            }
        case _:
            assert_never(shape)


def _text(shape: Text) -> Schema:
    return {"type": "string", "maxLength": shape.longest, "pattern": shape.pattern, "not": {"pattern": HIDDEN}}


def _table(shape: Table, shared: Schema) -> Schema:
    if shape.name:
        if shape.name not in shared:
            shared[shape.name] = _object(shape, shared)
        return {"$ref": f"#/$defs/{shape.name}"}
    return _object(shape, shared)


def _object(shape: Table, shared: Schema) -> Schema:
    properties = {name: shape_schema(one, shared) for name, one in shape.fields.items()}
    required = {"required": list(shape.needed)} if shape.needed else {}
    return {"type": "object", "properties": properties, **required, "additionalProperties": False}
