"""What the MES is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from sut.settings import EventSettings, secret


@dataclass(frozen=True, kw_only=True)
class MesSettings(EventSettings):
    """Secrets of the operators' sessions and of the two machine doors."""

    mes_session_secret: str = secret()
    mes_admin_token: str = secret()
    mes_audit_token: str = secret()
