"""The drain: what a load run acknowledged, found or missed in the MES."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest

from fixtures.ledger import LedgerFile
from fixtures.orders import Wish
from fixtures.testbed.target import Audit, Target, Urls
from load.drain import drained
from load.wares import Wares

SHOPPER = "a-shopper"


class Mes(BaseHTTPRequestHandler):
    """A MES of canned work orders."""

    items: list[dict[str, object]]

    def do_GET(self) -> None:
        """List every work order."""
        body = json.dumps({"items": self.items, "next_after": None}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def mes() -> Iterator[Target]:
    """A target whose MES shows `Mes.items`."""
    Mes.items = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Mes)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}"
    yield Target("canned", Urls(url, url, url), Audit("token"))
    server.shutdown()


@pytest.fixture
def wish() -> Wish:
    """Something to order."""
    wish = Wares(1).wish(Random(1))
    assert wish
    return wish


@pytest.fixture
def ledger(tmp_path: Path) -> LedgerFile:
    """A ledger on disk."""
    return LedgerFile(tmp_path / "orders-load-1.jsonl", "load smoke")


def work_order(wish: Wish, number: str, total: object) -> dict[str, object]:
    """A row of the MES."""
    return {
        "id": 1, "order_id": f"id-{number}", "order_number": number, "reference": None, "state": "PRICED",
        "channel": "shop", "customer": SHOPPER, "material": wish.material, "quantity": wish.quantity,
        "price_total": str(total), "currency": "EUR", "taken_by": None,
        "created_at": "2026-01-01T00:00:00.000Z", "updated_at": "2026-01-01T00:00:00.000Z",
    }  # fmt: skip


def acknowledged(ledger: LedgerFile, wish: Wish, number: str) -> Path:
    """Note an order that the shop has accepted; return where."""
    ledger.attempt(wish, SHOPPER)
    ledger.acknowledge(wish, SHOPPER, None, number)
    return ledger.path


def test_an_order_that_arrived_is_kept(mes: Target, ledger: LedgerFile, wish: Wish) -> None:
    """Acknowledged, in the MES once, at the promised price."""
    path = acknowledged(ledger, wish, "K7F3-0192")
    Mes.items = [work_order(wish, "K7F3-0192", wish.price and wish.price.total)]

    balance = drained(mes, [path], within_s=1)

    assert (balance["acknowledged"], balance["seen"], balance["complete"]) == (1, 1, True)
    assert balance["lost"] == balance["mispriced"] == balance["unexpected"] == []


def test_an_order_that_never_arrives_is_lost(mes: Target, ledger: LedgerFile, wish: Wish) -> None:
    """The drain waits, gives up in time, and names it."""
    balance = drained(mes, [acknowledged(ledger, wish, "K7F3-0192")], within_s=0.3)

    assert balance["lost"] == ["K7F3-0192"]
    assert 0.3 <= balance["drained_s"] < 2


def test_a_wrong_price_and_a_stranger_are_named(mes: Target, ledger: LedgerFile, wish: Wish) -> None:
    """A cent too much, and an order that nobody placed."""
    path = acknowledged(ledger, wish, "K7F3-0192")
    assert wish.price
    Mes.items = [
        work_order(wish, "K7F3-0192", f"{wish.price.total}1"),
        work_order(wish, "ZZZZ-0001", "12.00"),
    ]

    balance = drained(mes, [path], within_s=0.3)

    assert [name.partition(" ")[0] for name in balance["mispriced"]] == ["K7F3-0192"]
    assert balance["unexpected"] == ["ZZZZ-0001"]


def test_a_damaged_ledger_proves_nothing(mes: Target, ledger: LedgerFile, wish: Wish) -> None:
    """Who knows what the unreadable line acknowledged."""
    path = acknowledged(ledger, wish, "K7F3-0192")
    Mes.items = [work_order(wish, "K7F3-0192", wish.price and wish.price.total)]
    with path.open("a") as file:
        file.write('{"kind": "acknow')

    assert drained(mes, [path], within_s=0.3)["complete"] is False


def test_no_orders_prove_nothing(mes: Target) -> None:
    """A run that ordered nothing has not kept anything."""
    assert drained(mes, [], within_s=0.3)["complete"] is False


def test_a_system_that_cannot_be_read_leaves_a_balance_that_says_so(
    mes: Target, ledger: LedgerFile, wish: Wish
) -> None:
    """What was measured before must not be lost with it."""
    gone = replace(mes, urls=replace(mes.urls, mes="http://127.0.0.1:1"))

    found = drained(gone, [acknowledged(ledger, wish, "A-1")], 0.0)

    assert (found["complete"], found["acknowledged"], found["lost"]) == (False, 1, [])
    assert "the system could not be read" in found["why"]
