"""Requests that never reach the database are refused as documented."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import httpx
import pytest
from pydantic import BaseModel, ValidationError

from sut.api.app import create
from sut.api.partner_shapes import KeyIn, WebhookIn
from sut.api.settings import ApiSettings

SETTINGS = ApiSettings(
    database_url="postgresql://nobody@127.0.0.1:1/none",
    broker_url="nats://127.0.0.1:1",
    listen_port=1,
    api_admin_token="a" * 32,
    api_audit_token="u" * 32,
    api_shop_key="s" * 32,
)
SHOP = {"X-API-Key": SETTINGS.api_shop_key}
ORDER = {"model_id": "00000000-0000-4000-8000-000000000000", "material": "PLA", "quantity": 1}

Ask: TypeAlias = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def ask() -> Ask:
    """Send one request to the application, which runs without a database."""
    app = create(SETTINGS)

    def send(method: str, path: str, **request: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.request(method, path, **request)

        return asyncio.run(sent())

    return send


def place(ask: Ask, headers: Mapping[str, str] | None = None, **body: Any) -> httpx.Response:
    """Try to place an order as the shop."""
    standard = {**SHOP, "Idempotency-Key": "key", "Content-Type": "application/json"}
    return ask("POST", "/v1/orders", headers={**standard, **(headers or {})}, **body)


def assert_problem(response: httpx.Response, status: int) -> None:
    """Check that a refusal is problem+json with this status."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["status"] == status


def test_unknown_address_is_a_problem(ask: Ask) -> None:
    """A 404 can be read by a program."""
    assert_problem(ask("GET", "/nothing"), 404)


@pytest.mark.parametrize(
    ("path", "allow"), [("/v1/orders", "GET, POST"), ("/v1/tariff", "GET"), ("/v1/models", "POST")]
)
def test_wrong_method_is_a_problem_that_names_every_right_one(ask: Ask, path: str, allow: str) -> None:
    """`Allow` is complete although different routes serve the methods."""
    response = ask("DELETE", path)

    assert_problem(response, 405)
    assert response.headers["allow"] == allow


@pytest.mark.parametrize("headers", [{}, {"X-API-Key": ""}])
def test_missing_key_is_refused(ask: Ask, headers: dict[str, str]) -> None:
    """Nothing but the tariff is open to strangers."""
    response = ask("GET", "/v1/orders", headers=headers)

    assert_problem(response, 401)
    assert response.headers["www-authenticate"] == "ApiKey"


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 60_000, '{"quantity": 1}'.encode("utf-16")])
def test_undecodable_body_is_refused(ask: Ask, content: bytes) -> None:
    """A body that is no JSON is 400, not a wrong field."""
    assert_problem(place(ask, content=content), 400)


def test_body_beyond_the_limit_is_refused(ask: Ask) -> None:
    """An order takes some hundred bytes."""
    assert_problem(place(ask, content=b" " * 64_001), 413)


def test_body_that_announces_too_much_is_refused_before_it_comes(ask: Ask) -> None:
    """The announcement alone is enough."""
    assert_problem(place(ask, headers={"Content-Length": "999999999"}, content=b"{}"), 413)


def test_body_of_another_type_is_refused(ask: Ask) -> None:
    """Only JSON is an order, only STL is a model."""
    assert_problem(place(ask, headers={"Content-Type": "text/plain"}, content=b"{}"), 415)
    assert_problem(ask("POST", "/v1/models", headers=SHOP, content=b"solid"), 415)


@pytest.mark.parametrize(
    "wrong",
    [
        {"quantity": 0},
        {"quantity": 10_001},
        {"quantity": 10**400},
        {"quantity": 1.5},
        {"quantity": True},
        {"quantity": "1"},
        {"quantity": None},
        {"material": "GOLD"},
        {"model_id": "1"},
        {"reference": "x" * 65},
        {"reference": "a\0b"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_wrong_field_is_refused_by_name(ask: Ask, wrong: dict[str, Any]) -> None:
    """The answer names the field and does not repeat what was sent."""
    response = place(ask, json=ORDER | wrong)

    assert_problem(response, 422)
    assert [fault["field"] for fault in response.json()["errors"]] == list(wrong)


def test_whole_number_with_a_point_is_a_number(ask: Ask) -> None:
    """JSON Schema takes 14.0 for an integer, and so do we: it gets as far as the missing database."""
    assert_problem(place(ask, json=ORDER | {"quantity": 14.0}), 503)


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=x", "limit=1&limit=2", "state=NOPE", "cursor=zz", "colour=red"],
)
def test_wrong_query_is_refused(ask: Ask, query: str) -> None:
    """Unknown, repeated and impossible parameters are told, not ignored."""
    assert_problem(ask("GET", f"/v1/orders?{query}", headers=SHOP), 422)


@pytest.mark.parametrize("key", ["a b", "k" * 129, "\x7f"])
def test_unusable_idempotency_key_is_refused(ask: Ask, key: str) -> None:
    """A key is 1 to 128 visible characters."""
    assert_problem(place(ask, headers={"Idempotency-Key": key}, json=ORDER), 422)


def test_missing_database_is_told_with_a_time_to_retry(ask: Ask) -> None:
    """An outage is no fault of the caller."""
    response = ask("GET", "/v1/orders", headers=SHOP)

    assert_problem(response, 503)
    assert int(response.headers["retry-after"]) > 0


def test_missing_store_of_models_is_told_with_a_time_to_retry(ask: Ask) -> None:
    """A good model cannot be kept while the broker is away."""
    corners = [(0, 0, 0), (0, 1, 0), (1, 0, 0), (0, 0, 1)]
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*corners[i]) for i in face)
        + "endloop\nendfacet\n"
        for face in [(0, 1, 2), (0, 2, 3), (0, 3, 1), (2, 1, 3)]
    )
    content = f"solid x\n{facets}endsolid x\n".encode()

    response = ask("POST", "/v1/models", headers={**SHOP, "Content-Type": "model/stl"}, content=content)

    assert_problem(response, 503)
    assert int(response.headers["retry-after"]) > 0


