"""Wiring of the contract tests."""

import pytest
from schemathesis.pytest.plugin import SchemathesisFunction

from fixtures.cast import Personas
from fixtures.personas import Partner


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name each operation's test for its operation: since pytest 9.2 they would all have one id."""
    if isinstance(item, SchemathesisFunction) and item.operation_label and item.id.params is None:
        item._id = item.id.with_params(item.operation_label)


@pytest.fixture
def another(personas: Personas) -> Partner:
    """A second partner, who has nothing to do with the first."""
    return personas.partner()
