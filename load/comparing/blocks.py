"""What the versions are asked: one operation after the other, each in short windows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from fixtures.testbed.interface import Process
from load.comparing.side import Line, Refused, Side

WHOLE_ORDER = "an order, from its acceptance to its price"


@dataclass(frozen=True)
class Window:
    """What one version gave in one short window.

    Units: ms for each request, ms of processor time for each request, requests a second.
    """

    times_ms: list[float]
    cpu_ms: float
    rate_per_s: float


@dataclass(frozen=True)
class Operation:
    """One thing that is asked again and again in short windows, and the processes that it costs time.

    What `echoes` sets off work that goes on after the answer; that must end before anything else is asked.
    """

    name: str
    windows: int
    times: int
    processes: tuple[Process, ...]
    act: Callable[[Side, int], float]
    echoes: bool = False

    def window(self, side: Side, number: int) -> Window:
        """Ask one version for a moment, the `number`th of the round.

        Raises:
            Refused: it did not answer as it must.
        """
        side.used_ms(self.processes)
        began = time.perf_counter()
        first = number * self.times
        times_ms = [self.act(side, turn) for turn in range(first, first + self.times)]
        took_s = time.perf_counter() - began
        return Window(times_ms, side.used_ms(self.processes) / self.times, self.times / took_s)


def _getting(
    line: Callable[[Side], Line], path: Callable[[Side, int], str], holding: Callable[[Side, int], str]
) -> Callable[[Side, int], float]:
    """Get a page that must hold a text: one that has become quick because it is empty is not better."""

    def act(side: Side, number: int) -> float:
        wanted, asked = holding(side, number), path(side, number)
        took_ms, body = line(side).ask("GET", asked, 200)
        if wanted.encode() not in body:
            raise Refused(f"GET {asked} was answered without {wanted!r}: {body[:160]!r}")
        return took_ms

    return act


def _uploading(side: Side, number: int) -> float:
    began = time.perf_counter()
    side.upload()
    return (time.perf_counter() - began) * 1000


def _approving(side: Side, number: int) -> float:
    path = f"/v1/orders/{side.orders[number]['id']}/approve"
    return side.api.ask("POST", path, 200)[0]


def _an_order(side: Side, number: int) -> str:
    return str(side.orders[number % len(side.orders)]["id"])


def _a_number(side: Side, number: int) -> str:
    return str(side.orders[number % len(side.orders)]["number"])


def _a_page(*_: object) -> str:
    return "</html>"


def _a_row(*_: object) -> str:
    return 'href="/orders/'


def _an_item(*_: object) -> str:
    return '"order_number"'


def _searched(side: Side, number: int) -> str:
    """A customer with few orders among all: without an index every one has to be read."""
    return f"/v1/work-orders?limit=20&customer={side.partner_id}"


_API: tuple[Process, ...] = ("api", "postgres")
_MES: tuple[Process, ...] = ("mes", "postgres")
_SHOP: tuple[Process, ...] = ("shop", "postgres")
ORDERING = Operation("POST /v1/orders", 8, 1, _API, lambda side, _: side.order(), echoes=True)
ORDERED = ORDERING.windows * ORDERING.times
APPROVING = Operation("POST /v1/orders/{order_id}/approve", ORDERED, 1, _API, _approving, echoes=True)
READING = (
    Operation("POST /v1/models", 4, 2, _API, _uploading),
    Operation(
        "GET /v1/orders/{order_id}", 8, 4, _API,
        _getting(lambda side: side.api, lambda side, n: f"/v1/orders/{_an_order(side, n)}", _an_order),
    ),
    Operation(
        "GET /v1/orders?limit=50", 8, 2, _API,
        _getting(lambda side: side.api, lambda *_: "/v1/orders?limit=50", _a_number),
    ),
    Operation("GET shop/", 8, 4, _SHOP, _getting(lambda side: side.shop, lambda *_: "/", _a_page)),
    Operation(
        "GET shop/orders", 7, 2, (*_SHOP, "api"),
        _getting(lambda side: side.shop, lambda *_: "/orders", _a_page),
    ),
    Operation("GET mes/orders", 6, 2, _MES, _getting(lambda side: side.mes, lambda *_: "/orders", _a_row)),
    Operation(
        "GET mes/orders/{number}", 7, 2, _MES,
        _getting(lambda side: side.mes, lambda side, n: f"/orders/{_a_number(side, n)}", _a_number),
    ),
    Operation(
        "GET mes/v1/work-orders", 7, 4, _MES,
        _getting(lambda side: side.audit, lambda *_: "/v1/work-orders?limit=20", _an_item),
    ),
    Operation(
        "GET mes/v1/work-orders?customer", 6, 4, _MES, _getting(lambda side: side.audit, _searched, _an_item)
    ),
)  # fmt: skip
OPERATIONS = (WHOLE_ORDER, ORDERING.name, APPROVING.name, *(each.name for each in READING))
"""All that every comparison tells of."""
