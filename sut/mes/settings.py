"""What the MES is told by its environment."""

from __future__ import annotations

from dataclasses import dataclass

from sut.settings import EventSettings, SiteSettings, optional_url, secret


@dataclass(frozen=True, kw_only=True)
class MesSettings(SiteSettings, EventSettings):
    """Secrets of the operators' sessions and of the two machine doors; where mails go and who sends them."""

    mes_session_secret: str = secret()
    mes_admin_token: str = secret()
    mes_audit_token: str = secret()
    smtp_url: str = optional_url("smtp", "smtps")
    mail_from: str = "mes@assay.invalid"
