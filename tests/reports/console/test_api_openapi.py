"""The API keeps to its own description: schemathesis throws at it what that allows, and what it does not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import copy
from typing import Any

import jsonschema
import pytest
import schemathesis
from auth_parts import token_for
from consoles import made_console
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import ignored_auth, positive_data_acceptance
from starlette.applications import Starlette

from reports.console import whole
from reports.console.api import openapi, routes
from reports.console.model import Scope

EXAMPLES = {GenerationMode.POSITIVE: 10, GenerationMode.NEGATIVE: 15}
UNSAID = [ignored_auth]
"""It takes the cookie that it made up itself for what let it in beside our token; test_matrix.py holds who may."""
NEEDS_MORE = [*UNSAID, positive_data_acceptance]
"""Of a call that changes something, a description can't say all: a waiver needs an open finding, a group must exist."""
CALLS = [one.name for one in routes.CALLS]


@dataclass(frozen=True)
class Api:
    """A whole application, its description as schemathesis reads it, and a token that may do everything."""

    app: Starlette
    schema: Any
    headers: dict[str, str]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path) -> Iterator[Api]:
    data = tmp_path_factory.mktemp("api")
    copy(empty_sqlite, data / "console.sqlite")
    console = made_console(data)
    app = whole.whole(console)
    token = token_for(console, Scope.READ, Scope.MANAGE)
    yield Api(app, schemathesis.openapi.from_asgi("/api/openapi.json", app), {"authorization": f"Bearer {token}"})
    console.store.close()


@pytest.mark.parametrize("mode", EXAMPLES, ids=str)
@pytest.mark.parametrize("name", CALLS)
def test_each_call_keeps_to_its_description(api: Api, name: str, mode: GenerationMode) -> None:
    operation = next(
        found.ok() for found in api.schema.get_all_operations() if found.ok().definition.raw["operationId"] == name
    )
    if mode is GenerationMode.NEGATIVE and name in ("api_counts", "api_policy"):
        return  # they take nothing that could be wrong
    changes = operation.method.upper() != "GET"

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES[mode],
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    def throw(case: Any) -> None:
        case.call_and_validate(headers=api.headers, excluded_checks=NEEDS_MORE if changes else UNSAID)

    throw()


def test_the_description_is_one_of_openapi_3_1(api: Api) -> None:
    document = openapi.document(routes.CALLS)
    assert document["openapi"] == "3.1.0"
    assert {one for verbs in document["paths"].values() for one in verbs} == {"get", "post"}
    operations = [one["operationId"] for verbs in document["paths"].values() for one in verbs.values()]
    assert sorted(operations) == sorted(CALLS)


def test_each_shape_is_a_valid_json_schema_and_each_reference_leads_somewhere() -> None:
    document = openapi.document(routes.CALLS)
    schemas = document["components"]["schemas"]
    for one in schemas.values():
        jsonschema.Draft202012Validator.check_schema(one)
    assert _references(document) <= {f"#/components/schemas/{name}" for name in schemas}


def _references(value: Any) -> set[str]:
    if isinstance(value, list):
        return {one for part in value for one in _references(part)}
    if not isinstance(value, dict):
        return set()
    here = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return here | {one for part in value.values() for one in _references(part)}
