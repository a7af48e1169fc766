"""Balances the order ledgers of a run against the MES, through its public interface alone."""

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

from fixtures.connection import Refusal
from fixtures.conservation import UNPRICED, Conservation, Seen, judge
from fixtures.doors import MesAuditDoor
from fixtures.ledger_file import Entries, read_ledgers
from fixtures.testbed.target import Target
from gate.verdict import CONSERVATION

DRAINED_WITHIN_S = 20.0
PAUSE_S = 0.25
LEDGERS = "orders-*.jsonl"


@dataclass
class Balance:
    """Follows what customers were promised during a run to what the MES has of it."""

    run_dir: Path
    target: Target
    seen: Sequence[Seen] = ()
    """What the MES had of the run's customers when the balance was drawn."""
    _before: set[str] = field(default_factory=set)

    def begin(self) -> None:
        """Note the orders that lent partners had before; they are none of ours."""
        if self.target.admin is None:
            self._before = {
                row.order_id for row in self._rows(partner.id for partner in self.target.partners)
            }

    def keep(self, within_s: float = DRAINED_WITHIN_S) -> None:
        """Wait until the MES has every acknowledged order priced, or the time is over; keep the balance."""
        ledgers = read_ledgers(sorted((self.run_dir / "evidence").glob(LEDGERS)))
        try:
            found = self._drained(ledgers, within_s).to_json()
        except (Refusal, httpx.HTTPError, ValueError, KeyError) as error:
            found = Conservation(0, 0, 0).to_json() | {"why": f"the MES could not be read: {error}"}
        if ledgers.damaged_lines:
            found |= {
                "complete": False,
                "why": f"{ledgers.damaged_lines} lines of the ledgers cannot be read",
            }
        path = self.run_dir / CONSERVATION
        path.write_text(json.dumps(found, indent=1, ensure_ascii=False), encoding="utf-8")

    def _drained(self, ledgers: Entries, within_s: float) -> Conservation:
        customers = sorted({entry.customer for entry in ledgers.attempted})
        began = time.monotonic()
        while True:
            seen = self.seen = self._rows(customers)
            spent_s = round(time.monotonic() - began, 3)
            balance = judge(
                ledgers.attempted, ledgers.acknowledged, seen, now=datetime.now(UTC), drained_s=spent_s
            )
            waiting = balance.lost or any(row.state == UNPRICED for row in seen)
            if not waiting or spent_s >= within_s:
                return balance
            time.sleep(PAUSE_S)

    def _rows(self, customers: Iterable[str]) -> list[Seen]:
        with MesAuditDoor(self.target.urls.mes, self.target.audit.mes_token) as door:
            rows = [row.seen for customer in customers for row in door.work_orders(customer=customer)]
        return [row for row in rows if row.order_id not in self._before]
