"""Webhooks as they are sent: their body and their signature.

Source: Standard Webhooks, https://www.standardwebhooks.com
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets

from sut.database import Row
from sut.events import timestamp

_PREFIX = "whsec_"


def new_secret() -> str:
    """Make a secret; it is shown once and shared by both sides."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def body_of(delivery: Row) -> bytes:
    """Write what is told: the same bytes in every attempt."""
    told = {
        "type": delivery["type"],
        "timestamp": timestamp(delivery["occurred_at"]),
        "data": {
            "order_id": str(delivery["order_id"]),
            "order_number": delivery["order_number"],
            "reference": delivery["reference"],
            "state": delivery["order_state"],
        },
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(delivery: Row, secret: str, body: bytes, at_s: int) -> dict[str, str]:
    """Return the headers of one attempt: its id is the event's, its time is now."""
    event_id, key = str(delivery["event_id"]), base64.b64decode(secret.removeprefix(_PREFIX))
    signed = b".".join((event_id.encode(), str(at_s).encode(), body))
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Assay-Webhooks/1",
        "webhook-id": event_id,
        "webhook-timestamp": str(at_s),
        "webhook-signature": f"v1,{signature}",
    }
