"""What the shop is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from sut.settings import SiteSettings, secret, url


@dataclass(frozen=True, kw_only=True)
class ShopSettings(SiteSettings):
    """Where `api` is, the key that the shop orders with, and the secret of the shoppers' sessions."""

    shop_session_secret: str = secret()
    shop_api_url: str = url("http", "https")
    shop_api_key: str = secret()
