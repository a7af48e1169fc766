"""Grafana's dashboards as code: `python -m sut.observability.grafana --out DIR` writes what Grafana reads."""
