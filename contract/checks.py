"""Our own checks of every response that Schemathesis gets: what no schema can say.

Each is registered with Schemathesis and runs beside its own. Where it is violated it raises an AssertionError
that says what was expected and what was seen.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import schemathesis
from schemathesis import Case, CheckContext, Response

from contract.known import MODELS
from contract.probes import PROBES
from contract.stock import two_partners
from contract.under_test import needed_target

PROBLEM = "application/problem+json"
LEAKS = ("Traceback (most recent", 'File "', "asyncpg", "sqlstate", "site-packages")
PROGRAMS = ("uvicorn", "python", "starlette", "fastapi")
ENDINGS = ("approveOrder", "cancelOrder", "confirmReceipt")
TIMES = re.compile(r"(.+_)?at|as_of|since")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@schemathesis.check
def refusals_are_problems(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every refusal is problem+json (RFC 9457), repeats its status, and says how to go on where HTTP asks."""
    status = response.status_code
    if status < 400 or case.method.upper() == "HEAD":
        return
    media_type = _header(response, "content-type").partition(";")[0]
    assert media_type == PROBLEM, f"a {status} must be {PROBLEM}, seen {media_type or 'none'}"
    problem = _json(response)
    missing = [name for name in ("type", "title", "status") if name not in problem]
    assert not missing, f"a problem must have {', '.join(missing)}, seen {problem}"
    assert problem["status"] == status, f"the problem says {problem['status']}, the response {status}"
    for refused, header in ((401, "www-authenticate"), (405, "allow")):
        assert status != refused or _header(response, header), f"a {status} must have the header {header}"


@schemathesis.check
def nothing_leaks(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """No response tells of the program behind it: no stack trace, no program's name."""
    text = response.content.decode("utf-8", "replace")
    for leak in LEAKS:
        assert leak not in text, f"the body tells of the program behind it: {leak!r} in {text[:300]!r}"
    for header in ("server", "x-powered-by"):
        told = _header(response, header).lower()
        assert not any(name in told for name in PROGRAMS), f"the header {header} names the program: {told!r}"


@schemathesis.check
def prices_equal_the_oracles(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every price shown equals the one that the oracle computes from the released tariff."""
    for order in _orders(response):
        due, price = MODELS.price_of(order), order["price"]
        if due is None or price is None:
            continue
        seen = {name: price.get(name) for name in ("unit", "total", "setup", "currency")}
        expected = {name: str(getattr(due, name)) for name in seen}
        told = f"order {order['number']} of {order['quantity']} in {order['material']}"
        assert seen == expected, f"{told}: expected {expected}, seen {seen}"


@schemathesis.check
def times_are_in_order_as_texts(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Every time is written in UTC to the millisecond, as in events: who sorts the texts sorts the times."""
    if response.status_code >= 300 or response.status_code == 204:
        return
    odd = [f"{name}: {text}" for name, text in _times(_json(response)) if not TIME.fullmatch(text)]
    assert not odd, f"expected times such as 2026-11-22T16:04:05.007Z, seen {', '.join(odd[:5])}"


@schemathesis.check
def creation_is_idempotent(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """The same creation sent again is answered with the same order, and marked as replayed."""
    if not _created(case, response, "createOrder"):
        return
    again = PROBES.again("creation", response.request)
    if again is None:
        return
    told = "the same Idempotency-Key and body again"
    assert again.status_code == 201, f"{told}: expected 201, seen {again.status_code}"
    first, second = _json(response)["id"], again.json()["id"]
    assert first == second, f"{told}: expected order {first}, seen another order {second}"
    replayed = again.headers.get("Idempotent-Replayed")
    assert replayed == "true", f"{told}: expected Idempotent-Replayed: true, seen {replayed}"


@schemathesis.check
def ended_orders_stay_ended(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """What was approved, cancelled or confirmed is refused with 409 and its state when it is sent again."""
    operation_id = _operation_id(case)
    if operation_id not in ENDINGS or response.status_code != 200:
        return
    again = PROBES.again(operation_id, response.request)
    if again is None:
        return
    assert again.status_code == 409, f"{operation_id} again: expected 409, seen {again.status_code}"
    state, told = _json(response)["state"], again.json().get("state")
    assert told == state, f"{operation_id} again: expected a refusal with state {state}, seen {told}"


@schemathesis.check
def location_resolves(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Where Location says, its creator finds what was created."""
    if not _created(case, response, "createOrder"):
        return
    location = _header(response, "location")
    assert location, "a created order must be located by the header Location"
    found = PROBES.read("location", response.request, location)
    if found is not None:
        assert found.status_code == 200, f"Location {location}: expected 200, seen {found.status_code}"
        assert found.json()["id"] == _json(response)["id"], f"Location {location} leads to another order"


@schemathesis.check
def created_things_are_private(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """Another partner who knows the address of an order, model or webhook is told that there is nothing."""
    made = (("createOrder", "orders"), ("createModel", "models"), ("createWebhook", "webhooks"))
    for operation_id, folder in made:
        if not _created(case, response, operation_id):
            continue
        path = f"/v1/{folder}/{_json(response)['id']}"
        key = two_partners(needed_target())[1].http.headers["X-API-Key"]
        seen = PROBES.read(f"private {folder}", response.request, path, key)
        if seen is not None:
            assert seen.status_code == 404, (
                f"{path} to another partner: expected 404, seen {seen.status_code}"
            )


@schemathesis.check
def uploads_are_described_truly(ctx: CheckContext, response: Response, case: Case[Any]) -> None:
    """A stored model is described by the file that was sent: size, triangles and sides."""
    body = response.request.body
    if not _created(case, response, "createModel") or not isinstance(body, bytes):
        return
    stored, sent = _json(response), MODELS.sent_as(body)
    assert stored["size_bytes"] == len(body), f"expected size_bytes {len(body)}, seen {stored['size_bytes']}"
    if sent is None:
        return
    MODELS.stored(stored["id"], sent)
    assert stored["triangles"] == sent.triangle_count, (
        f"{sent.filename}: expected {sent.triangle_count} triangles, seen {stored['triangles']}"
    )
    sides = [float(side) for side in sent.figures.size_mm]
    off_mm = max(abs(a - b) for a, b in zip(sides, stored["bounding_box_mm"], strict=True))
    assert off_mm < 0.001, f"{sent.filename}: expected sides {sides}, seen {stored['bounding_box_mm']}"


def _orders(response: Response) -> list[dict[str, Any]]:
    if response.status_code >= 300 or response.status_code == 204:
        return []
    body = _json(response)
    listed = body.get("items", [body]) if isinstance(body, dict) else []
    return [item for item in listed if {"model_id", "number", "price", "quantity"} <= item.keys()]


def _times(value: Any) -> Iterator[tuple[str, str]]:
    """Yield every time in a body with its field's name."""
    for each in value if isinstance(value, list) else ():
        yield from _times(each)
    for name, each in value.items() if isinstance(value, dict) else ():
        if TIMES.fullmatch(name) and isinstance(each, str):
            yield name, each
        yield from _times(each)


def _created(case: Case[Any], response: Response, operation_id: str) -> bool:
    return response.status_code == 201 and _operation_id(case) == operation_id


def _operation_id(case: Case[Any]) -> str:
    return str(case.operation.definition.raw.get("operationId"))


def _header(response: Response, name: str) -> str:
    return " ".join(response.headers.get(name, []))


def _json(response: Response) -> Any:
    try:
        return json.loads(response.content)
    except ValueError:
        raise AssertionError(
            f"expected JSON with a {response.status_code}, seen {response.content[:200]!r}"
        ) from None
