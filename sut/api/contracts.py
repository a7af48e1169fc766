"""What a partner was promised, and what it may ask for: one contract each, kept in the database."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sut.database import Connection, Row

_NEW_BUCKET = "DELETE FROM rate_bucket WHERE partner_id = $1"
_PUT = """
    INSERT INTO contract (partner_id, quota, window_s, latency_ms, latency_share, availability_share)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (partner_id) DO UPDATE SET (quota, window_s, latency_ms, latency_share, availability_share)
        = ROW (excluded.quota, excluded.window_s, excluded.latency_ms, excluded.latency_share,
               excluded.availability_share)
"""


@dataclass(frozen=True)
class Contract:
    """A rate that the partner keeps to, and an availability and a latency that we keep to.

    A bucket of `quota` calls is filled evenly within `window_s`. Of the calls within the rate,
    `availability_share` are answered without a failure of ours, and `latency_share` of those answered take at
    most `latency_ms`.
    """

    quota: int = 500
    window_s: int = 1
    latency_ms: int = 500
    latency_share: float = 0.99
    availability_share: float = 0.999

    @property
    def step_s(self) -> float:
        """After how long one more call is allowed."""
        return self.window_s / self.quota

    @property
    def policy(self) -> str:
        """The rate as the field `RateLimit-Policy` tells it."""
        return f'"{POLICY}";q={self.quota};w={self.window_s}'


POLICY = "contract"


def of_row(row: Row) -> Contract:
    """Read a contract."""
    return Contract(
        quota=row["quota"],
        window_s=row["window_s"],
        latency_ms=row["latency_ms"],
        latency_share=row["latency_share"],
        availability_share=row["availability_share"],
    )


async def put(connection: Connection, partner_id: UUID, contract: Contract) -> None:
    """Give a partner a contract, instead of the one it had; its rate begins anew."""
    await connection.execute(_PUT, partner_id, *asdict(contract).values())
    await connection.execute(_NEW_BUCKET, partner_id)


def shown(contract: Contract) -> dict[str, Any]:
    """Show a contract as callers see it."""
    return asdict(contract)
