"""The OpenAPI document: FastAPI's own, made exact with refusals, links and bodies that are read by hand."""

from __future__ import annotations

import copy
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from sut import problems

_TITLE = "Partner API"
_VERSION = "1.1.0"
_DESCRIPTION = "Order parts made from your 3D models: upload, order, see the price, approve, follow."

_WHY = {
    400: "The body cannot be decoded.",
    401: "The key is missing or unknown.",
    403: "The caller may not do this.",
    404: "The caller has no such thing.",
    409: "The state of things does not allow it.",
    413: "The body is too large.",
    415: "The body is of a type that is not taken.",
    422: "A part of the request is wrong.",
    429: "The contract's rate is used up.",
    503: "Something this needs is away for a moment.",
}
_RATE = {
    "RateLimit-Policy": {"schema": {"type": "string"}, "description": "The rate of your contract."},
    "RateLimit": {"schema": {"type": "string"}, "description": "What is left of it now."},
}
_RETRY_AFTER = {"required": True, "schema": {"type": "integer"}, "description": "Units: s."}
_HEADERS: dict[int, dict[str, Any]] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"type": "string"}}},
    429: {
        "Retry-After": _RETRY_AFTER,
        **{name: {**field, "required": True} for name, field in _RATE.items()},
    },
    503: {"Retry-After": _RETRY_AFTER},
}
_LOCATION = {"Location": {"required": True, "schema": {"type": "string", "format": "uri-reference"}}}
_REPLAYED = {"Idempotent-Replayed": {"schema": {"type": "string", "enum": ["true"]}}}

_OF_ORDER = ("getOrder", "approveOrder", "cancelOrder", "confirmReceipt", "getOrderHistory")


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Document the refusals of an operation."""
    content = {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {
            "description": _WHY[status],
            "content": content,
            **({"headers": _HEADERS[status]} if status in _HEADERS else {}),
        }
        for status in statuses
    }


def json_of(component: str) -> dict[str, Any]:
    """Document a JSON body that the route reads itself."""
    schema = {"$ref": f"#/components/schemas/{component}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def openapi(app: FastAPI, *bodies: type[Any]) -> dict[str, Any]:
    """Return the whole document; `bodies` are the shapes that routes read themselves."""
    document = get_openapi(
        title=_TITLE,
        version=_VERSION,
        openapi_version="3.1.0",
        description=_DESCRIPTION,
        routes=app.routes,
    )
    schemas = document["components"]["schemas"]
    schemas["Problem"] = copy.deepcopy(dict(problems.SCHEMA))
    for body in bodies:
        shape = body.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(shape.pop("$defs", {}))
        schemas[body.__name__] = shape
    operations = {op["operationId"]: op for path in document["paths"].values() for op in path.values()}
    _add_links(operations)
    operations["createOrder"]["responses"]["201"]["headers"] = {**_LOCATION, **_REPLAYED}
    for name in ("createModel", "createWebhook"):
        operations[name]["responses"]["201"]["headers"] = _LOCATION
    for operation in operations.values():
        if operation.get("security"):
            _add_rate(operation["responses"])
    return document


def _add_rate(responses: dict[str, Any]) -> None:
    """Every call with a key may be beyond the rate, and every answer to a partner tells it."""
    responses.update({str(status): refusal for status, refusal in refusals(429).items()})
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = {**response.get("headers", {}), **_RATE}


def _add_links(operations: dict[str, Any]) -> None:
    operations["createModel"]["responses"]["201"]["links"] = {
        "getModel": _link("getModel", parameters={"model_id": "$response.body#/id"}),
        "createOrder": _link("createOrder", requestBody={"model_id": "$response.body#/id"}),
    }
    operations["createOrder"]["responses"]["201"]["links"] = {
        name: _link(name, parameters={"order_id": "$response.body#/id"}) for name in _OF_ORDER
    }
    operations["listOrders"]["responses"]["200"]["links"] = {
        "getOrder": _link("getOrder", parameters={"order_id": "$response.body#/items/0/id"}),
        "listOrders": _link("listOrders", parameters={"cursor": "$response.body#/next_cursor"}),
    }
    operations["createWebhook"]["responses"]["201"]["links"] = {
        name: _link(name, parameters={"webhook_id": "$response.body#/id"})
        for name in ("getWebhook", "deleteWebhook", "listDeliveries")
    }
    operations["listWebhooks"]["responses"]["200"]["links"] = {
        "getWebhook": _link("getWebhook", parameters={"webhook_id": "$response.body#/items/0/id"}),
    }
    operations["createKey"]["responses"]["201"]["links"] = {
        "revokeKey": _link("revokeKey", parameters={"key_id": "$response.body#/id"}),
    }


def _link(operation_id: str, **members: Any) -> dict[str, Any]:
    return {"operationId": operation_id, **members}
