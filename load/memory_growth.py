"""What each order leaves behind in a service's memory: watched from outside, while a load runs."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np
import psutil

from fixtures.testbed.memory import held_alone_bytes
from fixtures.testbed.target import Target
from load.processor_time import families

LOOKS_EVERY_S = 1.0
SETTLED_SHARE = 0.4
"""A service that has just begun to work fills its caches and pools; what grows later grows for ever."""
LEAST_S = 45.0
"""A shorter load shows how services warm up, and looking costs it time."""
FEWEST_ORDERS, FEWEST_LOOKS = 200, 12


class MemoryWatch:
    """Looks at what the services hold, as long as they are processes of this machine."""

    def __init__(self, target: Target, load_lasts_s: float) -> None:
        self._pids = _listening(target) if load_lasts_s >= LEAST_S else {}
        self.looks: list[tuple[float, dict[str, int]]] = []
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="memory", daemon=True)

    def __enter__(self) -> Self:
        if self._pids:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if self._pids:
            self._thread.join()

    def _look_on(self) -> None:
        while not self._over.wait(LOOKS_EVERY_S):
            held = {name: held_alone_bytes(pids) for name, pids in self._pids.items()}
            self.looks.append((time.time(), held))


def memory_growth(
    looks: Sequence[tuple[float, Mapping[str, int]]], accepted_at: Sequence[datetime]
) -> dict[str, Any]:
    """Return how many kB each order leaves in the service where it leaves most, as evidence keeps figures."""
    if not looks:
        return {
            "value": None,
            "samples": 0,
            "doubt": "the load was too short, or the services are no processes of this machine",
        }
    moments = np.sort([each.timestamp() for each in accepted_at])
    orders = np.searchsorted(moments, [at for at, _ in looks])
    counted = _settled(orders)
    samples = int(orders[counted][-1] - orders[counted][0]) if counted.any() else 0
    if counted.sum() < FEWEST_LOOKS or samples < FEWEST_ORDERS:
        doubt = f"{samples} orders in {int(counted.sum())} looks are too few to see growth"
        return {"value": None, "samples": samples, "doubt": doubt}
    kept_kb = {
        name: _slope(orders[counted], np.array([held[name] / 1024 for _, held in looks])[counted])
        for name in looks[0][1]
    }
    worst = max(kept_kb, key=lambda name: kept_kb[name])
    detail = ", ".join(f"{name} {kb:.1f}" for name, kb in kept_kb.items())
    return {
        "value": round(max(0.0, kept_kb[worst]), 2),
        "samples": samples,
        "doubt": "",
        "detail": f"most in {worst}; kB an order: {detail}",
    }


def _settled(orders: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Say which looks count: while orders came, and after the first part of them."""
    last = orders[-1] if len(orders) else 0
    counted: np.ndarray[Any, Any] = (orders >= SETTLED_SHARE * last) & (orders < last)
    return counted


def _slope(x: "np.ndarray[Any, Any]", y: "np.ndarray[Any, Any]") -> float:
    """Return the median slope between points far apart (Theil, Sen), which single steps do not move."""
    one, other = np.triu_indices(len(x), k=max(1, len(x) // 4))
    apart = x[other] - x[one]
    return float(np.median((y[other] - y[one])[apart > 0] / apart[apart > 0])) if (apart > 0).any() else 0.0


def _listening(target: Target) -> dict[str, tuple[int, ...]]:
    """Return the processes behind the target's addresses with their children, where we may see them."""
    ports = {
        urlsplit(url).port: name for name, url in vars(target.urls).items() if url and _is_here(str(url))
    }
    try:
        found = psutil.net_connections("tcp")
    except psutil.Error:
        return {}
    return {
        ports[each.laddr.port]: families([each.pid])
        for each in found
        if each.status == psutil.CONN_LISTEN and each.pid and each.laddr.port in ports
    }


def _is_here(url: str) -> bool:
    return urlsplit(url).hostname in ("127.0.0.1", "::1", "localhost")
