"""A page for one role is for nobody else."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from sut.accounts.current import only
from sut.accounts.roles import Role
from sut.accounts.store import Account
from sut.problems import Problem


def test_whoever_has_the_role_is_let_in() -> None:
    """The page gets the account."""
    manager = Account(uuid4(), "m@example.com", "Ruth", Role.MANAGER)

    assert asyncio.run(only(Role.MANAGER)(manager)) is manager


@pytest.mark.parametrize("role", [Role.SHOPPER, Role.OPERATOR])
def test_anybody_else_is_refused(role: Role) -> None:
    """Being signed in is not enough."""
    with pytest.raises(Problem) as refusal:
        asyncio.run(only(Role.MANAGER)(Account(uuid4(), "o@example.com", "Olga", role)))

    assert refusal.value.status_code == 403
