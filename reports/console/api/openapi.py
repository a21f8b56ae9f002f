"""Writes the OpenAPI 3.1 document from the endpoints and the shapes that they take and give."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec

from reports.console.api.reading import QUERIES
from reports.console.api.shapes import Problem
from reports.console.model import Endpoint, Scope

VERSION = "1.0.0"
"""Of what the API promises; the program's own is another."""
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
REFERENCE = "#/components/schemas/{name}"
WHY = {
    400: "The request can't be read.",
    401: "Neither a token nor a session came along.",
    403: "The token or the role does not allow this.",
    404: "There is nothing there.",
    409: "It is not in a state that allows this.",
    413: "The body is too large.",
    415: "The body is compressed.",
    422: "The body or the query does not fit.",
    503: "The database can't be used now; see Retry-After.",
}
"""Refusals that any call may meet."""


def document(calls: Sequence[Endpoint]) -> dict[str, Any]:
    """The whole document, of plain values."""
    shapes = [Problem, *(one.answer for one in calls), *(one.body for one in calls), *QUERIES.values()]
    wanted = list(dict.fromkeys(one for one in shapes if one is not None))
    _, components = msgspec.json.schema_components(wanted, ref_template=REFERENCE)
    asked = {one.__name__ for one in QUERIES.values()}
    paths: dict[str, dict[str, Any]] = {}
    for one in calls:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "scrubin console",
            "version": VERSION,
            "description": "Verdicts on the devices of one practice. It holds no picture, file name or place.",
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {name: one for name, one in components.items() if name not in asked},
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "scrubin"},
            },
        },
    }


def _operation(one: Endpoint, components: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.about,
        "description": f"For tokens with the scope {one.scope}, and people from the role {one.role} on.",
        "parameters": [*_in_path(one), *_in_query(one, components)],
        "responses": _responses(one),
        "tags": ["read" if one.scope is Scope.READ else "manage"],
    }
    if one.body is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(one.body)}}}
    return made


def _reference(shape: type[Any]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(name=shape.__name__)}


def _in_path(one: Endpoint) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1, "maxLength": 36, "pattern": "^[0-9A-Za-z-]+$"}
    names = PLACEHOLDER.findall(one.path)
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in names]


def _in_query(one: Endpoint, components: dict[str, Any]) -> list[dict[str, Any]]:
    shape = QUERIES.get(one.name)
    fields = {} if shape is None else components[shape.__name__]["properties"]
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in fields.items()]


def _responses(one: Endpoint) -> dict[str, Any]:
    assert one.answer is not None
    status = "201" if one.body is not None else "200"
    fine = {"description": "Done.", "content": {"application/json": {"schema": _reference(one.answer)}}}
    problem = {"application/problem+json": {"schema": _reference(Problem)}}
    return {status: fine, **{str(code): {"description": why, "content": problem} for code, why in WHY.items()}}
