"""Spans: what belongs to what, who is recorded, and that nothing happens while tracing is off."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from sut.telemetry import sampling, spans
from sut.telemetry.conftest import Recorded, attributes
from sut.telemetry.place import parse
from sut.telemetry.spans import Named

REMOTE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
WORK, PART = Named("work"), Named("part")


def test_parts_belong_to_the_work_they_are_done_in(recorded: Recorded) -> None:
    """What is begun within a span is below it, also in a task that it starts; what follows is not."""

    async def part() -> None:
        with spans.below(PART):
            await asyncio.sleep(0)

    async def work() -> None:
        with spans.below(WORK):
            await asyncio.gather(part(), part())
        assert spans.trace_id() is None

    asyncio.run(work())

    first, second, whole = recorded.spans
    assert {first.trace_id, second.trace_id} == {whole.trace_id}
    assert {first.parent_span_id, second.parent_span_id} == {whole.span_id}
    assert not whole.parent_span_id
    assert whole.start_time_unix_nano <= first.start_time_unix_nano
    assert second.end_time_unix_nano <= whole.end_time_unix_nano


def test_trace_goes_on_from_a_place_that_was_sent(recorded: Recorded) -> None:
    """Whoever is handed a traceparent goes on below it, and hands on its own."""
    with spans.after(REMOTE, WORK) as span:
        assert spans.trace_id() == "0af7651916cd43dd8448eb211c80319c"
        handed_on = spans.traceparent()

    (whole,) = recorded.spans
    assert whole.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert whole.parent_span_id.hex() == "b7ad6b7169203331"
    assert handed_on == f"00-{span.trace_id.hex()}-{whole.span_id.hex()}-01"


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        "nonsense",
        REMOTE.upper(),
        f"{REMOTE}-more",
        REMOTE.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32),
        REMOTE.replace("b7ad6b7169203331", "0" * 16),
        f"ff{REMOTE[2:]}",
        f"{REMOTE}\n",
    ],
)
def test_what_is_no_place_begins_a_trace_of_its_own(recorded: Recorded, written: str | None) -> None:
    """A broken header neither breaks a request nor joins traces that have nothing to do with each other."""
    with spans.after(written, WORK):
        pass

    assert not recorded.spans[0].parent_span_id


def test_later_version_of_the_header_is_read(recorded: Recorded) -> None:
    """A version to come may have more fields; those known today stay where they are."""
    assert parse(f"01{REMOTE[2:]}-more") == parse(REMOTE)


def test_error_marks_the_span_and_goes_on(recorded: Recorded) -> None:
    """A failure is seen in the trace, by its name, and is not swallowed."""
    with pytest.raises(ValueError, match="wrong"), spans.below(WORK):
        raise ValueError("wrong")

    (span,) = recorded.spans
    assert span.status.code == span.status.STATUS_CODE_ERROR
    assert attributes(span) == {"error.type": "ValueError"}


def test_order_and_what_happened_before_are_told(recorded: Recorded) -> None:
    """A span says which order it is about, and links to the trace of what was done to it before."""
    order_id = uuid4()
    with spans.below(WORK):
        spans.current().of_order(order_id, "7F3K-0192")
        spans.current().link(REMOTE)
        spans.current().link(None)

    (span,) = recorded.spans
    assert attributes(span) == {"order.id": str(order_id), "order.number": "7F3K-0192"}
    assert [link.span_id.hex() for link in span.links] == ["b7ad6b7169203331"]


def test_unrecorded_trace_stays_so_all_the_way(recorded: Recorded) -> None:
    """Who decided not to record a trace is followed, and the decision is handed on."""
    with spans.after(spans.unrecorded(), WORK):
        handed_on = spans.traceparent() or ""
        with spans.below(PART):
            pass

    assert recorded.taken == []
    assert handed_on.endswith("-00")


def test_place_that_is_not_recorded_can_be_read_whatever_its_ids(recorded: Recorded) -> None:
    """Ids with zeros in front are ids as well; one that cannot be read has the other side begin a trace."""
    places = [parse(spans.unrecorded() or "") for _ in range(1000)]

    assert {place and place.sampled for place in places} == {False}
    assert recorded.taken == []


def test_nothing_happens_while_tracing_is_off() -> None:
    """Without a collector there are no spans, no ids and no headers."""
    with spans.after(REMOTE, WORK) as span:
        span.of_order(uuid4())
        span.link(REMOTE)
        span.fail("trouble")
        assert spans.traceparent() is None
        assert spans.trace_id() is None
        assert spans.unrecorded() is None


@pytest.mark.parametrize(
    ("name", "root", "below_recorded", "below_unrecorded"),
    [
        ("parentbased_always_on", True, True, False),
        ("parentbased_always_off", False, True, False),
        ("parentbased_traceidratio", False, True, False),
        ("always_on", True, True, True),
        ("always_off", False, False, False),
        ("traceidratio", False, False, False),
    ],
)
def test_sampler_decides_as_its_name_says(
    name: str, root: bool, below_recorded: bool, below_unrecorded: bool
) -> None:
    """The standard samplers mean here what they mean everywhere; the trace is one that 40 % leave out."""
    decide = sampling.sampler(name, 0.4)
    trace_id = bytes(8) + (2**63).to_bytes(8, "big")

    assert decide(trace_id, None) is root
    assert decide(trace_id, True) is below_recorded
    assert decide(trace_id, False) is below_unrecorded


def test_ratio_records_its_share_of_traces() -> None:
    """A quarter is a quarter, whichever process decides."""
    decide = sampling.sampler("traceidratio", 0.25)
    ids = [bytes(8) + (n * 2**64 // 1000).to_bytes(8, "big") for n in range(1000)]

    assert sum(decide(trace_id, None) for trace_id in ids) == 250
