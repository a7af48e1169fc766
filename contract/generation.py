"""What is generated where a schema cannot say enough: real STL files, and ids of things that exist."""

from collections.abc import Mapping
from typing import Any
from zlib import crc32

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, HookContext

from contract.known import MODELS
from contract.stock import NOBODY_LISTENS, Stock, stock, two_partners
from contract.under_test import needed_target
from fixtures.models import Model, box, bracket, tee, tetrahedron

STL_MEDIA_TYPES = ("model/stl", "application/octet-stream")
KEY_HEADER = "X-API-Key"
KEY_TO_COME = "the key of the contract's partner"
"""Stands for the key in requests that are generated before any is sent, while tests are collected."""
GRACE_S = 86_400
SIDES_MM = st.integers(min_value=1, max_value=80)


def small_models() -> st.SearchStrategy[Model]:
    """Generate models of a few kinds and many sizes, binary and ASCII, all printable."""
    kinds = (
        st.builds(box, SIDES_MM, SIDES_MM, SIDES_MM),
        st.builds(bracket, st.integers(min_value=10, max_value=90)),
        st.builds(tee, st.integers(min_value=20, max_value=90)),
        st.builds(tetrahedron, st.integers(min_value=2, max_value=20).map(lambda thirds: 3 * thirds)),
    )
    return st.one_of(kinds).map(MODELS.remember)


def register_stl() -> None:
    """Teach Schemathesis to fill bodies of models; without it every upload is a picture or noise."""
    content = small_models().map(lambda model: model.content)
    schemathesis.openapi.media_type(STL_MEDIA_TYPES[0], content, aliases=STL_MEDIA_TYPES[1:])


def point_at_real_things() -> None:
    """Make valid requests speak of models and orders that exist, as those of real callers do.

    Requests that are meant to be wrong stay as generated, and so do ids that came over a link.
    """

    def before_call(context: HookContext, case: Case[Any], kwargs: Mapping[str, Any]) -> None:
        if case.headers.get(KEY_HEADER) == KEY_TO_COME:
            case.headers[KEY_HEADER] = two_partners(needed_target())[0].http.headers[KEY_HEADER]
        positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
        if positive and _speaks_of_things(case):
            _point(case, stock(needed_target()))

    def after_call(context: HookContext, case: Case[Any], response: schemathesis.Response) -> None:
        if response.status_code == 201 and case.operation.definition.raw.get("operationId") == "createOrder":
            stock(needed_target()).met(str(response.json()["id"]))

    schemathesis.hook("before_call")(before_call)
    schemathesis.hook("after_call")(after_call)


def _speaks_of_things(case: Case[Any]) -> bool:
    """Tell whether a request names anything that a partner may have; the stock is made for the first such."""
    named = isinstance(case.body, dict) or bool(case.path_parameters)
    return named or "cursor" in (case.query or {}) or "Idempotency-Key" in case.headers


def _point(case: Case[Any], held: Stock) -> None:
    operation_id = str(case.operation.definition.raw.get("operationId"))
    if isinstance(case.body, dict):
        _point_body(case.body, operation_id, held)
    path = case.path_parameters or {}
    if "webhook_id" in path and not held.has_webhook(path["webhook_id"]):
        path["webhook_id"] = held.webhook()
    if "key_id" in path:
        path["key_id"] = held.spare_key()
    if "model_id" in path and not MODELS.holds(path["model_id"]):
        path["model_id"] = held.model_ids[0]
    if "order_id" in path and not held.holds(path["order_id"]):
        path["order_id"] = held.order_for(operation_id)
    # Half of the cursors stay as generated: whatever the document calls a cursor must be answered.
    if (
        operation_id == "listOrders"
        and "cursor" in (case.query or {})
        and crc32(str(case.query["cursor"]).encode()) % 2
    ):
        case.query["cursor"] = held.cursor
    if "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = held.unused_key(str(case.headers["Idempotency-Key"]))


def _half_of(generated: object) -> bool:
    return crc32(str(generated).encode()) % 2 == 1


def _point_body(body: dict[str, Any], operation_id: str, held: Stock) -> None:
    if operation_id == "createOrder" and not MODELS.holds(body.get("model_id")):
        body["model_id"] = held.model_ids[0]
    elif operation_id == "createWebhook":
        held.make_room_for_a_webhook()
        body["url"] = NOBODY_LISTENS
    elif operation_id == "createKey":
        body["grace_s"] = GRACE_S  # a shorter one would end the key of the requests to come
