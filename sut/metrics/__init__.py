"""What a service counts and measures of itself, for Prometheus to read at /metrics."""
