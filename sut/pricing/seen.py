"""The stages of a price in its order's trace: a span here, and one below it by the worker's own clock."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from sut.pricing.work import Job
from sut.telemetry import spans
from sut.telemetry.spans import Named, Span


def done(job: Job) -> Span:
    """Begin a stage, from its being taken to its being settled."""
    span = spans.after(job.traceparent, _named("stage", job.stage))
    span.of_order(job.order_id)
    return span


def analysed(job: Job, answer: Mapping[str, Any]) -> None:
    """Note the work itself, as the worker process timed it."""
    span = spans.below(_named("analyse", job.stage))
    span.of_order(job.order_id)
    span.set("process.pid", answer["process"])
    if "error" in answer:
        span.fail(answer["error"])
    span.took(answer["began_ns"], answer["ended_ns"])


@lru_cache(16)
def _named(verb: str, stage: str) -> Named:
    return Named(f"{verb} {stage}")
