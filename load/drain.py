"""After the load: every order that was acknowledged, looked for in the MES until it is there and priced."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixtures.conservation import unseen
from fixtures.doors import MesAuditDoor, PartnerDoor
from fixtures.ledger import Entries, Ledger, LedgerFile, read_ledgers
from fixtures.testbed.target import Partner, Target

LOOKS_AGAIN_AFTER_S = 0.5


def drained(target: Target, paths: Sequence[Path], within_s: float) -> dict[str, Any]:
    """Balance what the ledgers hold against the MES, as evidence/load.json keeps it.

    Where the system cannot be read until the time is over, the balance is incomplete and says why: what was
    measured before is not lost with it.
    """
    entries, ends = read_ledgers(paths), time.monotonic() + within_s
    while True:
        try:
            return _drained(target, entries, paths, max(0.0, ends - time.monotonic()))
        except Exception as error:  # whatever a broken system answers
            if time.monotonic() >= ends:
                why = f"the system could not be read: {type(error).__name__}: {error}"
                return unseen(entries.attempted, entries.acknowledged).to_json() | {"why": why}
        time.sleep(LOOKS_AGAIN_AFTER_S)


def _drained(target: Target, entries: Entries, paths: Sequence[Path], within_s: float) -> dict[str, Any]:
    file = LedgerFile(paths[0] if paths else Path("no-ledger"), source="load")
    file.attempted, file.acknowledged = entries.attempted, entries.acknowledged
    with MesAuditDoor(target.urls.mes, target.audit.mes_token) as audit:
        ledger = Ledger(file, audit)
        partners = {partner.id: partner for partner in target.partners}
        doors = [_follow(ledger, target, partners.get(customer), customer) for customer in _customers(file)]
        try:
            balance = ledger.drain(within_s)
        finally:
            for door in doors:
                if door is not None:
                    door.close()
    if entries.damaged_lines:
        balance = replace(balance, complete=False)  # who knows what the unreadable lines acknowledged
    return balance.to_json()


def _customers(file: LedgerFile) -> list[str]:
    return sorted({entry.customer for entry in file.attempted})


def _follow(ledger: Ledger, target: Target, partner: Partner | None, customer: str) -> PartnerDoor | None:
    """Follow a customer; partners also by what the API lists as theirs, shoppers by the MES alone."""
    if partner is None:
        ledger.follow(customer)
        return None
    door = PartnerDoor(target.urls.api, partner.key, partner.id)
    ledger.follow(customer, door.orders)
    return door
