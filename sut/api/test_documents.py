"""The OpenAPI document says what the service does."""

from __future__ import annotations

from typing import Any

import pytest

from sut.api.app import document
from sut.api.shown import CURSOR_PATTERN

DOCUMENT = document()
OPERATIONS: dict[str, Any] = {
    operation["operationId"]: operation for path in DOCUMENT["paths"].values() for operation in path.values()
}


def test_operations_are_the_published_ones() -> None:
    """Nothing is missing, and the administrators' door is not in it."""
    assert set(OPERATIONS) == {
        "createModel",
        "getModel",
        "createOrder",
        "listOrders",
        "getOrder",
        "getOrderHistory",
        "approveOrder",
        "cancelOrder",
        "confirmReceipt",
        "getTariff",
        "getSla",
        "createKey",
        "listKeys",
        "revokeKey",
        "createWebhook",
        "listWebhooks",
        "getWebhook",
        "deleteWebhook",
        "listDeliveries",
    }


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_refusal_is_documented_as_a_problem(name: str) -> None:
    """FastAPI's own shape of errors appears nowhere."""
    for status, response in OPERATIONS[name]["responses"].items():
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
    assert "HTTPValidationError" not in DOCUMENT["components"]["schemas"]


def test_links_lead_to_operations_that_exist() -> None:
    """Whoever follows a link arrives."""
    links = {
        (name, link["operationId"])
        for name, operation in OPERATIONS.items()
        for response in operation["responses"].values()
        for link in response.get("links", {}).values()
    }

    assert {target for _, target in links} <= set(OPERATIONS)
    assert {
        ("createModel", "createOrder"),
        ("createModel", "getModel"),
        ("createOrder", "getOrder"),
        ("createOrder", "approveOrder"),
        ("createOrder", "cancelOrder"),
        ("createOrder", "confirmReceipt"),
        ("createOrder", "getOrderHistory"),
        ("listOrders", "getOrder"),
    } <= links


def test_order_body_says_its_bounds() -> None:
    """A client can know beforehand what will be refused."""
    body = DOCUMENT["components"]["schemas"]["OrderIn"]

    assert body["additionalProperties"] is False
    assert (body["properties"]["quantity"]["minimum"], body["properties"]["quantity"]["maximum"]) == (
        1,
        10000,
    )
    assert "customer" not in body["properties"]


def test_query_parameters_say_their_bounds() -> None:
    """Each parameter of the list is as narrow in the document as in the service."""
    schemas = {parameter["name"]: parameter["schema"] for parameter in OPERATIONS["listOrders"]["parameters"]}

    assert (schemas["limit"]["minimum"], schemas["limit"]["maximum"]) == (1, 200)
    assert schemas["cursor"]["pattern"] == CURSOR_PATTERN
    assert schemas["state"]["$ref"] == "#/components/schemas/State"


def test_only_the_tariff_needs_no_key() -> None:
    """Every other operation says that it needs one."""
    assert {name for name, operation in OPERATIONS.items() if not operation.get("security")} == {"getTariff"}
