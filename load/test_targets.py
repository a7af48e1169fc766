"""The dashboard's targets, held against made-up figures."""

import pytest

from load.browser import _parser
from load.page_times import summary
from load.targets import Figures, judged


def figures(**changed: float) -> Figures:
    """What a good run gives, but for what is changed."""
    seen = {"first": 10.0, "rows": 100.0, "undone": 200.0, "short": 9.5, "filled": 9.0, **changed}
    return Figures(
        orders={"short": 10_000, "long": 1_000_000, "undone": 1_000_000},
        filled_s={"short": 1.0, "long": seen["filled"], "undone": 5.0},
        first_byte_ms={
            "short": summary([seen["short"]]),
            "long": summary([seen["first"]]),
            "undone": summary([seen["undone"]]),
        },
        rows_visible_ms={
            "short": summary([95.0]),
            "long": summary([seen["rows"]]),
            "undone": summary([300.0]),
        },
    )


def missed(seen: Figures) -> list[str]:
    """The targets that were missed."""
    return [each.name for each in judged(seen) if not each.is_met]


def test_good_figures_meet_every_target() -> None:
    """A fast dashboard is told to be one, and how much faster than the undone one it is."""
    assert missed(figures()) == []
    assert {each.name: each.seen for each in judged(figures())}["first byte, undone to long"] == 20.0


@pytest.mark.parametrize(
    ("changed", "target"),
    [
        ({"first": 30.1, "short": 30.0, "undone": 400.0}, "first byte, long history, p95 in ms"),
        ({"rows": 301.0}, "rows visible, long history, p95 in ms"),
        ({"short": 8.0}, "first byte, growth from short to long"),
        ({"undone": 99.0}, "first byte, undone to long"),
        ({"filled": 15.1}, "long history filled, in s"),
    ],
)
def test_each_target_can_be_missed(changed: dict[str, float], target: str) -> None:
    """No target is met by whatever is measured."""
    assert target in missed(figures(**changed))


def test_figures_without_the_undone_variant_are_judged_without_its_ratio() -> None:
    """What was left out is not held against the dashboard."""
    whole = figures()
    first = {name: each for name, each in whole.first_byte_ms.items() if name != "undone"}

    assert [each.name for each in judged(whole._replace(first_byte_ms=first)) if "undone" in each.name] == []


def test_summary_tells_the_median_and_what_is_above_it() -> None:
    """The percentiles are those of the samples, whatever their order."""
    assert summary([4.0, 1.0, 3.0, 2.0, 5.0]) == {
        "samples": 5, "p50": 3.0, "p90": 4.6, "p95": 4.8, "p99": 4.96, "max": 5.0
    }  # fmt: skip


@pytest.mark.parametrize(
    "words", [["--orders", "0"], ["--rounds", "x"], ["--few", "6000000"], ["--nonsense"]]
)
def test_silly_command_line_is_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the finger starts no systems."""
    with pytest.raises(SystemExit) as stopped:
        _parser().parse_args(words)

    assert stopped.value.code == 64
    assert len(capsys.readouterr().err.splitlines()) == 1
