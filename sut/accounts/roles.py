"""What a person may be; each account has one role."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What somebody with an account does here."""

    SHOPPER = "shopper"
    OPERATOR = "operator"
    MANAGER = "manager"
