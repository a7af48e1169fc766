"""No link leads nowhere, for nobody."""

from __future__ import annotations

import pytest

from e2e.visitors import EVERYBODY, Visitors, Who


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_link_of_every_page_works(visitors: Visitors, who: Who) -> None:
    """Whatever can be clicked or is loaded is there, and on the site itself."""
    visit = visitors.visit(who)

    visited = visit.crawl()

    broken = [seen for seen in visited if not 200 <= seen.status < 400]
    assert [f"{seen.status} {seen.url} (on {seen.linked_from})" for seen in broken] == []
    assert len(visited) >= visit.least_pages
