"""After the load: every order that was acknowledged, looked for in the MES until it is there and priced."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from fixtures.doors import MesAuditDoor, PartnerDoor
from fixtures.ledger import Ledger, LedgerFile, read_ledgers
from fixtures.testbed.target import Partner, Target


def drained(target: Target, paths: Sequence[Path], within_s: float) -> dict[str, Any]:
    """Balance what the ledgers hold against the MES, as evidence/load.json keeps it."""
    entries = read_ledgers(paths)
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
