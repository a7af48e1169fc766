"""The shapes of what `api` tells partners of themselves: contract, service level, keys, webhooks."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from sut.api.contracts import Contract
from sut.api.shapes import ONE_LINE, SECRET_FREE

DeliveryCursor = Annotated[str, StringConstraints(pattern="^([0-9]{1,18})?$")]


class ContractIn(BaseModel):
    """A contract to be given; what is left out is as usual."""

    model_config = SECRET_FREE

    quota: Annotated[int, Field(strict=True, ge=1, le=1_000_000)] = Contract.quota
    window_s: Annotated[int, Field(strict=True, ge=1, le=86_400)] = Contract.window_s
    latency_ms: Annotated[int, Field(strict=True, ge=1, le=60_000)] = Contract.latency_ms
    latency_share: Annotated[float, Field(gt=0, lt=1)] = Contract.latency_share
    availability_share: Annotated[float, Field(gt=0, lt=1)] = Contract.availability_share

    def made(self) -> Contract:
        """Return the contract."""
        return Contract(**self.model_dump())


class KeyIn(BaseModel):
    """How a new key is to replace the others."""

    model_config = SECRET_FREE

    grace_s: Annotated[
        int, Field(strict=True, ge=0, le=604_800, description="For how long the other keys stay valid.")
    ] = 86_400


class WebhookIn(BaseModel):
    """Where webhooks are to go."""

    model_config = SECRET_FREE

    url: Annotated[
        str,
        StringConstraints(min_length=1, max_length=2000),
        Field(description="An https address that everybody can reach.", json_schema_extra={"format": "uri"}),
    ]


class PartnerIn(BaseModel):
    """A partner to be added."""

    model_config = SECRET_FREE

    name: Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=ONE_LINE)]
    contract: ContractIn = ContractIn()


class ContractShown(BaseModel):
    """What you may ask for, and what you were promised."""

    quota: int = Field(description="Calls that your bucket holds; it is filled evenly within `window_s`.")
    window_s: int
    latency_ms: int = Field(description="The time that `latency_share` of the answered calls take at most.")
    latency_share: float
    availability_share: float = Field(description="The share of calls that do not fail by our fault.")


class Budget(BaseModel):
    """How many calls may fall short of the contract, and how many did."""

    allowed_calls: float
    spent_calls: int
    left_share: float | None = Field(
        description="What is left; below 0 it is overspent, null if it was nothing."
    )
    kept: bool


class SlaWindow(BaseModel):
    """How well the contract was kept in one rolling window."""

    window: Literal["5m", "1h", "30d"]
    since: datetime
    calls: int = Field(description="Calls within the contract's rate.")
    failed: int = Field(description="Of these, those that we failed: 5xx or no answer.")
    slow: int = Field(description="Of those answered, those slower than the contract's `latency_ms` of then.")
    limited: int = Field(description="Calls beyond the rate (429); they count for nobody.")
    availability_share: float | None
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    availability_budget: Budget
    latency_budget: Budget


class Sla(BaseModel):
    """Your contract, and how well it was kept."""

    as_of: datetime
    contract: ContractShown
    windows: list[SlaWindow]


class Key(BaseModel):
    """One of your valid keys, without the key itself."""

    id: UUID
    created_at: datetime
    ends_at: datetime | None
    in_use: bool = Field(description="Whether you are calling with it.")


class KeyMade(Key):
    """A new key, shown this once."""

    api_key: str


class KeyList(BaseModel):
    """Your valid keys, newest first."""

    items: list[Key]


class Webhook(BaseModel):
    """An address that is told of your orders."""

    id: UUID
    url: str
    created_at: datetime
    failing: bool = Field(description="Whether the last attempts failed.")


class WebhookMade(Webhook):
    """A new webhook and its secret, shown this once."""

    secret: Annotated[str, StringConstraints(pattern="^whsec_[A-Za-z0-9+/=]{44}$")]


class WebhookList(BaseModel):
    """Your webhooks, oldest first."""

    items: list[Webhook]


class Attempt(BaseModel):
    """One time that a message was sent; without a status there was no answer."""

    at: datetime
    status: int | None
    error: str | None
    took_ms: float


class Delivery(BaseModel):
    """One message to a webhook and how it went."""

    event_id: UUID
    type: str
    occurred_at: datetime
    order_id: UUID
    state: Literal["pending", "delivered", "failed"]
    next_try_at: datetime | None
    attempts: list[Attempt]


class DeliveryPage(BaseModel):
    """Some messages, newest first, and where the next page begins."""

    items: list[Delivery]
    next_cursor: str | None
