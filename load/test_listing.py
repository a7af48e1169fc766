"""A partner's list, held against what the partner was promised."""

import pytest

from load.listing import left_out

KNOWN = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("listed", "attempted", "shared", "missing"),
    [
        ("cb", 3, True, ["a"]),
        ("cb", 9, False, ["a"]),
        ("cbxy", 3, False, ["a"]),
        ("cbxy", 3, True, []),
        ("cbxy", 4, False, []),
        ("cba", 9, True, []),
    ],
    ids=[
        "room left on a shared list",
        "room left",
        "full, and of nobody else",
        "full, perhaps of another's orders",
        "full, perhaps of newer ones",
        "all there",
    ],
)
def test_order_is_missed_only_where_it_must_be_listed(
    listed: str, attempted: int, shared: bool, missing: list[str]
) -> None:
    """A lost order is told, and a full page is not called a loss."""
    assert left_out(KNOWN, listed, 4, attempted=attempted, shared=shared) == missing
