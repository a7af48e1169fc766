"""What `api` answers, as far as the shop reads it; whatever is added to its answers later does no harm."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from sut.states import TERMINAL, State


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Model(_Answer):
    """An uploaded 3D model."""

    id: UUID
    filename: str
    size_bytes: int
    triangles: int
    bounding_box_mm: list[float]


class Price(_Answer):
    """What an order costs."""

    unit: Decimal
    total: Decimal
    discount_share: Decimal
    setup: Decimal
    currency: str


class Rejection(_Answer):
    """Why an order cannot be made."""

    code: str
    detail: str


class Attention(_Answer):
    """Why an order does not go on by itself."""

    code: str
    detail: str


class Order(_Answer):
    """An order as it is now."""

    id: UUID
    number: str
    state: State
    material: str
    quantity: int
    price: Price | None
    rejection: Rejection | None
    attention: Attention | None = None
    cancellation_requested: bool
    created_at: datetime
    updated_at: datetime

    @property
    def final(self) -> bool:
        """Whether nothing can happen to it any more."""
        return self.state in TERMINAL


class Happening(_Answer):
    """One thing that happened to an order."""

    type: str
    state: State
    occurred_at: datetime
    actor: str


class History(_Answer):
    """Everything that happened to an order, oldest first."""

    items: list[Happening]


class Material(_Answer):
    """One row of the tariff."""

    code: str
    name: str
    rate_per_cm3: Decimal
    rate_per_cm2: Decimal
    rate_per_layer: Decimal
    rate_per_support_cm2: Decimal
    layer_height_mm: Decimal
    build_box_mm: list[Decimal]


class Discount(_Answer):
    """The share taken off from a quantity on."""

    from_quantity: int
    share: Decimal


class Tariff(_Answer):
    """The whole price table."""

    currency: str
    setup: Decimal
    minimum_total: Decimal
    materials: list[Material]
    discounts: list[Discount]
