"""The description of the API is valid OpenAPI 3.1 and tells the truth about the addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tdpf.faces.api.urls")]
METHODS = {"get", "post", "put", "patch", "delete", "head", "options"}

# The shape that OpenAPI 3.1.0 §4.8 asks of the parts that this API uses.
SHAPE = {
    "type": "object",
    "required": ["openapi", "info", "paths"],
    "properties": {
        "openapi": {"pattern": r"^3\.1\.\d+$"},
        "info": {"type": "object", "required": ["title", "version"]},
        "paths": {
            "type": "object",
            "patternProperties": {
                "^/": {
                    "type": "object",
                    "patternProperties": {"^(get|put|post|delete|options|head|patch)$": {"$ref": "#/$defs/operation"}},
                    "additionalProperties": False,
                }
            },
            "additionalProperties": False,
        },
    },
    "$defs": {
        "operation": {
            "type": "object",
            "required": ["operationId", "summary", "responses"],
            "properties": {
                "parameters": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["name", "in", "schema"],
                        "properties": {"in": {"enum": ["query", "header", "path", "cookie"]}},
                    },
                },
                "requestBody": {"type": "object", "required": ["content"]},
                "responses": {
                    "type": "object",
                    "minProperties": 2,
                    "patternProperties": {
                        "^([1-5](\\d\\d|XX)|default)$": {"type": "object", "required": ["description"]}
                    },
                    "additionalProperties": False,
                },
            },
        }
    },
}


@pytest.fixture
def description(client: Client) -> dict[str, Any]:
    """The description as served."""
    answer = client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    body: dict[str, Any] = answer.json()
    return body


def operations(description: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every (path, method, operation)."""
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def references(node: object) -> Iterator[str]:
    """Return every $ref below a node."""
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def test_it_has_the_shape_of_openapi(description: dict[str, Any]) -> None:
    """Every operation has an id, a summary, answers and a problem."""
    errors = [error.message for error in Draft202012Validator(SHAPE).iter_errors(description)]
    assert errors == []
    ids = [operation["operationId"] for _, _, operation in operations(description)]
    assert len(ids) == len(set(ids)) > 25
    for _, _, operation in operations(description):
        assert "application/problem+json" in operation["responses"]["default"]["content"]
        assert operation.get("description")


def test_every_schema_is_a_schema_and_every_reference_leads_somewhere(description: dict[str, Any]) -> None:
    """JSON Schema draft 2020-12, which OpenAPI 3.1 takes over."""
    for schema in description["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in references(description):
        node: Any = description
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]


def test_every_place_in_a_path_is_a_parameter(description: dict[str, Any]) -> None:
    """And the other way round."""
    for path, _, operation in operations(description):
        assert path.startswith("/api/v1/")
        named = set(re.findall(r"{(\w+)}", path))
        declared = {p["name"] for p in operation.get("parameters", []) if p["in"] == "path"}
        assert named == declared


def test_every_write_asks_for_a_key(description: dict[str, Any]) -> None:
    """No operation that changes something is without security."""
    for path, method, operation in operations(description):
        if method != "get" and method != "head":
            assert operation.get("security"), f"{method} {path}"


def test_every_described_address_is_there(description: dict[str, Any], client: Client) -> None:
    """It answers with something else than "nothing stands here"; writes without a key answer 401."""
    for path, method, operation in operations(description):
        address = re.sub(r"{\w+}", "none", path)
        answer = client.generic(method.upper(), address)
        assert answer.status_code != 405, (method, address)
        assert answer.headers.get("X-Problem") != "platform/not-found", (method, address)
        if operation.get("security"):
            assert answer.status_code == 401, (method, address)
            assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_method_that_is_not_there_is_a_problem(client: Client) -> None:
    """With the methods that are."""
    answer = client.delete("/api/v1/datasets")
    assert answer.status_code == 405
    assert answer["Content-Type"] == "application/problem+json"
    assert "GET" in answer["Allow"]


def test_an_address_that_is_not_there_is_a_problem(client: Client) -> None:
    """In the language that is asked for."""
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": "en"})
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Content-Language"] == "en"


def test_head_is_get_without_the_body(client: Client) -> None:
    """For every address that can be got."""
    got, head = client.get("/api/v1/datasets"), client.head("/api/v1/datasets")
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(got.content))
    assert client.head("/api/v1/datasets/none").status_code == 404
