"""Every call of a partner is held to the contract's rate, told what is left of it, and counted."""

from __future__ import annotations

import math
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sut import problems
from sut.api.calls import Calls
from sut.api.contracts import POLICY, Contract
from sut.api.limits import Allowance, Limits
from sut.api.partner_metrics import PartnerMetrics
from sut.api.tenants import TENANT, Tenant, Tenants
from sut.database import DatabaseUnavailable
from sut.problems import Problem

_KEYED = b"x-api-key"
_OPEN = ("/v1/tariff",)  # needs no key, so it is nobody's call
_PROBLEM_TYPE = "https://iana.org/assignments/http-problem-types#quota-exceeded"


class Metering:
    """Stands in front of the routes, so that no answer to a partner goes uncounted, whatever gives it."""

    def __init__(
        self, app: ASGIApp, tenants: Tenants, limits: Limits, calls: Calls, partners: PartnerMetrics
    ) -> None:
        self._app = app
        self._tenants = tenants
        self._limits = limits
        self._calls = calls
        self._partners = partners

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        call = _Call(receive, send)
        try:
            tenant = await self._tenants.by_key(key)
        except DatabaseUnavailable:
            await self._away(key, call, scope)
            return
        scope[TENANT] = tenant
        if tenant is None or tenant.contract is None:
            await self._app(scope, receive, send)
            return
        await self._metered(tenant, tenant.contract, call, scope)

    async def _metered(self, tenant: Tenant, contract: Contract, call: _Call, scope: Scope) -> None:
        try:
            allowance = await self._allowance(tenant, contract)
            if allowance is not None:
                call.tells(contract, allowance)
            if allowance is None or allowance.granted:
                await self._app(scope, call.receive, call.send)
            else:
                await problems.response(_beyond(allowance))(scope, call.receive, call.send)
        finally:
            self._calls.note(tenant.id, contract, call.status, call.took_s)
            self._partners.note(tenant.id, scope, call.status, call.took_s)

    async def _allowance(self, tenant: Tenant, contract: Contract) -> Allowance | None:
        """Without the database nobody can tell; the call goes on, to be refused by whatever needs it."""
        try:
            return await self._limits.take(tenant.id, contract)
        except DatabaseUnavailable:
            return None

    async def _away(self, key: str, call: _Call, scope: Scope) -> None:
        """Refuse a call that cannot be attributed now; one of a partner known before is counted as failed."""
        await problems.response(problems.unavailable("The database cannot be reached."))(
            scope, call.receive, call.send
        )
        tenant = self._tenants.last_known(key)
        if tenant and tenant.contract:
            self._calls.note(tenant.id, tenant.contract, call.status, call.took_s)
            self._partners.note(tenant.id, scope, call.status, call.took_s)


class _Call:
    """One request and its answer, watched.

    Its time runs from the last byte of the request, so that a slow sender costs nobody's budget, to the first
    byte of the answer.
    """

    __slots__ = ("_began", "_fields", "_receive", "_send", "status", "took_s")

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._began = time.perf_counter()
        self._fields: list[tuple[bytes, bytes]] = []
        self.status: int | None = None
        self.took_s = 0.0

    def tells(self, contract: Contract, allowance: Allowance) -> None:
        """Have the answer tell the rate."""
        self._fields = [
            (b"ratelimit-policy", contract.policy.encode()),
            (b"ratelimit", allowance.told.encode()),
        ]

    async def receive(self) -> Message:
        """Pass on a part of the request."""
        message = await self._receive()
        if self.status is None and message["type"] == "http.request" and not message.get("more_body"):
            self._began = time.perf_counter()
        return message

    async def send(self, message: Message) -> None:
        """Pass on a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.took_s = time.perf_counter() - self._began
            message["headers"] = [*message.get("headers", ()), *self._fields]
        await self._send(message)


def _key(scope: Scope) -> str | None:
    if scope["type"] != "http" or not scope["path"].startswith("/v1/") or scope["path"] in _OPEN:
        return None
    headers: Any = scope["headers"]
    return next((value.decode("latin-1") for name, value in headers if name == _KEYED and value), None)


def _beyond(allowance: Allowance) -> Problem:
    wait_s = max(1, math.ceil(allowance.retry_in_s))
    return Problem(
        429,
        f"Your contract's rate is used up. Try again in {wait_s} s.",
        headers={"Retry-After": str(wait_s)},
        **{"type": _PROBLEM_TYPE, "violated-policies": [POLICY]},
    )
