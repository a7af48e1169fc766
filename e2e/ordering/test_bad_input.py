"""Nonsense sent to the partner API gets the right refusal, and nothing is stored half-way."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from fixtures.doors import MesAuditDoor, Refusal
from fixtures.orders import an_order
from fixtures.personas import Partner

UNKNOWN = "00000000-0000-4000-8000-000000000000"
BAD_ORDERS: dict[str, tuple[dict[str, Any], int]] = {
    "unknown material": ({"material": "GOLD"}, 422),
    "material of another type": ({"material": 7}, 422),
    "no material": ({"material": None}, 422),
    "quantity 0": ({"quantity": 0}, 422),
    "quantity -1": ({"quantity": -1}, 422),
    "quantity 10001": ({"quantity": 10_001}, 422),
    "quantity 10^9": ({"quantity": 10**9}, 422),
    "quantity 10^30": ({"quantity": 10**30}, 422),
    "quantity 1.5": ({"quantity": 1.5}, 422),
    "quantity in words": ({"quantity": "three"}, 422),
    "quantity true": ({"quantity": True}, 422),
    "model that is no id": ({"model_id": "bracket"}, 422),
    "unknown model": ({"model_id": UNKNOWN}, 404),
    "reference too long": ({"reference": "r" * 65}, 422),
    "unknown field": ({"price": "0.01"}, 422),
    "customer named by a partner": ({"customer": "somebody"}, 403),
}


@pytest.mark.parametrize("name", BAD_ORDERS)
def test_a_bad_order_is_refused_and_not_stored(partner: Partner, audit: MesAuditDoor, name: str) -> None:
    """Neither the API nor the MES knows of an order that was refused."""
    change, status = BAD_ORDERS[name]
    body = partner.door.body_of(an_order()) | change

    with pytest.raises(Refusal) as refusal:
        partner.door.create(body, str(uuid4()))

    assert refusal.value.status == status
    assert refusal.value.problem["status"] == status
    assert list(partner.door.orders()) == []
    assert audit.work_orders(customer=partner.id) == []


BAD_BODIES = {
    "malformed": (b'{"model_id": ', 400),
    "not UTF-8": (b'{"reference": "\xff\xfe"}', 400),
    "empty": (b"", 400),
    "a list": (b"[]", 422),
    "a number": (b"7", 422),
    "nested without end": (b'{"reference": ' + b"[" * 20_000, 400),
}


@pytest.mark.parametrize("name", BAD_BODIES)
def test_a_body_that_is_no_order_is_refused(partner: Partner, name: str) -> None:
    """Malformed JSON is a problem of the client's, in words, and never the server's."""
    body, status = BAD_BODIES[name]
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}

    with pytest.raises(Refusal) as refusal:
        partner.door.send("POST", "/v1/orders", content=body, headers=headers)

    assert refusal.value.status == status
    assert refusal.value.problem["status"] == status
    assert list(partner.door.orders()) == []


BAD_KEYS: dict[str, dict[str, str]] = {
    "none": {},
    "empty": {"Idempotency-Key": ""},
    "129 characters": {"Idempotency-Key": "k" * 129},
    "with a space": {"Idempotency-Key": "two words"},
}


@pytest.mark.parametrize("name", BAD_KEYS)
def test_an_order_without_a_usable_key_is_refused(partner: Partner, name: str) -> None:
    """Without an idempotency key a retry could double the order, so none is taken."""
    body = partner.door.body_of(an_order())

    with pytest.raises(Refusal) as refusal:
        partner.door.json("POST", "/v1/orders", json=body, headers=BAD_KEYS[name])

    assert refusal.value.status == 422
    assert list(partner.door.orders()) == []


@pytest.mark.parametrize("path", ["", "/history", "/approve", "/cancel", "/confirm-receipt"])
@pytest.mark.parametrize(("order_id", "statuses"), [(UNKNOWN, {404}), ("K7F3-0192", {404, 422})])
def test_an_unknown_order_is_not_found(
    partner: Partner, path: str, order_id: str, statuses: set[int]
) -> None:
    """Whatever is asked of an order that does not exist, the answer says that it does not."""
    method = "GET" if path in ("", "/history") else "POST"

    with pytest.raises(Refusal) as refusal:
        partner.door.send(method, f"/v1/orders/{order_id}{path}")

    assert refusal.value.status in statuses
    assert refusal.value.problem


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "limit=many", "state=LOST", "cursor=%00nonsense"])
def test_a_bad_list_query_is_refused(partner: Partner, query: str) -> None:
    """A filter that means nothing is refused, not ignored."""
    with pytest.raises(Refusal) as refusal:
        partner.door.send("GET", f"/v1/orders?{query}")

    assert refusal.value.status == 422
