"""The benchmark of pricing says what it measured, and refuses what it cannot."""

from __future__ import annotations

import pytest

from load import pricing
from load.order_to_price import CASES, Sample


def test_table_shows_median_spread_and_ratio() -> None:
    """Two releases, one size: each case has a line with both medians and how they compare."""
    fast = [Sample(1_000, case, waited_s) for case in CASES for waited_s in (0.01, 0.02, 0.09)]
    slow = [each._replace(waited_s=each.waited_s * 3) for each in fast]

    lines = pricing.table({"parallel": fast, "other": slow}, [1_000])

    assert len(lines) == 2 + len(CASES)
    assert all("20 [10 to 90]" in line and "60 [30 to 270]" in line for line in lines[2:])
    assert all(line.endswith("3.00x") for line in lines[2:])


@pytest.mark.parametrize(
    "arguments",
    [["--rounds", "0"], ["--sizes", "7"], ["--sizes", "many"], ["--undone", "no-such"], ["--what"]],
)
def test_wrong_usage_is_refused_before_anything_starts(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """A mistake costs a line, not a minute."""
    assert pricing.main(arguments) == pricing.EX_USAGE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1
