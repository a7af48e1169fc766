"""How the system is watched: what Prometheus scrapes, what it warns of, and whom Alertmanager writes to."""
