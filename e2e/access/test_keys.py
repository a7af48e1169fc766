"""Doors for programs open to the right key alone."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from contract.documents import Operation, operations, released
from fixtures.connection import Connection
from fixtures.doors import ApiAdminDoor, MesAdminDoor, MesAuditDoor, Refusal
from fixtures.personas import Partner
from fixtures.testbed.target import Target

UNKNOWN = "00000000-0000-4000-8000-000000000000"
OPERATIONS = list(operations(released()))
PRIVATE = [operation for operation in OPERATIONS if operation.security]
PUBLIC = [operation for operation in OPERATIONS if not operation.security]
WRONG_KEYS: dict[str, Mapping[str, str]] = {
    "none": {},
    "empty": {"X-API-Key": ""},
    "unknown": {"X-API-Key": "k" * 43},
    "as a bearer": {"Authorization": f"Bearer {'k' * 43}"},
}


def path_of(operation: Operation) -> str:
    """The operation's path with an id that nobody has."""
    return "/".join(UNKNOWN if part.startswith("{") else part for part in operation.path.split("/"))


@pytest.mark.parametrize("key", WRONG_KEYS)
def test_every_operation_of_the_contract_asks_for_a_key(target: Target, key: str) -> None:
    """Without a valid key nothing is answered but 401, whatever else the request holds."""
    with Connection(target.urls.api, headers=WRONG_KEYS[key]) as stranger:
        answers = {
            operation.label: stranger.http.request(operation.method.upper(), path_of(operation))
            for operation in PRIVATE
        }

    open_to_all = {label: a.status_code for label, a in answers.items() if a.status_code != 401}
    assert open_to_all == {}
    assert {answer.json()["status"] for answer in answers.values()} == {401}


@pytest.mark.parametrize("operation", PUBLIC, ids=lambda operation: operation.label)
def test_a_public_operation_needs_no_key(target: Target, operation: Operation) -> None:
    """What the contract calls public is public."""
    with Connection(target.urls.api) as stranger:
        assert stranger.send(operation.method.upper(), path_of(operation)).status_code == 200


def test_the_contract_says_what_is_public() -> None:
    """Only the tariff is for everybody: a further public operation is a decision, not an accident."""
    assert [operation.operation_id for operation in PUBLIC] == ["getTariff"]


@pytest.mark.parametrize("token", ["wrong", "t" * 64])
def test_partners_are_made_by_administrators_alone(target: Target, token: str) -> None:
    """A stranger cannot make a key."""
    with ApiAdminDoor(target.urls.api, token) as door, pytest.raises(Refusal) as refusal:
        door.create_partner("Mallory Ltd")

    assert refusal.value.status == 401


def test_a_partners_key_opens_no_administration(target: Target, partner: Partner) -> None:
    """A partner cannot make another key."""
    with pytest.raises(Refusal) as refusal:
        partner.door.send("POST", "/admin/partners", json={"name": "Mallory Ltd"})

    assert refusal.value.status == 401


@pytest.mark.parametrize("token", ["wrong", "t" * 64])
def test_work_orders_are_listed_to_auditors_alone(target: Target, token: str) -> None:
    """The whole factory's orders are not for everybody."""
    with MesAuditDoor(target.urls.mes, token) as door, pytest.raises(Refusal) as refusal:
        door.work_orders(customer="anybody")

    assert refusal.value.status == 401


def test_an_auditor_makes_no_operators(target: Target) -> None:
    """The audit's token reads; it does not administer."""
    with MesAdminDoor(target.urls.mes, target.audit.mes_token) as door, pytest.raises(Refusal) as refusal:
        door.create_operator("mallory@example.com", "Mallory", "long enough")

    assert refusal.value.status in (401, 403)
