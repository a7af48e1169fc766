"""What `api` is told by its environment."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sut.settings import DAY_S, EventSettings, seconds, secret

PUBLIC, LOOPBACK = "public", "loopback"


def _check_reach(text: str) -> str:
    return "" if text in (PUBLIC, LOOPBACK) else f"must be {PUBLIC} or {LOOPBACK}"


@dataclass(frozen=True, kw_only=True)
class ApiSettings(EventSettings):
    """Tokens of administrator and auditor, the shop's key, how long keys are known, where webhooks may go."""

    api_admin_token: str = secret()
    api_audit_token: str = secret()
    api_shop_key: str = secret()
    idempotency_keep_s: int = seconds(30 * DAY_S)
    api_webhook_reach: str = dataclasses.field(default=PUBLIC, metadata={"check": _check_reach})
