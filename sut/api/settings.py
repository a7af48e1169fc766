"""What `api` is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from sut.settings import DAY_S, EventSettings, seconds, secret


@dataclass(frozen=True, kw_only=True)
class ApiSettings(EventSettings):
    """The common settings, tokens of administrator and auditor, the shop's key; how long keys are known."""

    api_admin_token: str = secret()
    api_audit_token: str = secret()
    api_shop_key: str = secret()
    idempotency_keep_s: int = seconds(30 * DAY_S)
