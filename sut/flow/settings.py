"""What the flow is told by its environment."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from sut.flow import deadlines
from sut.settings import EventSettings, SiteSettings, secret, url


def _check_deadlines(text: str) -> str:
    try:
        deadlines.of_setting(text)
    except deadlines.BadDeadlines as bad:
        return f"names no usable deadlines: {bad}"
    return ""


TRACE_ID = "{trace_id}"


def _check_trace_url(text: str) -> str:
    if TRACE_ID not in text:
        return f"must hold {TRACE_ID} where the trace's id belongs"
    return "" if text.startswith(("http://", "https://")) else "must begin with http:// or https://"


@dataclass(frozen=True, kw_only=True)
class FlowSettings(SiteSettings, EventSettings):
    """Secrets of its own doors, where those that it asks are and with which tokens, and the deadlines."""

    flow_session_secret: str = secret()
    flow_admin_token: str = secret()
    flow_audit_token: str = secret()
    flow_api_url: str = url("http", "https")
    flow_api_token: str = secret()
    flow_mes_url: str = url("http", "https")
    flow_mes_token: str = secret()
    flow_pricing_url: str = url("http", "https")
    trace_url: str = dataclasses.field(default="", metadata={"check": _check_trace_url})
    flow_deadlines: str = dataclasses.field(default="1", metadata={"check": _check_deadlines})
