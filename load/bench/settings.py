"""How the benchmark tells its locustfile what to do."""

STEPS = "BENCH_STEPS"
"""Seconds of a step and its rates, as in `3 4000 6000 8000`; one after another."""
LAGS = "BENCH_LAGS"
"""Where the lag of each second is left."""
