"""Objectives: read strictly, judged honestly."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from fixtures.tables import BadFile
from load.bounds import Bound
from load.objectives import Objective, load_objectives

GOOD = """
[[objective]]
name = "partner accepts an order"
sli = "latency"
operation = "POST /v1/orders"
pass = "p99 <= 300"
warn = "p99 <= 400"
needs_samples = 20
key = true
because = "a reason"
"""
CLEAN: dict[str, list[str]] = {
    name: [] for name in ("lost", "unexpected", "doubled", "recovered", "stuck", "mispriced", "leaked")
}


@pytest.fixture
def read(tmp_path: Path) -> Callable[[str], tuple[Objective, ...]]:
    """Read objectives from a text."""

    def from_text(text: str) -> tuple[Objective, ...]:
        path = tmp_path / "objectives.toml"
        path.write_text(text)
        return load_objectives(path)

    return from_text


def latency(text: str = "p99 <= 300", warn: str | None = "p99 <= 400", needs: int = 20) -> Objective:
    """An objective for the acceptance of orders."""
    warn_bound = Bound.parse(warn) if warn else None
    return Objective("accept", "latency", "POST /v1/orders", Bound.parse(text), warn_bound, needs, True, "x")


def measured(value: object, requests: int = 100, failures: int = 0) -> dict[str, object]:
    """Evidence of one operation."""
    entry = {"requests": requests, "failures": failures, "p99_ms": value}
    return {"operations": {"POST /v1/orders": entry}}


def conserved(
    *, complete: bool = True, acknowledged: int = 50, violations: Mapping[str, list[str]] = CLEAN
) -> dict[str, object]:
    """Evidence of a drain."""
    return {"conservation": {**CLEAN, **violations, "complete": complete, "acknowledged": acknowledged}}


def conservation(*counts: str) -> Objective:
    """An objective that no order is lost, doubled and so on."""
    names = counts or ("lost", "unexpected", "doubled", "mispriced", "leaked")
    return Objective("none lost", "conservation", "*", Bound.parse("count == 0"), None, 20, True, "x", names)


@pytest.mark.parametrize(
    ("value", "outcome"), [(299.9, "PASS"), (300, "PASS"), (300.1, "WARN"), (400, "WARN"), (400.1, "FAIL")]
)
def test_a_latency_is_judged_by_its_bounds(value: float, outcome: str) -> None:
    """Bounds are inclusive; between pass and warn lies WARN."""
    assert latency().judge(measured(value)).outcome == outcome


@pytest.mark.parametrize("value", [math.nan, math.inf, -1, None, "12", True])
def test_a_figure_that_is_no_number_is_unknown(value: object) -> None:
    """NaN compares false with everything, so it is refused before it is compared."""
    assert latency().judge(measured(value)).outcome == "UNKNOWN"


@pytest.mark.parametrize(
    "evidence", [{}, {"operations": {}}, {"operations": None}, {"operations": {"GET /": {}}}]
)
def test_a_missing_operation_is_unknown(evidence: dict[str, object]) -> None:
    """Nothing measured is never a pass."""
    judgement = latency().judge(evidence)

    assert judgement.outcome == "UNKNOWN"
    assert "nothing was measured of POST /v1/orders" in judgement.why


def test_too_few_samples_are_unknown_even_when_slow() -> None:
    """Nineteen samples say nothing of a 99th percentile."""
    assert latency().judge(measured(1, requests=19)).outcome == "UNKNOWN"
    assert latency().judge(measured(9000, requests=19)).outcome == "UNKNOWN"


def test_failed_requests_are_no_latency_samples() -> None:
    """A service that refuses everything within a millisecond is not fast."""
    assert latency().judge(measured(1, requests=100, failures=90)).outcome == "UNKNOWN"


def test_a_starved_generator_cannot_blame_the_system() -> None:
    """Its figures are too high: good enough to pass by, not to fail by; and it never hides a lost order."""
    starved = {"generator": {"lag_p99_ms": 235.0}}

    assert latency().judge(measured(200) | starved).outcome == "PASS"
    assert latency().judge(measured(350) | starved).outcome == "UNKNOWN"
    assert latency().judge(measured(900) | starved).outcome == "UNKNOWN"
    assert "235 ms late itself" in latency().judge(measured(900) | starved).why
    assert latency().judge(measured(900) | {"generator": {"lag_p99_ms": 4.0}}).outcome == "FAIL"
    assert conservation().judge(conserved(violations={"lost": ["A"]}) | starved).outcome == "FAIL"


def test_a_starved_generator_is_no_excuse_for_what_its_lateness_cannot_explain() -> None:
    """A release that takes all the processor time starves the generator, too; that does not hide it."""
    starved = {"generator": {"lag_p99_ms": 77.0}}

    assert latency().judge(measured(780) | starved).outcome == "UNKNOWN"
    assert latency().judge(measured(790) | starved).outcome == "FAIL"
    assert "more than lateness explains" in latency().judge(measured(1583) | starved).why


def test_lateness_excuses_times_across_services_by_its_length() -> None:
    """They are made of many requests, and none of these says how much of it was ours."""
    objective = Objective("in time", "order_to_price", "*", Bound.parse("p95 <= 1000"), None, 10, False, "x")
    entry = {"requests": 100, "failures": 0, "p95_ms": 1600.0, "p95_at_least_ms": 1600.0}

    def judged(lag_ms: float) -> str:
        evidence = {"slis": {"order_to_price": entry}, "generator": {"lag_p99_ms": lag_ms}}
        return objective.judge(evidence).outcome

    assert (judged(235), judged(60), judged(4)) == ("UNKNOWN", "FAIL", "FAIL")


def test_headroom_is_what_is_left_of_the_bound() -> None:
    """75 of 300 ms used leaves three quarters; of an error budget, what was not spent."""
    success = Objective("ok", "success_share", "*", Bound.parse("share >= 0.99"), None, 1, False, "x")

    assert latency().judge(measured(75)).headroom_share == 0.75
    assert latency().judge(measured(450)).headroom_share == -0.5
    assert success.judge(measured(1, requests=1000, failures=5)).headroom_share == 0.5


def test_success_share_counts_all_operations() -> None:
    """Every operation's failures are spent from one budget."""
    objective = Objective("ok", "success_share", "*", Bound.parse("share >= 0.99"), None, 150, False, "x")
    entries = {"a": {"requests": 100, "failures": 0}, "b": {"requests": 100, "failures": 4}}

    assert objective.judge({"operations": entries}).outcome == "FAIL"
    assert objective.judge({"operations": entries}).value == 0.98
    assert objective.judge({"operations": entries | {"c": {"requests": 9}}}).outcome == "UNKNOWN"


