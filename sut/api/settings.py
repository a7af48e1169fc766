"""What `api` is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from sut.settings import EventSettings, secret


@dataclass(frozen=True, kw_only=True)
class ApiSettings(EventSettings):
    """The common settings, the tokens of administrator and auditor, and the key that the shop calls with."""

    api_admin_token: str = secret()
    api_audit_token: str = secret()
    api_shop_key: str = secret()
