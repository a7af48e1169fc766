"""Traces in OpenTelemetry's terms and format: what a service did for a request, an event, an order."""