def test_success_share_of_a_door_counts_its_operations_alone() -> None:
    """The shop's failures are not the partner API's."""
    objective = Objective(
        "ok", "success_share", "* shop/*", Bound.parse("share >= 0.99"), None, 5, False, "x"
    )
    entries = {
        "GET shop/": {"requests": 10, "failures": 0},
        "STEP shop/": {"requests": 1, "failures": 1},
        "GET mes/orders": {"requests": 100, "failures": 90},
    }

    judgement = objective.judge({"operations": entries})

    assert judgement.outcome == "FAIL"
    assert judgement.value == pytest.approx(10 / 11, abs=1e-6)
    assert "1 of 11 failed" in judgement.why


def test_growth_compares_two_operations_of_the_same_run() -> None:
    """Twice the time for two hundred times the rows is fine on a slow machine, too."""
    objective = Objective("flat", "growth", "all", Bound.parse("ratio <= 2"), None, 5, False, "x", over="one")
    operations = {"one": {"requests": 9, "failures": 0, "p10_ms": 40}, "all": {"requests": 9, "failures": 0}}

    assert objective.judge({"operations": operations}).outcome == "UNKNOWN"
    operations["all"]["p10_ms"] = 79
    assert objective.judge({"operations": operations}).outcome == "PASS"
    operations["all"]["p10_ms"] = 120
    assert objective.judge({"operations": operations}).outcome == "FAIL"
    assert "120.0 ms over 40.0 ms" in objective.judge({"operations": operations}).why
    operations["one"]["failures"] = 5
    assert objective.judge({"operations": operations}).outcome == "UNKNOWN"


def test_spans_are_read_from_slis() -> None:
    """Times across services stand beside the operations."""
    objective = Objective("priced", "order_to_price", "*", Bound.parse("p95 <= 2000"), None, 10, False, "x")

    assert objective.judge({"slis": {"order_to_price": {"requests": 12, "p95_ms": 900}}}).outcome == "PASS"
    assert objective.judge({"slis": {"order_to_price": {"requests": 9, "p95_ms": 900}}}).outcome == "UNKNOWN"
    assert objective.judge({"slis": {}}).outcome == "UNKNOWN"


