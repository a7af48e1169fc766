"""Made-up runs for the self-tests of verdict and report: one that passes, and what spoils it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gate.outcome import Outcome
from gate.record import Ended, RunRecord, StageRecord, Start, TestbedRecord
from gate.stages import ORDER

CONSERVED: dict[str, Any] = {
    "attempted": 31, "acknowledged": 31, "seen": 31, "drained_s": 1.4, "complete": True,
    "lost": [], "unexpected": [], "doubled": [], "recovered": [], "stuck": [], "mispriced": [], "leaked": [],
}  # fmt: skip
TITLES = {
    "smoke": ("test_order_from_shop_is_priced_and_shown_to_operators_once",),
    "contract": tuple(
        f"test_{name}_keeps_its_contract" for name in ("createOrder", "getOrder", "listOrders")
    ),
    "e2e": (
        "test_order_goes_from_the_shop_to_closed",
        "test_second_operator_cannot_take_a_taken_order",
        "test_unprintable_model_is_rejected_with_a_reason",
        "test_broker_outage_delays_orders_and_loses_none",
    ),
}


def write(run_dir: Path, outcome: Outcome = Outcome.PASS) -> None:
    """Write the evidence of a run that is judged so."""
    record, results, load, conserved = _parts(run_dir.name)
    match outcome:
        case Outcome.WARN:
            load["operations"]["POST /v1/orders"] |= {"p95_ms": 352.0, "p99_ms": 431.0}
        case Outcome.FAIL:
            results["e2e"][1] |= {"outcome": "failed", "message": _MESSAGE}
            conserved |= {
                "lost": ["K7F3-0192", "K7F3-0193"],
                "mispriced": ["9QXM-4410 (priced 12.01, expected 12.00)"],
            }
            load["operations"]["POST /v1/orders"] |= {"p95_ms": 840.0, "p99_ms": 1312.0}
        case Outcome.UNKNOWN:
            results["e2e"][3] |= {
                "outcome": "inconclusive",
                "message": "the outage was not felt: no request failed",
            }
            hung = replace(record.stages[3], ended=Ended.TIME_LIMIT, exit_status=-9, seconds=120.0)
            record = replace(record, stages=(*record.stages[:3], hung))
            load = {}
    record.write(run_dir)
    for stage, tests in results.items():
        document = {"stage": stage, "exit_status": 0, "collected": len(tests), "tests": tests}
        _write(run_dir / "evidence" / f"{stage}.json", document)
    _write(run_dir / "evidence" / "conservation.json", conserved)
    if load:
        _write(run_dir / "evidence" / "load.json", load)


def _parts(run: str) -> tuple[RunRecord, dict[str, list[dict[str, Any]]], dict[str, Any], dict[str, Any]]:
    stages = tuple(
        StageRecord(name, Ended.ITSELF, exit_status=0, seconds=seconds, limit_s=120, peak_rss_bytes=size)
        for name, seconds, size in zip(
            ORDER, (6.2, 21.5, 34.9, 26.1), (310_000_000, 180_000_000, 640_000_000, 120_000_000), strict=True
        )
    )
    record = RunRecord(
        run=run, profile="pr", seed=1, release={"ref": "v1.4.0-3-g1f2e3d4", "target": "", "sut": "."},
        environment={"python": "3.11.7", "platform": "Linux x86_64", "cores": "2"}, planned=ORDER, full=True,
        started_at="2026-11-22T12:00:00+00:00", finished_at="2026-11-22T12:01:38+00:00",
        testbed=TestbedRecord(
            Start.STARTED, "native", seconds=3.4, breakdown={"postgres": 0.8, "nats": 0.1, "services": 2.4},
            peak_rss_bytes=612_000_000,
        ),
        stages=stages,
    )  # fmt: skip
    results = {stage: [_test(stage, name) for name in names] for stage, names in TITLES.items()}
    return record, results, _load(), dict(CONSERVED)


def _test(stage: str, name: str) -> dict[str, Any]:
    file = f"{'contract' if stage == 'contract' else 'e2e/ordering'}/test_example.py"
    rerun = f"./assay test '{file}::{name}' --seed 1"
    return {
        "id": f"{file}::{name}", "outcome": "passed", "seconds": 1.5, "message": "", "file": file, "line": 12,
        "rerun": rerun,
    }  # fmt: skip


def _load() -> dict[str, Any]:
    def figures(requests: int, p50: float, p95: float, p99: float) -> dict[str, float]:
        shown = {
            "p10_ms": p50 / 2,
            "p50_ms": p50,
            "p90_ms": p95 * 0.9,
            "p95_ms": p95,
            "p99_ms": p99,
            "max_ms": p99 * 1.2,
        }
        return {"requests": requests, "failures": 0, "mean_ms": p50, "rate_per_s": requests / 20, **shown}

    operations = {
        "POST /v1/orders": figures(212, 18.0, 41.0, 77.0),
        "POST /v1/models": figures(60, 30.0, 84.0, 120.0),
        "GET /v1/orders": figures(29, 6.0, 14.0, 22.0),
        "GET /v1/orders/{order_id}": figures(162, 5.0, 19.0, 44.0),
        "GET /v1/orders?limit=1": figures(91, 4.0, 12.0, 31.0),
        "GET /v1/orders?limit=200": figures(53, 5.0, 17.0, 38.0),
        "GET mes/orders": figures(140, 9.0, 26.0, 61.0),
        "GET mes/orders/{number}": figures(88, 8.0, 22.0, 48.0),
        "GET mes/v1/work-orders": figures(77, 3.0, 11.0, 29.0),
        "GET mes/v1/work-orders?customer": figures(67, 3.5, 13.0, 31.0),
        "GET shop/": figures(163, 2.0, 9.0, 21.0),
        "GET shop/orders": figures(17, 12.0, 40.0, 58.0),
        "GET shop/orders/{number}/status": figures(36, 11.0, 32.0, 51.0),
        "POST shop/drafts/{id}/submit": figures(51, 31.0, 88.0, 140.0),
    }
    slis = {
        "order_to_price": figures(263, 210.0, 640.0, 910.0),
        "accept_to_mes": figures(263, 24.0, 88.0, 130.0),
    }
    conserved = CONSERVED | {"attempted": 263, "acknowledged": 263, "seen": 263}
    return {
        "stage": "load", "profile": "smoke", "planned_s": 20, "operations": operations, "slis": slis,
        "conservation": conserved, "failures": [], "generator": {"cpu_share": 0.31},
    }  # fmt: skip


def _write(path: Path, document: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document), encoding="utf-8")


_MESSAGE = """AssertionError: Locator expected to have text 'IN_PRODUCTION'
Actual value: APPROVED
Call log:
  - expect.to_have_text with timeout 5000ms
  - waiting for get_by_role("status", name="State")"""
