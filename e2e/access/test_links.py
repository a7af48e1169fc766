"""No link leads nowhere, for nobody."""

from __future__ import annotations

import pytest

from e2e.visitors import EVERYBODY, Visitors, Who
from fixtures.testbed.target import Target


@pytest.mark.parametrize("who", EVERYBODY)
def test_every_link_of_every_page_works(visitors: Visitors, target: Target, who: Who) -> None:
    """Whatever can be clicked or is loaded is there, on the site itself or on another of the system's."""
    visit = visitors.visit(who)
    sites = tuple(f"{url}/" for url in vars(target.urls).values() if url)

    visited = visit.crawl()

    seen_here = [seen for seen in visited if seen.status or not seen.url.startswith(sites)]
    broken = [seen for seen in seen_here if not 200 <= seen.status < 400]
    assert [f"{seen.status} {seen.url} (on {seen.linked_from})" for seen in broken] == []
    assert len(visited) >= visit.least_pages
