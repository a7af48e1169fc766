"""The comparison of documents: every kind of breach is found, every compatible change is let through."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from contract.compatibility import breaches

Doc = dict[str, Any]

ORDER = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "state": {"$ref": "#/components/schemas/State"},
        "price": {"anyOf": [{"$ref": "#/components/schemas/Price"}, {"type": "null"}]},
    },
    "required": ["id", "state", "price"],
}
NEW_ORDER = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "material": {"type": "string", "enum": ["PLA", "PETG"]},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 10000},
        "reference": {"type": "string", "maxLength": 64},
    },
    "required": ["material", "quantity"],
}
RELEASED: Doc = {
    "openapi": "3.1.0",
    "paths": {
        "/v1/orders": {
            "post": {
                "operationId": "createOrder",
                "security": [{"key": []}],
                "parameters": [
                    {
                        "in": "header",
                        "name": "Idempotency-Key",
                        "required": True,
                        "schema": {"type": "string"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewOrder"}}},
                },
                "responses": {
                    "201": {
                        "headers": {"Location": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    },
                    "422": {"content": {"application/problem+json": {"schema": {"type": "object"}}}},
                },
            },
            "get": {
                "operationId": "listOrders",
                "security": [{"key": []}],
                "parameters": [
                    {"in": "query", "name": "limit", "schema": {"type": "integer", "maximum": 200}}
                ],
                "responses": {"200": {"content": {"application/json": {"schema": {"type": "array"}}}}},
            },
        },
        "/v1/tariff": {"get": {"operationId": "getTariff", "responses": {"200": {}}}},
    },
    "components": {
        "schemas": {
            "Order": ORDER,
            "NewOrder": NEW_ORDER,
            "State": {"type": "string", "enum": ["SUBMITTED", "PRICED"]},
            "Price": {
                "type": "object",
                "properties": {"total": {"type": "string"}, "setup": {"type": "string"}},
                "required": ["total"],
            },
        },
        "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
    },
}


def _order(doc: Doc) -> Doc:
    schema: Doc = doc["components"]["schemas"]["Order"]
    return schema


def _new_order(doc: Doc) -> Doc:
    schema: Doc = doc["components"]["schemas"]["NewOrder"]
    return schema


def _post(doc: Doc) -> Doc:
    operation: Doc = doc["paths"]["/v1/orders"]["post"]
    return operation


def _get(doc: Doc) -> Doc:
    operation: Doc = doc["paths"]["/v1/orders"]["get"]
    return operation


def _responses(doc: Doc) -> Doc:
    responses: Doc = _post(doc)["responses"]
    return responses


BREAKING: dict[str, tuple[Callable[[Doc], object], str]] = {
    "operation removed": (lambda d: d["paths"].pop("/v1/tariff"), "GET /v1/tariff: operation removed"),
    "method removed": (lambda d: d["paths"]["/v1/orders"].pop("get"), "GET /v1/orders: operation removed"),
    "operation renamed": (
        lambda d: _post(d).update(operationId="placeOrder"),
        "POST /v1/orders: operationId 'createOrder' became 'placeOrder'",
    ),
    "security removed": (lambda d: _post(d).pop("security"), "POST /v1/orders: security removed"),
    "security required": (
        lambda d: d["paths"]["/v1/tariff"]["get"].update(security=[{"key": []}]),
        "GET /v1/tariff: security newly required",
    ),
    "key moved": (
        lambda d: d["components"]["securitySchemes"]["key"].update({"in": "query"}),
        "security scheme key: changed",
    ),
    "parameter removed": (
        lambda d: _get(d)["parameters"].clear(),
        "GET /v1/orders: query parameter limit removed",
    ),
    "parameter narrowed": (
        lambda d: _get(d)["parameters"][0]["schema"].update(maximum=100),
        "GET /v1/orders: query parameter limit narrowed",
    ),
    "parameter newly required": (
        lambda d: _get(d)["parameters"][0].update(required=True),
        "GET /v1/orders: query parameter limit newly required",
    ),
    "required parameter added": (
        lambda d: _get(d)["parameters"].append({"in": "query", "name": "since", "required": True}),
        "GET /v1/orders: query parameter since newly required",
    ),
    "request property newly required": (
        lambda d: _new_order(d)["required"].append("reference"),
        "POST /v1/orders: request body application/json narrowed",
    ),
    "request property removed": (
        lambda d: _new_order(d)["properties"].pop("reference"),
        "POST /v1/orders: request body application/json narrowed",
    ),
    "request value narrowed": (
        lambda d: _new_order(d)["properties"]["quantity"].update(maximum=999),
        "POST /v1/orders: request body application/json/quantity narrowed",
    ),
    "request format narrowed": (
        lambda d: _new_order(d)["properties"]["reference"].update(format="uuid"),
        "POST /v1/orders: request body application/json/reference narrowed",
    ),
    "request media type removed": (
        lambda d: _post(d)["requestBody"].update(content={"text/csv": {}}),
        "POST /v1/orders: request body as application/json removed",
    ),
    "response property removed": (
        lambda d: d["components"]["schemas"]["Price"]["properties"].pop("setup"),
        "POST /v1/orders: response 201 property /price/setup removed",
    ),
    "response property no longer sure": (
        lambda d: _order(d)["required"].remove("price"),
        "POST /v1/orders: response 201 application/json may be what was not promised",
    ),
    "response value widened": (
        lambda d: d["components"]["schemas"]["State"]["enum"].append("LOST"),
        "POST /v1/orders: response 201 application/json/state may be what was not promised",
    ),
    "response header removed": (
        lambda d: _responses(d)["201"].pop("headers"),
        "POST /v1/orders: response 201 header Location removed",
    ),
    "response status removed": (lambda d: _responses(d).pop("422"), "POST /v1/orders: response 422 removed"),
    "response status added": (
        lambda d: _responses(d).update({"202": {}}),
        "POST /v1/orders: response 202 added, which clients do not know",
    ),
    "response media type changed": (
        lambda d: _responses(d)["422"].update(content={"text/html": {}}),
        "POST /v1/orders: response 422 as application/problem+json removed",
    ),
}
COMPATIBLE: dict[str, Callable[[Doc], object]] = {
    "nothing": lambda d: None,
    "operation added": lambda d: d["paths"].update({"/v1/new": {"get": {"responses": {}}}}),
    "optional parameter added": lambda d: _get(d)["parameters"].append({"in": "query", "name": "since"}),
    "request widened": lambda d: _new_order(d)["properties"]["material"]["enum"].append("AL"),
    "optional request property added": lambda d: _new_order(d)["properties"].update(note={"type": "string"}),
    "response property added": lambda d: _order(d)["properties"].update(note={"type": "string"}),
    "response value narrowed": lambda d: d["components"]["schemas"]["State"]["enum"].remove("PRICED"),
    "refusal added": lambda d: _responses(d).update({"409": {}}),
    "texts changed": lambda d: _post(d).update(summary="Place an order", description="…"),
}


def changed(change: Callable[[Doc], object]) -> Doc:
    """The released document with one change."""
    document = copy.deepcopy(RELEASED)
    change(document)
    return document


@pytest.mark.parametrize("name", BREAKING)
def test_a_breaking_change_is_named(name: str) -> None:
    """The line says which operation, where in it, and what became of it."""
    change, told = BREAKING[name]

    assert told in breaches(RELEASED, changed(change))


@pytest.mark.parametrize("name", COMPATIBLE)
def test_a_compatible_change_is_let_through(name: str) -> None:
    """A comparison that cries at every change is soon switched off."""
    assert breaches(RELEASED, changed(COMPATIBLE[name])) == ()
