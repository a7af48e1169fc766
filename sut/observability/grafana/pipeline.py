"""The pipeline: whether events flow, what waits where, and how the services' processes do."""

from __future__ import annotations

from grafana_foundation_sdk.models import dashboard as models

from sut.observability.grafana.panels import WINDOW, Ask, Bounds, dashboard, lines, number, percentile

_HTTP = "assay_http_request_seconds"
_OURS = '{job=~"shop|api|mes|pricing|flow"}'
_ONE = Bounds(warn=None, bad=1)
_ALL = Bounds(warn=None, bad=1, falling=True)


def pipeline() -> models.Dashboard:
    """Return the dashboard of whoever keeps the system running."""
    return dashboard(
        "assay-pipeline",
        "pipeline",
        "Outboxes, pricing, dead letters and processes; a stuck place shows as a line that only rises.",
        {
            "Now": [
                number(
                    "Services up",
                    "Share of the processes that Prometheus can read.",
                    Ask(f"avg(up{_OURS})"),
                    unit="percentunit",
                    bounds=_ALL,
                ),
                number(
                    "Figures complete",
                    "1 while every service could read its figures from its database.",
                    Ask("min(assay_metrics_complete)"),
                    bounds=_ALL,
                ),
                number(
                    "Sources answer",
                    "1 while the order flow can ask everybody whom it must ask.",
                    Ask("min(assay_flow_source_answers)"),
                    bounds=_ALL,
                ),
                number(
                    "Oldest unsent event",
                    "Milliseconds are usual; an event that stays is a relay or a broker that does not work.",
                    Ask("max(assay_outbox_oldest_seconds)"),
                    unit="s",
                    bounds=Bounds(warn=5, bad=30),
                ),
                number(
                    "Dead letters", "Given up and not replayed.", Ask("sum(assay_dead_letters)"), bounds=_ONE
                ),
                number(
                    "Without a price",
                    "Orders that pricing gave up; an operator can ask again.",
                    Ask("sum(assay_pricing_failed)"),
                    bounds=_ONE,
                ),
            ],
            "Queues": [
                lines(
                    "Events in outboxes",
                    "Written and not yet published, by service.",
                    Ask("sum by (job) (assay_outbox_backlog)", "{{job}}"),
                ),
                lines(
                    "Oldest event in each outbox",
                    "How long the oldest unpublished event has waited.",
                    Ask("max by (job) (assay_outbox_oldest_seconds)", "{{job}}"),
                    unit="s",
                    bounds=Bounds(warn=5, bad=30),
                ),
                lines(
                    "Pricing's queue",
                    "Analyses that wait for a worker or are being done, by stage.",
                    Ask("sum by (stage) (assay_pricing_queue)", "{{stage}}"),
                    stacked=True,
                ),
                lines(
                    "Oldest in pricing",
                    "How long ago the order of the oldest unfinished analysis was asked for.",
                    Ask("max by (stage) (assay_pricing_oldest_seconds)", "{{stage}}"),
                    unit="s",
                    bounds=Bounds(warn=30, bad=60),
                ),
            ],
            "Services": [
                lines(
                    "Requests by service",
                    "Health checks and scrapes included.",
                    Ask(f"sum by (job) (rate({_HTTP}_count[{WINDOW}]))", "{{job}}"),
                    unit="reqps",
                ),
                lines(
                    "Answered without failure, by service",
                    "Share of the requests that did not end in 5xx.",
                    Ask(
                        f'sum by (job) (rate({_HTTP}_count{{status!~"5.."}}[{WINDOW}]))'
                        f" / sum by (job) (rate({_HTTP}_count[{WINDOW}]))",
                        "{{job}}",
                    ),
                    unit="percentunit",
                    bounds=Bounds(warn=0.9995, bad=0.999, falling=True),
                ),
                lines(
                    "95th percentile by service",
                    "From a request's last byte to its answer's first.",
                    Ask(percentile(0.95, _HTTP, "job"), "{{job}}"),
                    unit="s",
                ),
                lines(
                    "Processors in use",
                    "1 is one processor; pricing's workers are processes of their own and not counted.",
                    Ask(f"sum by (job) (rate(process_cpu_seconds_total{_OURS}[{WINDOW}]))", "{{job}}"),
                ),
                lines(
                    "Memory",
                    "Resident memory of each service's process.",
                    Ask(f"sum by (job) (process_resident_memory_bytes{_OURS})", "{{job}}"),
                    unit="bytes",
                    span=24,
                ),
            ],
        },
    )
