"""Every door takes what it needs and no more, however the sender counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from fixtures.cast import Personas
from fixtures.connection import Connection
from fixtures.doors import ApiAdminDoor, MesAdminDoor
from fixtures.evidence import Inconclusive
from fixtures.flow_doors import FlowAdminDoor
from fixtures.testbed.target import Admin, Target

CHUNK_BYTES = 50_000
UNKNOWN = "00000000-0000-4000-8000-000000000000"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=part"
FILE = b'--part\r\nContent-Disposition: form-data; name="model"; filename="m.stl"\r\n\r\n'


@dataclass(frozen=True)
class Door:
    """Where something can be sent, by whom, and more than it takes."""

    path: str
    media_type: str
    begin: bytes
    size_bytes: int
    sender: Callable[[Personas, Target], Connection]

    def body(self) -> Iterator[bytes]:
        """A body that is too large, bit by bit."""
        yield self.begin
        for _ in range(self.size_bytes // CHUNK_BYTES):
            yield b"x" * CHUNK_BYTES


def admin_of(target: Target) -> Admin:
    """The tokens of administrators."""
    if target.admin is None:
        raise Inconclusive("the target lends no administrator's token")
    return target.admin


def of_partner(personas: Personas, target: Target) -> Connection:
    """A partner."""
    return personas.partner().door


def of_shopper(personas: Personas, target: Target) -> Connection:
    """A shopper."""
    return personas.buyer().door


def of_operator(personas: Personas, target: Target) -> Connection:
    """An operator."""
    return personas.operator().door


def of_stranger(personas: Personas, target: Target) -> Connection:
    """Somebody without an account."""
    return personas.stranger(target.urls.shop)


def of_flow_admin(personas: Personas, target: Target) -> Connection:
    """The administrator of the order flow."""
    url, token = target.urls.flow, admin_of(target).flow_token
    return FlowAdminDoor(url, token) if url and token else pytest.skip("the target names no order flow")


DOORS = {
    "order": Door("/v1/orders", JSON, b'{"material": "', 100_000, of_partner),
    "model": Door("/v1/models", "model/stl", b"solid", 10_100_000, of_partner),
    "new partner": Door(
        "/admin/partners",
        JSON,
        b'{"name": "',
        100_000,
        lambda _, target: ApiAdminDoor(target.urls.api, admin_of(target).api_token),
    ),
    "new operator": Door(
        "/v1/operators",
        JSON,
        b'{"name": "',
        100_000,
        lambda _, target: MesAdminDoor(target.urls.mes, admin_of(target).mes_token),
    ),
    "new manager": Door("/v1/managers", JSON, b'{"name": "', 100_000, of_flow_admin),
    "signing in": Door("/sign-in", FORM, b"email=", 100_000, of_stranger),
    "signing up": Door("/sign-up", FORM, b"name=", 100_000, of_stranger),
    "uploading": Door("/orders/new", MULTIPART, FILE, 10_500_000, of_shopper),
    "preferences": Door("/notifications", FORM, b"by_mail=", 100_000, of_operator),
    "taking": Door("/orders/AAAA-0000/take", FORM, b"csrf_token=", 100_000, of_operator),
}


@pytest.mark.parametrize("counted", ["declared", "chunked"])
@pytest.mark.parametrize("name", DOORS)
def test_a_door_refuses_what_is_too_large(
    personas: Personas, target: Target, name: str, counted: str
) -> None:
    """413, whether the sender says the length before or sends chunk after chunk and says nothing."""
    door = DOORS[name]
    with door.sender(personas, target) as sender:
        content: Any = b"".join(door.body()) if counted == "declared" else door.body()
        headers = {"Content-Type": door.media_type, "Idempotency-Key": "too-large"}

        answer = sender.http.post(door.path, content=content, headers=headers)

    assert answer.status_code == 413
    assert ("content-length" in answer.request.headers) == (counted == "declared")


def test_a_body_where_none_is_due_changes_nothing(personas: Personas) -> None:
    """A command takes no body: one that is sent all the same is neither kept nor a reason to fail."""
    partner = personas.partner()
    chunks = (b"x" * CHUNK_BYTES for _ in range(20))

    answer = partner.door.http.post(f"/v1/orders/{UNKNOWN}/approve", content=chunks)

    assert answer.status_code in (404, 413)
