"""Rows as the JSON that callers see, and list positions as the cursors they send back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sut.events import timestamp
from sut.states import State

CURSOR_PATTERN = "^([0-9a-f]{48})?$"
NEWEST = (datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1))

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_MICROSECOND = (NEWEST[0] - _EPOCH) // timedelta(microseconds=1)


def order(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show an order."""
    return {
        "id": str(row["id"]),
        "number": row["number"],
        "state": row["state"],
        "channel": row["channel"],
        "customer": row["customer"],
        "reference": row["reference"],
        "model_id": str(row["model_id"]),
        "material": row["material"],
        "quantity": row["quantity"],
        "price": row["price"],
        "rejection": row["rejection"],
        "attention": row["attention"],
        "cancellation_requested": row["cancellation_requested"],
        "created_at": timestamp(row["created_at"]),
        "updated_at": timestamp(row["updated_at"]),
    }


def order_as_placed(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show an order as it was answered when it was placed, whatever happened to it since."""
    return order(
        {
            **row,
            "state": State.SUBMITTED,
            "price": None,
            "rejection": None,
            "attention": None,
            "cancellation_requested": False,
            "updated_at": row["created_at"],
        }
    )


def model(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show a model."""
    return {
        "id": str(row["id"]),
        "filename": row["filename"],
        "sha256": row["sha256"],
        "size_bytes": row["size_bytes"],
        "triangles": row["triangles"],
        "bounding_box_mm": list(row["bounding_box_mm"]),
        "created_at": timestamp(row["created_at"]),
    }


def history_item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Show one thing that happened to an order."""
    return {
        "type": row["type"],
        "state": row["state"],
        "occurred_at": timestamp(row["occurred_at"]),
        "actor": row["actor"],
    }


def cursor(row: Mapping[str, Any]) -> str:
    """Write the position of an order in its list."""
    microseconds = (row["created_at"] - _EPOCH) // timedelta(microseconds=1)
    return f"{microseconds:016x}{row['id'].hex}"


def position(text: str | None) -> tuple[datetime, UUID]:
    """Read a position; every well-formed cursor is one, and an empty one is the newest."""
    if not text:
        return NEWEST
    microseconds = min(int(text[:16], 16), _LAST_MICROSECOND)
    return _EPOCH + timedelta(microseconds=microseconds), UUID(text[16:])
