"""A partner gets the rate of its contract, not more, and is told where it stands."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import httpx
import pytest

from fixtures.another_api import AnotherApi
from fixtures.cast import Personas
from fixtures.doors import ApiAdminDoor
from fixtures.orders import an_order
from fixtures.personas import Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

QUOTA, WINDOW_S = 6, 600
SLOWLY = {"quota": QUOTA, "window_s": WINDOW_S}
"""A rate that gives one more call in 100 s: none while a scenario looks."""


def asked(partner: Partner, times: int) -> list[httpx.Response]:
    """Answers to as many calls."""
    return [partner.door.http.get("/v1/orders") for _ in range(times)]


def left_in(answer: httpx.Response) -> int:
    """The calls that an answer says are left."""
    told = re.fullmatch(r'"contract";r=(\d+);t=(\d+)', answer.headers["RateLimit"])
    assert told, answer.headers["RateLimit"]
    return int(told[1])


def test_calls_beyond_the_contracts_rate_are_refused(personas: Personas) -> None:
    """The quota is answered, the next call is refused with the time after which it may come again."""
    *within, beyond = asked(personas.partner(**SLOWLY), QUOTA + 1)

    assert [answer.status_code for answer in within] == [200] * QUOTA
    assert beyond.status_code == 429
    assert beyond.headers["Content-Type"] == "application/problem+json"
    assert beyond.json()["violated-policies"] == ["contract"]
    assert 50 <= int(beyond.headers["Retry-After"]) <= WINDOW_S / QUOTA


def test_every_answer_tells_the_rate_and_what_is_left_of_it(personas: Personas) -> None:
    """A partner's program can slow down before it is refused, whatever it was answered."""
    partner = personas.partner(**SLOWLY)
    paths = ("/v1/orders", "/v1/orders/x", "/v1/nothing", "/v1/orders?limit=0")

    answers = [partner.door.http.get(path) for path in paths]

    assert [answer.status_code for answer in answers] == [200, 422, 404, 422]
    assert {answer.headers["RateLimit-Policy"] for answer in answers} == {f'"contract";q=6;w={WINDOW_S}'}
    assert [left_in(answer) for answer in answers] == [5, 4, 3, 2]


def test_a_refused_order_is_not_placed_and_comes_through_later(personas: Personas) -> None:
    """What was refused did nothing; after the time that was told the same request is taken."""
    partner = personas.partner(quota=2, window_s=7)  # 3.5 s for a call: no whole seconds
    body = partner.door.body_of(an_order())
    order: dict[str, Any] = {"json": body, "headers": {"Idempotency-Key": "order-1"}}
    asked(partner, 2)
    refused = partner.door.http.post("/v1/orders", **order)

    within_s = int(refused.headers["Retry-After"])
    until(lambda: partner.door.http.post("/v1/orders", **order).is_success, within_s, what="it is taken")

    assert refused.status_code == 429
    until(
        lambda: len(partner.door.http.get("/v1/orders").json().get("items", [])) == 1, 15.0, what="one order"
    )


def test_one_partners_haste_is_not_anothers_limit(personas: Personas) -> None:
    """Each partner has a rate of its own."""
    hasty, calm = personas.partner(**SLOWLY), personas.partner(**SLOWLY)

    asked(hasty, QUOTA + 1)

    assert [answer.status_code for answer in asked(calm, QUOTA)] == [200] * QUOTA


@pytest.mark.parametrize(("quota", "at_least"), [(QUOTA, QUOTA), (60, 48)])
def test_processes_of_the_api_share_a_partners_rate(
    personas: Personas, another_api: AnotherApi, quota: int, at_least: int
) -> None:
    """However many processes answer, together they allow what the contract says.

    Of a larger quota each takes some calls at once; what it has not handed out within a second is lost.
    """
    partner = personas.partner(quota=quota, window_s=WINDOW_S * quota)
    with another_api.door(partner) as there:
        doors = [partner.door, there] * quota

        seen = Counter(door.http.get("/v1/orders").status_code for door in doors)

    assert seen.keys() == {200, 429}
    assert at_least <= seen[200] <= quota


def test_a_new_contract_holds_from_the_next_call_on(
    personas: Personas, target: Target, another_api: AnotherApi
) -> None:
    """An administrator who changes a contract need not wait, whichever process answers."""
    partner = personas.partner(quota=100, window_s=1)
    assert target.admin
    with another_api.door(partner) as there, ApiAdminDoor(target.urls.api, target.admin.api_token) as admin:
        there.send("GET", "/v1/orders")

        admin.change_contract(partner.id, quota=1, window_s=WINDOW_S)

        until(lambda: there.http.get("/v1/orders").status_code == 429, 4.0, what="the new contract holds")
    refused = partner.door.http.get("/v1/orders")
    assert refused.status_code == 429
    assert refused.headers["RateLimit-Policy"] == f'"contract";q=1;w={WINDOW_S}'