def test_a_clean_complete_drain_passes() -> None:
    """Nothing lost, doubled, mispriced or leaked, and the ledger was drained."""
    assert conservation().judge(conserved()).outcome == "PASS"


@pytest.mark.parametrize("kind", ["lost", "unexpected", "doubled", "mispriced", "leaked"])
def test_one_violation_fails_however_few_orders(kind: str) -> None:
    """A lost order is lost, however few were sent."""
    judgement = conservation().judge(conserved(acknowledged=1, violations={kind: ["K7F3-0192"]}))

    assert judgement.outcome == "FAIL"
    assert f"1 {kind}" in judgement.why


def test_a_drain_cut_short_cannot_tell_lost_from_late() -> None:
    """What may yet arrive is not lost; what is doubled stays doubled."""
    assert conservation().judge(conserved(complete=False, violations={"lost": ["A"]})).outcome == "UNKNOWN"
    assert conservation().judge(conserved(complete=False, violations={"doubled": ["A"]})).outcome == "FAIL"


def test_conservation_without_orders_is_unknown() -> None:
    """Conservation of nothing proves nothing."""
    assert conservation().judge(conserved(acknowledged=0)).outcome == "UNKNOWN"
    assert conservation().judge({}).outcome == "UNKNOWN"
    assert conservation().judge({"conservation": {"complete": True, "acknowledged": 99}}).outcome == "UNKNOWN"


def test_stuck_orders_are_counted_where_asked() -> None:
    """An objective names what it counts."""
    assert conservation("stuck").judge(conserved(violations={"stuck": ["A"]})).outcome == "FAIL"
    assert conservation().judge(conserved(violations={"stuck": ["A"]})).outcome == "PASS"


def test_a_good_file_is_read(read: Callable[[str], tuple[Objective, ...]]) -> None:
    """Every field arrives."""
    (objective,) = read(GOOD)

    assert objective == Objective(
        "partner accepts an order", "latency", "POST /v1/orders",
        Bound("p99", "<=", 300), Bound("p99", "<=", 400), 20, True, "a reason",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('"p99 <= 300"', '"p98 <= 300"', ":6: [objective] pass = 'p98 <= 300'; allowed: \"p99 <= 300\""),
        ('"p99 <= 300"', '"p99 >= 300"', ":6:"),
        ('"p99 <= 300"', '"count == 0"', "allowed: for latency a bound of p50"),
        ('"p99 <= 400"', '"p99 <= 200"', ":7: [objective] warn"),
        ('"p99 <= 400"', '"p95 <= 400"', "looser bound of the same figure"),
        (
            "needs_samples = 20",
            "needs_samples = 0",
            ":8: [objective] needs_samples = 0; allowed: a whole number",
        ),
        ("needs_samples = 20", "", ":2: [objective] needs_samples is missing"),
        ("needs_samples", "need_samples", "needs_samples is missing"),
        ("key = true", 'key = "yes"', ":9: [objective] key = 'yes'; allowed: true or false"),
        ("key = true", "keys = true", ":9: [objective] keys = True; allowed: one of the keys sli, name"),
        ('"latency"', '"speed"', ':4: [objective] sli = \'speed\'; allowed: "latency", "order_to_price"'),
        ('"POST /v1/orders"', '"*"', "one operation"),
        ("[[objective]]", "[[objectives]]", ":2: 'objectives' is not known here"),
        ("[[objective]]", "[[objective]", ":2: is not TOML"),
    ],
)
def test_a_slip_is_told_by_line_and_key(
    read: Callable[[str], tuple[Objective, ...]], old: str, new: str, told: str
) -> None:
    """Whoever edits the file learns where the slip is and what would be right."""
    with pytest.raises(BadFile) as caught:
        read(GOOD.replace(old, new))

    assert told in str(caught.value)
    assert "objectives.toml:" in str(caught.value)


def test_the_second_table_is_told_by_its_own_line(read: Callable[[str], tuple[Objective, ...]]) -> None:
    """Lines are counted per table."""
    with pytest.raises(BadFile, match=r"objectives.toml:13: \[objective\] name .* no other objective"):
        read(GOOD + GOOD)


def test_an_empty_file_is_refused(read: Callable[[str], tuple[Objective, ...]]) -> None:
    """A release without objectives is not judged by silence."""
    with pytest.raises(BadFile, match=r"holds no \[\[objective\]\]"):
        read("")
