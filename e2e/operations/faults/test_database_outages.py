"""Without its database the system refuses in words, says so everywhere, and goes on afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from uuid import uuid4

import pytest

from fixtures.answers import Order
from fixtures.cast import Personas
from fixtures.connection import Connection
from fixtures.doors import Refusal
from fixtures.faults import Faults
from fixtures.flow_doors import FlowDoor
from fixtures.ledger import Ledger
from fixtures.life import Journey
from fixtures.markup import Document
from fixtures.metrics_door import OpensMetrics
from fixtures.orders import an_order
from fixtures.personas import Operator, Partner
from fixtures.testbed.interface import SERVICES
from fixtures.testbed.target import Target
from fixtures.waiting import until

pytestmark = [pytest.mark.fault, pytest.mark.xdist_group("outages")]

RECOVERED_WITHIN_S = 30
NOTICED_WITHIN_S = 10
HANGS_AT_MOST_S = 45
"""Two calls of the database may end by their limit of 10 s, and their lines by another of 5 s."""
TRIED_AGAIN_WITHIN_S = 2.0
CALLS = ["/v1/orders"] * 5 + ["/v1/sla"]
"""The last one has whatever was counted be written down, in vain."""
PRUNED_EVERY_S = 1
"""PRUNE_EVERY_S of this folder's api, which forgets a key after three seconds."""


def test_database_restart_is_survived_by_every_service(
    partner: Partner, journey: Journey, faults: Faults, ledger: Ledger
) -> None:
    """Without its database the system refuses in words, and afterwards does what it was told meanwhile."""
    with faults.pause("mes") as outage:
        before, placed_at_s = partner.door.place(an_order(), key := str(uuid4())), monotonic()
        faults.published(before, "api.submitted")
        faults.crash("postgres")
    with pytest.raises(Refusal) as refusal:  # while the MES, awake again, meets the order
        partner.door.order(before.id)
    until(lambda: monotonic() - placed_at_s > PRUNED_EVERY_S, 5, what="a look for what may go")
    faults.mend()
    until(lambda: answers(partner, before), RECOVERED_WITHIN_S, what="the API finds its database")
    after = journey.to("SHIPPED")
    until(lambda: partner.may_use(key), RECOVERED_WITHIN_S, what="a key that is old enough is forgotten")
    ledger.drain(RECOVERED_WITHIN_S)

    outage.must_have_been_felt()
    assert refusal.value.status == 503
    assert refusal.value.problem
    assert partner.waits_for(before, "PRICED").price
    assert after.price
    assert ledger.violations() == []


def test_open_pages_hear_of_orders_again_after_an_outage_of_the_database(
    partner: Partner, operator: Operator, faults: Faults
) -> None:
    """Whoever listened to the database, and was refused while it was away, listens again."""
    order = partner.priced(an_order())
    with faults.kill("postgres"):
        over_at_s = monotonic() + TRIED_AGAIN_WITHIN_S
        until(lambda: monotonic() > over_at_s, 10, what="it was tried to listen again")
    until(lambda: answers(partner, order), RECOVERED_WITHIN_S, what="the API finds its database")
    until(lambda: operator.door.http.get("/orders").is_success, RECOVERED_WITHIN_S, what="and the MES")

    with operator.door.http.stream("GET", "/notifications/stream", timeout=RECOVERED_WITHIN_S) as page:
        partner.door.approve(order.id)

        heard = hears_of(order, page.iter_lines())

    partner.door.cancel(order.id)  # else it is overdue before long, on the board that others look at
    assert heard


def hears_of(order: Order, lines: Iterator[str]) -> bool:
    """Whether an open page is told of an order in time; it hears something every ten seconds."""
    over_at_s = monotonic() + NOTICED_WITHIN_S
    heard = next((line for line in lines if order.number in line or monotonic() > over_at_s), "")
    return order.number in heard


def test_an_outage_of_the_database_is_told_everywhere_and_counted(
    partner: Partner,
    personas: Personas,
    target: Target,
    faults: Faults,
    metrics_of: OpensMetrics,
    flow: FlowDoor,
) -> None:
    """Sites say to come again shortly, probes and figures tell of it, a partner's service level counts it.

    A key that was never used before is not called unknown: nobody could look it up.
    The board of the order flow does not go on showing what was true before.
    """
    urls = [url for url in (target.urls.shop, target.urls.mes, target.urls.flow) if url]
    forms = [(site := personas.stranger(url), site.open("/sign-in").form_with("Sign in")) for url in urls]
    typed = {"e_mail": "nobody@example.com", "password": "no password"}
    partner.door.send("GET", "/v1/orders")
    newcomer = personas.partner()  # whose key the API has not met yet

    def tell(live: int, ready: int, complete: int) -> bool:
        told = {service: told_by(target, metrics_of, service) for service in SERVICES}
        assert told == dict.fromkeys(SERVICES, (live, ready, complete))
        return True

    until(lambda: tell(200, 200, 1), NOTICED_WITHIN_S, what="every service is well")
    assert flow.board()["as_of"]

    with faults.kill("postgres"):
        calls = [partner.door.http.get(path) for path in CALLS]
        first = newcomer.door.http.get("/v1/orders")
        pages = [site.http.post(form.action, data=form.filled("Sign in", **typed)) for site, form in forms]
        until(lambda: tell(200, 503, 0), NOTICED_WITHIN_S, what="every service tells of the outage")
        until(lambda: flow.http.get("/v1/flow").status_code == 503, NOTICED_WITHIN_S, what="no old board")

    assert [answer.status_code for answer in (*calls, first, *pages)] == [503] * (len(CALLS) + 1 + len(forms))
    assert ["retry-after" in answer.headers for answer in (first, *pages)] == [True] * (1 + len(forms))
    assert all(Document(answer.text, str(answer.url)).alert() for answer in pages)
    until(lambda: failures(partner) >= len(CALLS), RECOVERED_WITHIN_S, what="failures are counted")


@pytest.mark.slow
def test_a_database_that_hangs_is_an_outage_like_any_other(partner: Partner, faults: Faults) -> None:
    """A server that neither answers nor hangs up holds up nobody for ever: calls are refused, then go on."""
    order = partner.priced(an_order())

    with faults.pause("postgres") as outage:
        answer = partner.door.http.get(f"/v1/orders/{order.id}", timeout=HANGS_AT_MOST_S)
    until(lambda: answers(partner, order), RECOVERED_WITHIN_S, what="the API goes on")

    outage.must_have_been_felt()
    assert answer.status_code == 503
    assert partner.priced(an_order()).price


def answers(partner: Partner, order: Order) -> bool:
    """Ask for an order; a refusal is no end of the waiting."""
    return partner.door.http.get(f"/v1/orders/{order.id}").is_success


def failures(partner: Partner) -> int:
    """How many of a partner's calls count as failed; a refusal is no end of the waiting.

    Raises:
        LookupError: it was refused.
    """
    try:
        return int(partner.door.sla()["failed"])
    except Refusal as refusal:
        raise LookupError(str(refusal)) from None


def told_by(target: Target, metrics_of: OpensMetrics, service: str) -> tuple[int, int, float]:
    """Ask a service whether it lives and is ready (statuses), and whether its figures are complete."""
    with Connection(getattr(target.urls, service)) as probe:
        live, ready = (probe.http.get(f"/health/{name}") for name in ("live", "ready"))
    return live.status_code, ready.status_code, metrics_of(service).value("assay_metrics_complete")
