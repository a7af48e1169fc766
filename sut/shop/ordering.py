"""The shop's line to `api`: every call bounded in time, every failure one of two kinds."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, ValidationError

from sut.shop.answers import History, Model, Order, Tariff
from sut.telemetry.http_out import Call

log = logging.getLogger(__name__)

_TIMEOUT = httpx.Timeout(10.0, connect=1.0, pool=5.0)
_LIMITS = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=20)
_IN_FLIGHT_TRIES, _IN_FLIGHT_PAUSE_S = 20, 0.1
_TARIFF_KEPT_S = 60.0
#: Not about what was asked: our key is wrong, or `api` has no time. An earlier try may have been heard.
_NOT_AN_ANSWER = (401, 403, 408, 429)

A = TypeVar("A", bound=BaseModel)


class ApiUnavailable(Exception):  # noqa: N818 - named for what happened, not for being an error
    """`api` did not answer, or not as it should; whether it did what was asked is not known."""


class ApiRefused(Exception):  # noqa: N818 - named for what happened, not for being an error
    """`api` surely did nothing, and says why."""

    def __init__(self, status: int, detail: str, state: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.state = state


class Ordering:
    """Calls to `api` in the shop's name."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key
        self._client: httpx.AsyncClient | None = None
        self._tariff: tuple[float, Tariff] | None = None

    async def start(self) -> None:
        """Make ready; nothing is called yet."""
        self._client = httpx.AsyncClient(
            base_url=self._url,
            headers={"X-API-Key": self._key},
            timeout=_TIMEOUT,
            limits=_LIMITS,
            trust_env=False,
        )

    async def stop(self) -> None:
        """Close the connections."""
        if self._client:
            await self._client.aclose()

    async def upload(self, filename: str, content: bytes) -> Model:
        """Upload a model."""
        headers = {"Content-Type": "model/stl"}
        query = {"filename": filename}
        return await self._ask(Model, "POST", "/v1/models", params=query, content=content, headers=headers)

    async def place(self, key: UUID, body: dict[str, Any]) -> Order:
        """Place an order; the same key gives the same order, however often it is sent."""
        headers = {"Idempotency-Key": str(key)}
        for _ in range(_IN_FLIGHT_TRIES):
            try:
                return await self._ask(Order, "POST", "/v1/orders", json=body, headers=headers, again=True)
            except ApiRefused as refusal:
                if refusal.status != httpx.codes.CONFLICT:
                    raise
            await asyncio.sleep(_IN_FLIGHT_PAUSE_S)  # the same order is being placed by another request
        raise ApiUnavailable("the order is still being placed by another request")

    async def order(self, order_id: UUID) -> Order:
        """Return an order as it is now."""
        return await self._ask(Order, "GET", f"/v1/orders/{order_id}", again=True)

    async def history(self, order_id: UUID) -> History:
        """Return what happened to an order."""
        return await self._ask(History, "GET", f"/v1/orders/{order_id}/history", again=True)

    async def decide(self, order_id: UUID, what: str) -> Order:
        """Approve, cancel or confirm the receipt of an order."""
        return await self._ask(Order, "POST", f"/v1/orders/{order_id}/{what}")

    async def tariff(self) -> Tariff:
        """Return the price table, at most a minute old."""
        if self._tariff is None or self._tariff[0] < time.monotonic() - _TARIFF_KEPT_S:
            self._tariff = time.monotonic(), await self._ask(Tariff, "GET", "/v1/tariff", again=True)
        return self._tariff[1]

    async def _ask(self, kind: type[A], method: str, path: str, *, again: bool = False, **words: Any) -> A:
        """Call and read the answer; `again` allows a second try when the connection broke.

        Raises:
            ApiRefused: what was asked is wrong or not possible now.
            ApiUnavailable: anything else.
        """
        answer = await self._send(method, path, again=again, **words)
        if answer.status_code in _NOT_AN_ANSWER or answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            log.error("api answered %d to %s %s: %s", answer.status_code, method, path, answer.text[:500])
            raise ApiUnavailable(f"api answered {answer.status_code}")
        if answer.is_client_error:
            raise _refusal(answer)
        try:
            return kind.model_validate_json(answer.content)
        except ValidationError as error:
            log.exception("api's answer to %s %s cannot be read", method, path)
            raise ApiUnavailable("api's answer cannot be read") from error

    async def _send(self, method: str, path: str, *, again: bool, **words: Any) -> httpx.Response:
        assert self._client, "not started"
        headers = words.pop("headers", {})
        try:
            with Call(method, self._url, path) as call:
                answer = await self._client.request(
                    method, path, headers={**headers, **call.headers}, **words
                )
                call.answered(answer.status_code)
                return answer
        except httpx.TransportError as error:
            if again and not isinstance(error, httpx.TimeoutException):
                return await self._send(method, path, again=False, headers=headers, **words)
            log.warning("%s %s did not reach api: %r", method, path, error)
            raise ApiUnavailable(f"{type(error).__name__}: {error}") from error


def _refusal(answer: httpx.Response) -> ApiRefused:
    """Read a refusal, whatever shape it has."""
    try:
        problem = answer.json()
        words = problem.get("detail") or problem.get("title") or answer.reason_phrase
        return ApiRefused(answer.status_code, str(words), problem.get("state"))
    except (ValueError, AttributeError):
        return ApiRefused(answer.status_code, answer.reason_phrase)
