"""Pages that people have closed cost nothing: however many there were, the next one opens."""

from __future__ import annotations

from collections import Counter

import pytest

from fixtures.personas import Manager, Operator
from fixtures.web_doors import WebDoor

MORE_THAN_AT_ONCE = 600
"""More open pages than a process serves at the same time."""


def open_and_close(door: WebDoor, stream: str) -> int:
    """Open a page's stream as a browser does, and close it at its first word; return the answer's status."""
    with door.http.stream("GET", stream) as answer:
        next(answer.iter_lines())
        return answer.status_code


@pytest.mark.slow
@pytest.mark.parametrize("stream", ["/orders/live", "/notifications/stream"])
def test_operators_pages_that_were_closed_leave_room_for_others(operator: Operator, stream: str) -> None:
    """The dashboard and its notices go on, though they were opened and closed all day long."""
    seen = Counter(open_and_close(operator.door, stream) for _ in range(MORE_THAN_AT_ONCE))

    assert seen == {200: MORE_THAN_AT_ONCE}


@pytest.mark.slow
def test_boards_that_were_closed_leave_room_for_others(manager: Manager) -> None:
    """The order flow's board goes on, though it was opened and closed all day long."""
    seen = Counter(open_and_close(manager.door, "/live") for _ in range(MORE_THAN_AT_ONCE))

    assert seen == {200: MORE_THAN_AT_ONCE}
