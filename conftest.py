"""Wiring only: the plugins of the harness, each beside what it serves."""

pytest_plugins = [
    "fixtures.testbed.plugin",
    "fixtures.evidence",
    "fixtures.cast",
    "fixtures.flow_cast",
    "fixtures.metrics_door",
    "fixtures.another_api",
    "fixtures.webhook_receiver",
    "fixtures.browser",
    "fixtures.keepsakes",
    "fixtures.balance",
    "fixtures.observed",
    "fixtures.dashboards",
    "fixtures.traces.plugin",
    "fixtures.workers",
    "fixtures.garbage",
]
