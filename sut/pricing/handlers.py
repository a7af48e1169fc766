"""What `pricing` does when the MES asks for a price."""

from __future__ import annotations

from typing import Any

from sut import events, outbox
from sut.database import Connection
from sut.events import Event, PoisonMessage
from sut.inbox import Handler
from sut.model_files import ModelFiles
from sut.pricing.quoting import price
from sut.tariff import QUANTITY_MAX, QUANTITY_MIN, TARIFF, Unprintable

_KEEP = """
    INSERT INTO quotes (order_id, model_id, material, quantity, analysis, price, rejection, quoted_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING RETURNING order_id
"""


def handlers(files: ModelFiles) -> dict[str, Handler]:
    """Return the handlers; `files` holds the models."""

    async def pricing_requested(connection: Connection, event: Event) -> None:
        _check(event)
        told, kept = await _answer(files, event)
        is_new = await connection.fetchval(
            _KEEP,
            event.order_id,
            event.data["model_id"],
            event.data["material"],
            event.data["quantity"],
            kept.get("analysis"),
            kept.get("price"),
            kept.get("rejection"),
            told.occurred_at,
        )
        if is_new:  # an order has one quote, however often it is asked for
            await outbox.put(connection, told)

    return {"mes.pricing-requested": pricing_requested}


def _check(event: Event) -> None:
    material, quantity = event.data["material"], event.data["quantity"]
    if material not in TARIFF:
        raise PoisonMessage(f"there is no material {material!r}")
    if not QUANTITY_MIN <= quantity <= QUANTITY_MAX:
        raise PoisonMessage(f"quantity {quantity} is out of range")


async def _answer(files: ModelFiles, event: Event) -> tuple[Event, dict[str, Any]]:
    """Return the event that answers a request, and what is kept of it."""
    content = await files.get(event.data["model_id"])
    try:
        priced = await price(content, event.data["material"], event.data["quantity"])
    except Unprintable as why:
        rejection = {"code": why.code, "detail": why.detail}
        told = events.new("pricing.unprintable", event.order_id, event.order_number, **rejection)
        return told, {"rejection": rejection}
    kept = {"price": priced.price, "analysis": priced.analysis}
    return events.new("pricing.quoted", event.order_id, event.order_number, **kept), kept
