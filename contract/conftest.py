"""Wiring of the contract tests."""

import pytest
from schemathesis.pytest.plugin import SchemathesisFunction


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name each operation's test for its operation: since pytest 9.2 they would all have one id."""
    if isinstance(item, SchemathesisFunction) and item.operation_label and item.id.params is None:
        item._id = item.id.with_params(item.operation_label)
