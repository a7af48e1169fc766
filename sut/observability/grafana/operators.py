"""The MES: how fast its pages are in the operators' browsers, and what operators get done."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as models

from sut.observability.grafana.panels import WINDOW, Ask, Bounds, dashboard, lines, number, percentile

_ROWS, _FIRST_BYTE = "assay_page_rows_seconds", "assay_page_first_byte_seconds"
_HTTP = "assay_http_request_seconds"
_ACTIONS, _SIGN_INS = "assay_operator_actions_total", "assay_operator_sign_ins_total"
_SLOW = Bounds(warn=1, bad=2.5)


def operators() -> models.Dashboard:
    """Return the dashboard of whoever answers for the MES and the work in it."""
    return dashboard(
        "assay-operators",
        "MES dashboard and operators",
        "Page times are those that operators' own browsers measured, from the click on.",
        {
            "Now": [
                number(
                    "Dashboard, 95 % within",
                    "From the click until the rows of the orders' dashboard are visible.",
                    Ask(percentile(0.95, _ROWS, "page", '{page="orders"}')),
                    unit="s",
                    bounds=_SLOW,
                ),
                number(
                    "Within a second",
                    "Share of the dashboard's loads whose rows were visible within a second.",
                    Ask(
                        f'sum(rate({_ROWS}_bucket{{page="orders",le="1.0"}}[{WINDOW}]))'
                        f' / sum(rate({_ROWS}_count{{page="orders"}}[{WINDOW}]))'
                    ),
                    unit="percentunit",
                    bounds=Bounds(warn=0.99, bad=0.95, falling=True),
                ),
                number(
                    "To take",
                    "Approved orders that no operator has taken.",
                    Ask('sum(assay_work_orders{state="APPROVED"})'),
                ),
                number(
                    "In the works",
                    "Taken and not shipped.",
                    Ask('sum(assay_work_orders{state=~"IN_PRODUCTION|MADE|PACKED"})'),
                ),
                number(
                    "Dead letters",
                    "Messages that a service gave up and nobody has replayed.",
                    Ask("sum(assay_dead_letters)"),
                    bounds=Bounds(warn=None, bad=1),
                ),
                number(
                    "Shipped per hour",
                    "Orders that operators shipped, at the present pace.",
                    Ask(f'sum(rate({_ACTIONS}{{action="ship"}}[{WINDOW}])) * 3600'),
                ),
            ],
            "Pages in browsers": [
                lines(
                    "Rows visible",
                    "From the click until the first row can be seen, by page: half and 95 % of the loads.",
                    Ask(percentile(0.5, _ROWS, "page"), "{{page}}, half within"),
                    Ask(percentile(0.95, _ROWS, "page"), "{{page}}, 95 % within"),
                    unit="s",
                    bounds=_SLOW,
                ),
                lines(
                    "First byte",
                    "From the click until the answer begins, by page.",
                    Ask(percentile(0.5, _FIRST_BYTE, "page"), "{{page}}, half within"),
                    Ask(percentile(0.95, _FIRST_BYTE, "page"), "{{page}}, 95 % within"),
                    unit="s",
                ),
                lines(
                    "Pages per hour",
                    "Loads that browsers have reported. None while people work means that nobody measures.",
                    Ask(f"sum by (page) (rate({_FIRST_BYTE}_count[{WINDOW}])) * 3600", "{{page}}"),
                ),
                lines(
                    "The server's part",
                    "95th percentile of the MES's own time to answer, by route.",
                    Ask(percentile(0.95, _HTTP, "route", '{job="mes",method="GET"}'), "{{route}}"),
                    unit="s",
                ),
            ],
            "Operators": [
                lines(
                    "What operators do, per hour",
                    "Steps of production, asking for a price again, replaying a dead letter.",
                    Ask(f"sum by (action) (rate({_ACTIONS}[{WINDOW}])) * 3600", "{{action}}"),
                    stacked=True,
                ),
                lines(
                    "Sign-ins per hour",
                    "Many at once may be somebody who guesses, or a shift that begins.",
                    Ask(f"sum(rate({_SIGN_INS}[{WINDOW}])) * 3600", "sign-ins"),
                ),
                lines(
                    "Work orders by state",
                    "Open ones, as the MES counts them.",
                    Ask(
                        'sum by (state) (assay_work_orders{state!~"CLOSED|CANCELLED|REJECTED"})', "{{state}}"
                    ),
                    stacked=True,
                    span=24,
                ),
            ],
        },
    )
