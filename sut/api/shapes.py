"""The shapes of what `api` takes and gives, as its OpenAPI document shows them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from sut.api.shown import CURSOR_PATTERN
from sut.states import State
from sut.tariff import QUANTITY_MAX, QUANTITY_MIN, TARIFF

# Control characters have no place in one line of text, and PostgreSQL cannot keep NUL at all.
ONE_LINE = r"^[^\x00-\x1f\x7f]*$"
SECRET_FREE = ConfigDict(extra="forbid", hide_input_in_errors=True)

MaterialCode = StrEnum("MaterialCode", {code: code for code in TARIFF})  # type: ignore[misc]  # from the table
Cursor = Annotated[str, StringConstraints(pattern=CURSOR_PATTERN)]
Money = Annotated[str, StringConstraints(pattern=r"^\d+\.\d\d$")]
Share = Annotated[str, StringConstraints(pattern=r"^0(\.\d+)?$")]


def _whole(value: Any) -> Any:
    """Take 14.0 for 14, as JSON Schema does; anything else is left to the strict check."""
    return int(value) if type(value) is float and value.is_integer() else value


Quantity = Annotated[int, Field(strict=True, ge=QUANTITY_MIN, le=QUANTITY_MAX), BeforeValidator(_whole)]


class OrderIn(BaseModel):
    """An order as a partner places it."""

    model_config = SECRET_FREE

    model_id: UUID
    material: MaterialCode
    quantity: Quantity
    reference: Annotated[str, StringConstraints(max_length=64, pattern=ONE_LINE)] | None = Field(
        None, description="Your own name for this order."
    )


class ShopOrderIn(OrderIn):
    """An order as the shop places it, for one of its customers."""

    customer: Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ONE_LINE)] | None = None


class Model(BaseModel):
    """An uploaded 3D model that can be ordered."""

    id: UUID
    filename: str
    sha256: Annotated[str, StringConstraints(pattern="^[0-9a-f]{64}$")]
    size_bytes: int
    triangles: int
    bounding_box_mm: Annotated[list[float], Field(min_length=3, max_length=3, description="x, y, z")]
    created_at: datetime


class Price(BaseModel):
    """What an order costs; amounts are decimal text in `currency`."""

    unit: Money
    total: Money
    discount_share: Share
    setup: Money
    currency: Literal["EUR"]


class Rejection(BaseModel):
    """Why an order cannot be made."""

    code: str
    detail: str


class Attention(BaseModel):
    """Why an order does not go on by itself; it is lifted as soon as it does."""

    code: str
    detail: str


class Order(BaseModel):
    """An order as it is now."""

    id: UUID
    number: Annotated[str, StringConstraints(pattern="^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$")]
    state: State
    channel: Literal["shop", "partner"]
    customer: str
    reference: str | None
    model_id: UUID
    material: MaterialCode
    quantity: int
    price: Price | None
    rejection: Rejection | None
    attention: Attention | None
    cancellation_requested: bool
    created_at: datetime
    updated_at: datetime


class OrderPage(BaseModel):
    """Some orders, newest first, and where the next page begins."""

    items: list[Order]
    next_cursor: str | None


class HistoryItem(BaseModel):
    """One thing that happened to an order."""

    type: str
    state: State
    occurred_at: datetime
    actor: str


class History(BaseModel):
    """Everything that happened to an order, oldest first."""

    items: list[HistoryItem]


class TariffMaterial(BaseModel):
    """What one material costs; rates are decimal text in the tariff's currency."""

    code: MaterialCode
    name: str
    rate_per_cm3: str
    rate_per_cm2: str
    rate_per_layer: str
    rate_per_support_cm2: str
    layer_height_mm: str
    build_box_mm: Annotated[list[str], Field(min_length=3, max_length=3)]


class Discount(BaseModel):
    """The share taken off from a quantity on."""

    from_quantity: int
    share: Share


class Tariff(BaseModel):
    """The whole price table."""

    currency: str
    setup: Money
    minimum_total: Money
    materials: list[TariffMaterial]
    discounts: list[Discount]