def test_wrong_admin_token_is_refused(ask: Ask) -> None:
    """Only administrators add partners."""
    assert_problem(ask("POST", "/admin/partners", headers={"X-Admin-Token": "no"}, json={"name": "x"}), 401)


@pytest.mark.parametrize("query", ["after=x", "limit=0", "limit=1001", "order_ids=x", "order_ids=", "x=1"])
def test_audit_refuses_a_query_that_it_cannot_read(ask: Ask, query: str) -> None:
    """An auditor's mistake is told field by field."""
    headers = {"Authorization": f"Bearer {SETTINGS.api_audit_token}"}

    answer = ask("GET", f"/audit/orders?{query}", headers=headers)

    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_audit_takes_a_bounded_number_of_ids(ask: Ask) -> None:
    """More ids than an auditor needs at once are refused."""
    headers = {"Authorization": f"Bearer {SETTINGS.api_audit_token}"}
    many = ",".join(["00000000-0000-4000-8000-000000000000"] * 101)

    assert ask("GET", f"/audit/orders?order_ids={many}", headers=headers).status_code == 422


@pytest.mark.parametrize("header", ["", "Bearer x", f"Bearer {SETTINGS.api_admin_token}"])
def test_audit_is_for_auditors_alone(ask: Ask, header: str) -> None:
    """Neither a stranger nor the administrator's token reads every order, whatever else is wrong."""
    assert ask("GET", "/audit/orders?limit=0", headers={"Authorization": header}).status_code == 401


@pytest.mark.parametrize(
    "wrong",
    [
        {"quota": 0},
        {"quota": 1.5},
        {"window_s": 0},
        {"window_s": 86_401},
        {"latency_ms": 0},
        {"latency_share": 1},
        {"availability_share": 0},
        {"availability_share": "most"},
        {"surprise": 1},
    ],
    ids=str,
)
def test_impossible_contract_is_refused(ask: Ask, wrong: dict[str, Any]) -> None:
    """A promise of everything leaves no budget, and a rate of nothing no calls."""
    admin = {"X-Admin-Token": SETTINGS.api_admin_token}
    path = "/admin/partners/00000000-0000-4000-8000-000000000000/contract"

    assert_problem(ask("PUT", path, headers=admin, json=wrong), 422)
    assert_problem(ask("POST", "/admin/partners", headers=admin, json={"name": "x", "contract": wrong}), 422)


def test_contracts_are_changed_by_administrators_alone(ask: Ask) -> None:
    """A partner cannot allow itself more."""
    path = "/admin/partners/00000000-0000-4000-8000-000000000000/contract"

    assert_problem(ask("PUT", path, headers=SHOP, json={}), 401)


def test_the_shop_has_no_contract(ask: Ask) -> None:
    """It is no partner; nobody limits it."""
    answer = ask("GET", "/v1/sla", headers=SHOP)

    assert_problem(answer, 403)
    assert "ratelimit" not in answer.headers


@pytest.mark.parametrize("header", ["", f"Bearer {SETTINGS.api_admin_token}"])
def test_every_partners_service_level_is_for_auditors_alone(ask: Ask, header: str) -> None:
    """Partners' figures are not for each other."""
    assert_problem(ask("GET", "/audit/sla", headers={"Authorization": header}), 401)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/webhooks", {"url": "https://partner.example/"}),
        ("/v1/keys", {"grace_s": 60}),
    ],
)
def test_the_shop_has_neither_webhooks_nor_keys_of_its_own(ask: Ask, path: str, body: dict[str, Any]) -> None:
    """Its one key is a setting, and its customers look at pages."""
    assert_problem(ask("POST", path, headers=SHOP, json=body), 403)


@pytest.mark.parametrize("kind", [KeyIn, WebhookIn])
@pytest.mark.parametrize(
    "wrong",
    [
        {"grace_s": -1, "url": ""},
        {"grace_s": 604_801, "url": "x" * 2001},
        {"grace_s": "60", "url": 1},
        {"grace_s": None, "url": None},
        {"surprise": 1},
    ],
    ids=str,
)
def test_wrong_fields_of_keys_and_webhooks_are_refused(kind: type[BaseModel], wrong: dict[str, Any]) -> None:
    """Bounds hold before anything is looked up."""
    with pytest.raises(ValidationError):
        kind.model_validate(
            {name: value for name, value in wrong.items() if name in {*kind.model_fields, "surprise"}}
        )
