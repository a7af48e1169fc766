"""One of the two versions while it runs: who asks it, over which open connections, and what it costs."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from fixtures import models
from fixtures.doors import ApiAdminDoor
from fixtures.testbed.interface import Process
from fixtures.testbed.native import NativeTestbed
from fixtures.web_doors import MesDoor, ShopDoor
from load.processor_time import Meter, families

EVERYTHING: tuple[Process, ...] = ("postgres", "nats", "api", "shop", "mes", "pricing", "flow")
QUIET_LOOK_S = 0.025
QUIET_SHARE = 0.2
QUIET_WITHIN_S = 0.8
PRICED_WITHIN_S = 20.0
NO_LIMIT = 1_000_000
PRIORITY = -5


class Refused(RuntimeError):  # noqa: N818 - named for what happened, as our errors are
    """A version did not answer as it must, so that nothing can be compared."""


class Line:
    """One open connection to a service, and who asks over it."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url, self._headers = url, dict(headers)
        self._line = HTTPConnection(urlsplit(url).netloc, timeout=20)

    def ask(
        self, method: str, path: str, expected: int, body: bytes | None = None, **headers: str
    ) -> tuple[float, bytes]:
        """Ask; return how long it took, in ms, and the answer's body.

        Raises:
            Refused: the status is another one.
        """
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        began = time.perf_counter()
        self._line.request(method, path, body=body, headers={**self._headers, **named})
        answer = self._line.getresponse()
        content = answer.read()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != expected:
            raise Refused(f"{method} {self._url}{path} was answered {answer.status}: {content[:160]!r}")
        return took_ms, content


class Side:
    """A running version with a partner, a shopper and an operator of its own."""

    def __init__(self, name: str, testbed: NativeTestbed) -> None:
        self.name, self.testbed = name, testbed
        target = testbed.target
        assert target.admin is not None
        with ApiAdminDoor(target.urls.api, target.admin.api_token) as admin:
            self.partner_id, key = admin.create_partner("Comparison", quota=NO_LIMIT)
        self.api = Line(target.urls.api, {"X-API-Key": key})
        self.shop = Line(target.urls.shop, _cookies(_shopper(target.urls.shop)))
        operator = MesDoor(target.urls.mes)
        operator.sign_in(target.operators[0].email, target.operators[0].password)
        self.mes = Line(target.urls.mes, _cookies(operator))
        self.audit = Line(target.urls.mes, {"Authorization": f"Bearer {target.audit.mes_token}"})
        self.model_id = self.upload()
        self.orders: list[Mapping[str, Any]] = []
        self.worked_ms = 0.0
        self._meters: dict[tuple[Process, ...], Meter] = {}

    def upload(self) -> str:
        """Upload a model; return its id."""
        model = models.bracket(40)
        _, body = self.api.ask(
            "POST",
            f"/v1/models?filename={model.filename}",
            201,
            bytes(model.content),
            Content_Type="model/stl",
        )
        return str(json.loads(body)["id"])

    def order(self) -> float:
        """Order; return how long it took, in ms."""
        wish = json.dumps({"model_id": self.model_id, "material": "PLA", "quantity": 3}).encode()
        took_ms, body = self.api.ask(
            "POST",
            "/v1/orders",
            201,
            wish,
            Content_Type="application/json",
            Idempotency_Key=uuid4().hex,
        )
        self.orders.append(json.loads(body))
        return took_ms

    def await_prices(self) -> bool:
        """Wait until every order is priced; return whether each was, already.

        Raises:
            Refused: some are not, for ever.
        """
        ends = time.perf_counter() + PRICED_WITHIN_S
        asked = 0
        while time.perf_counter() < ends:
            asked += 1
            _, body = self.api.ask("GET", "/v1/orders?state=SUBMITTED&limit=1", 200)
            if not json.loads(body)["items"]:
                return asked == 1
            time.sleep(QUIET_LOOK_S)
        raise Refused(f"orders were not priced within {PRICED_WITHIN_S:g} s")

    def go_first(self) -> None:
        """Let the version be scheduled before what else the machine does, where we may ask for that."""
        with suppress(OSError, ProcessLookupError):  # only root may, and a process may end meanwhile
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
            for pid in families(pid for each in EVERYTHING for pid in self.testbed.pids(each)):
                os.setpriority(os.PRIO_PROCESS, pid, PRIORITY)

    def renew_meters(self) -> None:
        """Look which processes there are now: a pool may have opened connections since."""
        self._meters = {}

    def used_ms(self, processes: Sequence[Process]) -> float:
        """Return the processor time that processes have used since this was last asked of them. Units: ms."""
        named = tuple(processes)
        if named not in self._meters:
            self._meters[named] = Meter(families(pid for each in named for pid in self.testbed.pids(each)))
        return self._meters[named].used_ns() / 1e6

    def come_to_rest(self) -> None:
        """Wait until what was set off before has been done; add its processor time to `worked_ms`."""
        ends = time.perf_counter() + QUIET_WITHIN_S
        self.worked_ms += self.used_ms(EVERYTHING)
        while time.perf_counter() < ends:
            time.sleep(QUIET_LOOK_S)
            used_ms = self.used_ms(EVERYTHING)
            self.worked_ms += used_ms
            if used_ms < QUIET_SHARE * QUIET_LOOK_S * 1000:
                break


def _shopper(url: str) -> ShopDoor:
    door = ShopDoor(url)
    door.sign_up(f"{uuid4().hex[:12]}@example.com", "Comparison", f"pass {uuid4().hex}")
    for _ in range(5):
        door.upload(models.bracket(40))
    return door


def _cookies(door: ShopDoor | MesDoor) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{each['name']}={each['value']}" for each in door.cookies())}
