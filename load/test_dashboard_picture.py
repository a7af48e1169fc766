"""The picture of what operators saw in browsers."""

from load.dashboard_picture import picture


def test_every_look_is_drawn() -> None:
    """One dot for each, one for each figure's legend."""
    seen = [("dashboard_rows", 10.0 + at, 200.0 + at) for at in range(20)]
    seen += [("dashboard_interaction", 12.0, 0.0), ("dashboard_first_byte", 13.0, 4000.0)]

    assert picture(seen).count("<circle") == 22 + 3


def test_nothing_seen_is_an_empty_picture() -> None:
    """A browser that never came up leaves no dots, and no error here: the evidence tells of it."""
    assert picture([]).count("<circle") == 3
