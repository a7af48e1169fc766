"""Orders: what is wrong now, where orders wait, and how long each hop takes them."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as models

from sut.observability.grafana.panels import WINDOW, Ask, Bounds, dashboard, lines, number, percentile

_ONE = Bounds(warn=None, bad=1)
_HOP = "assay_hop_seconds"


def orders() -> models.Dashboard:
    """Return the dashboard of whoever answers for orders."""
    return dashboard(
        "assay-orders",
        "orders",
        "Whether every order is where it should be; the order flow's board has the orders themselves.",
        {
            "Now": [
                number(
                    "Lost",
                    "Accepted by the API and not in the MES in time. Anything but 0 is an incident.",
                    Ask("sum(assay_orders_lost)"),
                    bounds=_ONE,
                ),
                number(
                    "Overdue",
                    "Orders that wait longer in a hop than its deadline.",
                    Ask("sum(assay_orders_overdue)"),
                    bounds=_ONE,
                ),
                number(
                    "In the MES twice",
                    "Orders that have more than one work order.",
                    Ask("sum(assay_orders_doubled)"),
                    bounds=_ONE,
                ),
                number(
                    "Unknown to the API",
                    "Orders that others tell of and the API never accepted.",
                    Ask("sum(assay_orders_unexpected)"),
                    bounds=_ONE,
                ),
                number("Open", "Orders on their way, in any state.", Ask("sum(assay_orders)")),
                number(
                    "Longest without a price",
                    "How long the oldest order without a price has waited; a minute is promised.",
                    Ask('max(assay_orders_oldest_seconds{state="SUBMITTED"})'),
                    unit="s",
                    bounds=Bounds(warn=30, bad=60),
                ),
            ],
            "Where orders wait": [
                lines(
                    "Open orders by state",
                    "A growing band is work that piles up.",
                    Ask("sum by (state) (assay_orders)", "{{state}}"),
                    stacked=True,
                ),
                lines(
                    "Oldest order by state",
                    "How long the order that waits longest in each state has waited.",
                    Ask("max by (state) (assay_orders_oldest_seconds)", "{{state}}"),
                    unit="s",
                ),
                lines(
                    "Overdue by hop",
                    "Which hop the late orders hang in.",
                    Ask("sum by (hop) (assay_orders_overdue)", "{{hop}}"),
                    bounds=_ONE,
                ),
                lines(
                    "Orders per hour by hop",
                    "How many orders left each hop; what enters and does not leave is waiting.",
                    Ask(f"sum by (hop) (rate({_HOP}_count[{WINDOW}])) * 3600", "{{hop}}"),
                ),
            ],
            "How long it takes": [
                lines(
                    "From acceptance to the MES",
                    "The time that machines need; the deadline is 10 s.",
                    Ask(percentile(0.5, _HOP, "hop", '{hop="intake"}'), "half within"),
                    Ask(percentile(0.95, _HOP, "hop", '{hop="intake"}'), "95 % within"),
                    unit="s",
                    bounds=Bounds(warn=1, bad=10),
                ),
                lines(
                    "From the MES to the price",
                    "Three analyses of the model; customers are promised about a minute.",
                    Ask(percentile(0.5, _HOP, "hop", '{hop="pricing"}'), "half within"),
                    Ask(percentile(0.95, _HOP, "hop", '{hop="pricing"}'), "95 % within"),
                    unit="s",
                    bounds=Bounds(warn=30, bad=60),
                ),
                lines(
                    "Hops of people",
                    "Approving, taking, making, packing, shipping, confirming: the median of each.",
                    Ask(percentile(0.5, _HOP, "hop", '{hop!~"intake|pricing"}'), "{{hop}}"),
                    unit="s",
                    span=24,
                ),
            ],
        },
    )
