"""What the services tell of themselves: to those who may know, of what happened, and of a bounded size."""

from __future__ import annotations

import json
import time
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from e2e.pages.mes import Dashboard
from fixtures.cast import Personas
from fixtures.connection import Connection
from fixtures.life import Journey
from fixtures.metrics_door import MetricsDoor, OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.testbed.target import Target
from fixtures.waiting import until

SERVICES = ["shop", "api", "mes", "pricing", "flow"]
WRONG_TOKENS = ["", "Bearer", "Bearer wrong", "Basic wrong"]
OPEN_S = 2.7
# More than a service ever needs, and less than what strangers can make up.
ROUTES_MOST, METHODS_MOST, PARTNERS_MOST = 60, 8, 40
TIMES: dict[str, object] = {"page": "orders", "first_byte_ms": 10, "rows_ms": 20}
SLOWEST: dict[str, object] = {"page": "dead-letters", "first_byte_ms": 90_000, "rows_ms": 95_000}
REPORTED_WITHIN_S = 30.0
# Of this page alone: the report of the one before it may still be on its way.
_KEEP_WHAT_IS_REPORTED = """
    window.reported = [];
    const send = navigator.sendBeacon.bind(navigator);
    navigator.sendBeacon = (address, body) => {
        body.text().then((text) => window.reported.push(text));
        return send(address, body);
    };
"""
UNTRUE: list[dict[str, object]] = [
    {"rows_ms": -1},
    {"rows_ms": 1e12},
    {"rows_ms": "7"},
    {"first_byte_ms": 30},
    {"page": "made-up"},
]


@pytest.mark.parametrize("service", SERVICES)
def test_metrics_are_refused_to_strangers(target: Target, service: str) -> None:
    """Without the token nobody learns how a service does."""
    url = getattr(target.urls, service) or pytest.skip(f"the target names no address of {service}")

    with Connection(url) as stranger:
        answers = [stranger.http.get("/metrics", headers={"Authorization": text}) for text in WRONG_TOKENS]

    assert {answer.status_code for answer in answers} <= {401, 404}
    assert [answer.text for answer in answers if "assay_" in answer.text] == []


@pytest.mark.parametrize("service", SERVICES)
def test_odd_requests_make_no_series(metrics_of: OpensMetrics, service: str) -> None:
    """No label repeats what a stranger made up: address, query, method."""
    metrics, odd = metrics_of(service), uuid4().hex

    for path in ("/", "/orders/", "/v1/orders/", "/v1/", "/static/", "/audit/", "/health/"):
        metrics.http.get(f"{path}{odd}", params={odd: odd})
        metrics.http.request(odd.upper(), f"{path}{odd}/{odd}")

    words = metrics.words("route") | metrics.words("method") | metrics.words("status")
    assert [word for word in words if odd in word.lower()] == []
    assert len(metrics.words("route")) <= ROUTES_MOST
    assert len(metrics.words("method")) <= METHODS_MOST


def test_any_number_of_partners_makes_few_series(personas: Personas, metrics_of: OpensMetrics) -> None:
    """The first partners have series of their own, the others share one."""
    counted = metrics_of("api").value("assay_partner_requests_total", outcome="ok")

    for _ in range(PARTNERS_MOST + 1):
        personas.partner().door.json("GET", "/v1/orders")

    assert len(metrics_of("api").words("partner")) <= PARTNERS_MOST
    assert metrics_of("api").value("assay_partner_requests_total", outcome="ok") >= counted + PARTNERS_MOST


def test_the_life_of_an_order_is_counted(journey: Journey, metrics_of: OpensMetrics) -> None:
    """Sign-ins, steps and the hops of an order show in the figures."""
    mes, flow = metrics_of("mes"), metrics_of("flow")
    taken = mes.value("assay_operator_actions_total", action="take")
    signed_in = mes.value("assay_operator_sign_ins_total")
    shipped = flow.value("assay_hop_seconds_count", hop="shipping")

    journey.to("SHIPPED")

    assert mes.value("assay_operator_actions_total", action="take") > taken
    assert mes.value("assay_operator_sign_ins_total") > signed_in
    flow.rises("assay_hop_seconds_count", shipped, hop="shipping")


