"""The flow's lines to the other services: short calls, every failure of one kind, in words for the board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from sut.flow.reconciliation import Accepted, Word, WorkOrder
from sut.telemetry.http_out import Call

_TIMEOUT_S = 2.0

W = TypeVar("W", bound=Word)


class Silent(Exception):  # noqa: N818 - named for what happened, not for being an error
    """Somebody did not answer, or not as they should; the text says how, for people."""


class Page(BaseModel, Generic[W]):
    """A part of an audit list; `next_after` is None at its end."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    items: list[W]
    next_after: str | int | None

    @property
    def end(self) -> str | None:
        """The position of the last item, if there is one."""
        return self.items[-1].position if self.items else None


class Line:
    """Calls to one service."""

    def __init__(self, base_url: str, token: str | None = None) -> None:
        self._base_url = base_url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client: httpx.AsyncClient | None = None

    async def start(self) -> None:
        """Make ready; nothing is called yet."""
        self._client = httpx.AsyncClient(
            base_url=self._base_url, headers=self._headers, timeout=_TIMEOUT_S, trust_env=False
        )

    async def stop(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()

    async def get(self, path: str, **query: Any) -> bytes:
        """Return the body of a 200.

        Raises:
            Silent: there was no 200.
        """
        assert self._client, "not started"
        try:
            with Call("GET", self._base_url, path) as call:
                answer = await self._client.get(path, params=query, headers=call.headers)
                call.answered(answer.status_code)
        except httpx.TimeoutException:
            raise Silent(f"no answer within {_TIMEOUT_S:.0f} s") from None
        except httpx.TransportError as error:
            raise Silent(f"cannot be reached ({type(error).__name__})") from None
        if answer.status_code != httpx.codes.OK:
            raise Silent(f"answers {answer.status_code}")
        return answer.content


class ApiAudit:
    """What `api` accepted."""

    PAGE = 500
    IDS_MOST = 100

    def __init__(self, line: Line) -> None:
        self._line = line

    async def after(self, position: str, limit: int = PAGE) -> Page[Accepted]:
        """Return accepted orders behind a position, oldest first."""
        known = {"after": position} if position else {}
        return _read(Page[Accepted], await self._line.get("/audit/orders", limit=limit, **known))

    async def of(self, order_ids: Sequence[UUID]) -> list[Accepted]:
        """Return those of some orders that `api` knows."""
        wanted = ",".join(map(str, order_ids))
        return _read(Page[Accepted], await self._line.get("/audit/orders", order_ids=wanted)).items


class MesAudit:
    """What the MES knows."""

    PAGE = 500

    def __init__(self, line: Line) -> None:
        self._line = line

    async def after(self, position: str, limit: int = PAGE) -> Page[WorkOrder]:
        """Return work orders behind a position, oldest first."""
        query = {"after": position or 0, "limit": limit}
        return _read(Page[WorkOrder], await self._line.get("/v1/work-orders", **query))

    async def of(self, order_id: UUID) -> list[WorkOrder]:
        """Return an order's work orders: one, none, or by a fault several."""
        return _read(Page[WorkOrder], await self._line.get("/v1/work-orders", order_id=str(order_id))).items


P = TypeVar("P", bound=BaseModel)


def _read(kind: type[P], body: bytes) -> P:
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise Silent(f"answers what cannot be read (at {where})") from None
