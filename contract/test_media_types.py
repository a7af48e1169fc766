"""A body is what its media type says, however a client's library writes that."""

from uuid import uuid4

import pytest

from contract.stock import NOBODY_LISTENS
from fixtures.orders import an_order
from fixtures.personas import Partner


@pytest.mark.parametrize(
    "written", ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"]
)
def test_json_is_taken_however_it_is_announced(partner: Partner, written: str) -> None:
    """Many libraries add the character set by themselves; names of media types know no capitals."""
    bodies = {
        "/v1/orders": partner.door.body_of(an_order()),
        "/v1/keys": {"grace_s": 3600},
        "/v1/webhooks": {"url": NOBODY_LISTENS},
    }
    headers = {"Content-Type": written, "Idempotency-Key": str(uuid4())}

    statuses = {
        path: partner.door.http.post(path, json=body, headers=headers).status_code
        for path, body in bodies.items()
    }

    assert statuses == dict.fromkeys(bodies, 201)