def test_a_page_that_stays_open_is_no_slow_answer(operator: Operator, metrics_of: OpensMetrics) -> None:
    """Who keeps a live page open was answered at its first byte, however long they look at it."""
    mes, page = metrics_of("mes"), "/notifications/stream"
    count, slow = mes.value("assay_http_request_seconds_count", route=page), slower(mes, page)

    with operator.door.http.stream("GET", page) as stream:
        lines = stream.iter_lines()  # kept: nobody else would keep the stream open
        assert next(lines)
        over_at_s = time.monotonic() + OPEN_S
        until(lambda: time.monotonic() > over_at_s, 2 * OPEN_S, what="somebody who looks for a while")

    mes.rises("assay_http_request_seconds_count", count, route=page)
    assert slower(mes, page) == slow


def slower(metrics: MetricsDoor, route: str) -> float:
    """How many of a route's requests took longer than 2.5 s."""
    buckets = [
        (has["le"], count)
        for name, has, count in metrics.samples()  # of one moment: others' requests are counted meanwhile
        if name == "assay_http_request_seconds_bucket" and has["route"] == route
    ]
    return sum(count for le, count in buckets if le == "+Inf") - sum(
        count for le, count in buckets if le == "2.5"
    )


def test_a_browser_reports_how_long_a_page_took(
    partner: Partner, operator: Operator, dashboard: Dashboard, metrics_of: OpensMetrics
) -> None:
    """The dashboard's times are those that an operator's browser has measured, told in seconds."""
    mes = metrics_of("mes")
    partner.priced(an_order())
    page = dashboard.open_as(operator)
    page.page.add_init_script(_KEEP_WHAT_IS_REPORTED)
    before_s = mes.value("assay_page_rows_seconds_sum", page="orders")

    page.page.reload()

    expect(page.rows.first).to_be_visible()
    [report] = until(
        lambda: page.page.evaluate("window.reported"), REPORTED_WITHIN_S, what="the page's report"
    )
    times = json.loads(report)
    assert times["page"] == "orders"
    assert 0 < times["first_byte_ms"] <= times["rows_ms"] < 60_000
    # Others' pages count meanwhile, too; of milliseconds even this one alone would be more.
    sum_s = mes.rises(
        "assay_page_rows_seconds_sum", before_s + times["rows_ms"] / 1000 - 0.001, page="orders"
    )
    assert sum_s - before_s < times["rows_ms"]
    assert mes.value("assay_page_rows_seconds_count", page="orders") >= 1
    assert mes.value("assay_page_first_byte_seconds_sum", page="orders") > 0


def test_times_that_no_page_of_ours_sent_are_refused(operator: Operator, metrics_of: OpensMetrics) -> None:
    """Nobody writes into the figures what was not measured, and no other site can at all."""
    form = operator.door.open("/orders").form_with("Sign out")
    token: dict[str, object] = {"token": form.fields["csrf_token"]}

    untrue = [operator.door.http.post("/page-times", json=TIMES | token | changed) for changed in UNTRUE]
    forged = operator.door.http.post("/page-times", json=TIMES | {"token": "guessed"})
    large = operator.door.http.post("/page-times", json=TIMES | token | {"page": "x" * 2000})

    assert [answer.status_code for answer in untrue] == [422] * len(UNTRUE)
    assert (forged.status_code, large.status_code) == (403, 413)
    assert operator.door.http.post("/page-times", json=TIMES | token).status_code == 204
    assert "made-up" not in metrics_of("mes").words("page")


def test_times_of_the_slowest_pages_are_counted(operator: Operator, metrics_of: OpensMetrics) -> None:
    """A page that took a minute and a half is the one that somebody must hear of."""
    mes, form = metrics_of("mes"), operator.door.open("/notifications").form_with("Sign out")
    names = ("assay_page_first_byte_seconds_sum", "assay_page_rows_seconds_sum")
    before_s = [mes.value(name, page="dead-letters") for name in names]

    answer = operator.door.http.post("/page-times", json=SLOWEST | {"token": form.fields["csrf_token"]})

    counted_s = [mes.value(name, page="dead-letters") for name in names]
    assert answer.status_code == 204
    assert [after - before >= 89 for before, after in zip(before_s, counted_s, strict=True)] == [True, True]


def test_times_of_strangers_are_refused(personas: Personas, target: Target) -> None:
    """Only who is signed in has a page to report of."""
    answer = personas.stranger(target.urls.mes).http.post("/page-times", json=TIMES | {"token": "t"})

    assert answer.status_code in (303, 401, 403)
