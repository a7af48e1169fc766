"""The partner API: what partners ask for, how fast they are answered, and what is left of each promise."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as models

from sut.observability.grafana.panels import WINDOW, Ask, Bounds, dashboard, lines, number, percentile

_CALLS = "assay_partner_requests_total"
_TIMES = "assay_partner_request_seconds"
_HTTP = "assay_http_request_seconds"
_IN_TIME = (
    f'sum by (partner) (rate({_TIMES}_bucket{{le="0.5"}}[{WINDOW}]))'
    f" / sum by (partner) (rate({_TIMES}_count[{WINDOW}]))"
)
_BURN = Bounds(warn=1, bad=14.4)


def partners() -> models.Dashboard:
    """Return the dashboard of whoever answers to partners."""
    return dashboard(
        "assay-partners",
        "partner API and SLA",
        "The usual contract: 99 % of answered calls within 500 ms, 99.9 % without a failure of ours.",
        {
            "All partners": [
                number(
                    "Calls",
                    "Calls of partners each second, whatever became of them.",
                    Ask(f"sum(rate({_CALLS}[{WINDOW}]))"),
                    unit="reqps",
                ),
                number(
                    "Not failed",
                    "Share of the calls within contracts that did not fail by our fault.",
                    Ask(
                        f'sum(rate({_CALLS}{{outcome=~"ok|refused"}}[{WINDOW}]))'
                        f' / sum(rate({_CALLS}{{outcome!="limited"}}[{WINDOW}]))'
                    ),
                    unit="percentunit",
                    bounds=Bounds(warn=0.9995, bad=0.999, falling=True),
                ),
                number(
                    "Answered in time",
                    "Share of the answered calls that took at most 500 ms.",
                    Ask(
                        f'sum(rate({_TIMES}_bucket{{le="0.5"}}[{WINDOW}]))'
                        f" / sum(rate({_TIMES}_count[{WINDOW}]))"
                    ),
                    unit="percentunit",
                    bounds=Bounds(warn=0.995, bad=0.99, falling=True),
                ),
                number(
                    "Fastest spending",
                    "How many times too fast a partner's error budget is being spent, over an hour.",
                    Ask("max(assay:partner_burn:1h)"),
                    unit="suffix:x",
                    bounds=_BURN,
                ),
            ],
            "By partner": [
                lines(
                    "Calls by partner",
                    "Partners are named by their id; beyond the first thirty they are one.",
                    Ask(f"sum by (partner) (rate({_CALLS}[{WINDOW}]))", "{{partner}}"),
                    unit="reqps",
                    stacked=True,
                ),
                lines(
                    "Calls by outcome",
                    "Refused is 4xx, limited beyond the contract's rate, failed 5xx or no answer.",
                    Ask(f"sum by (outcome) (rate({_CALLS}[{WINDOW}]))", "{{outcome}}"),
                    unit="reqps",
                    stacked=True,
                ),
                lines(
                    "Answered within 500 ms, by partner",
                    "99 % are promised.",
                    Ask(_IN_TIME, "{{partner}}"),
                    unit="percentunit",
                    bounds=Bounds(warn=0.995, bad=0.99, falling=True),
                ),
                lines(
                    "Spending of the error budget, by partner",
                    "1 spends exactly a month's budget in a month; at 14.4 an alert is sent.",
                    Ask("max by (partner, promise) (assay:partner_burn:1h)", "{{partner}} {{promise}}"),
                    unit="suffix:x",
                    bounds=_BURN,
                ),
            ],
            "By route": [
                lines(
                    "95th percentile by route",
                    "From a request's last byte to its answer's first.",
                    Ask(percentile(0.95, _HTTP, "route", '{job="api"}'), "{{route}}"),
                    unit="s",
                    bounds=Bounds(warn=0.25, bad=0.5),
                ),
                lines(
                    "Answers by status",
                    "Of all who call the API, the shop included.",
                    Ask(f'sum by (status) (rate({_HTTP}_count{{job="api"}}[{WINDOW}]))', "{{status}}"),
                    unit="reqps",
                    stacked=True,
                ),
            ],
        },
    )
