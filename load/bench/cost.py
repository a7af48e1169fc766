"""What a request costs the generator, by kind: requests per second of processor time, which bounds a worker.

`python -m load.bench.cost URL` prints it as JSON; the target is `load.bench.server fast`.
"""

import json
import resource
import sys
from collections.abc import Callable
from typing import Any

from gevent import monkey

monkey.patch_all()

import gevent  # noqa: E402 - after the patch, as Locust does it

from load.arrivals import Arrivals, constant  # noqa: E402 - as above
from load.client.checked import Measured  # noqa: E402 - as above
from load.client.client import HttpClient  # noqa: E402 - as above
from load.recorder import Recorder  # noqa: E402 - as above

SECONDS = 2.0
ORDER = {"model_id": "0" * 36, "material": "PA12", "quantity": 7, "reference": "x" * 60}
KEY = {"X-API-Key": "k" * 40}
KINDS: dict[str, tuple[float, Callable[[HttpClient], Any]]] = {
    "GET, 2 bytes": (6000, lambda client: client.get("/")),
    "POST of JSON, with a header field": (4000, lambda client: client.post("/", json=ORDER, headers=KEY)),
    "POST of a file of 10 KB": (3000, lambda client: client.post("/", data=b"s" * 10_000)),
    "GET, 58 KB packed to 0.3 KB": (3000, lambda client: client.get("/packed")),
    "GET, 100 KB": (2000, lambda client: client.get("/large")),
    "GET, a new connection each": (2000, lambda client: client.get("/closing")),
}


def per_processor_second(url: str, rate_per_s: float, ask: Callable[[HttpClient], Any]) -> float:
    """Return how many such requests, each recorded, a second of processor time holds.

    Raises:
        RuntimeError: some failed.
    """
    recorder = Recorder()

    def observe(measured: Measured) -> None:
        failure = None if measured.failure is None else str(measured.failure)
        recorder.note(measured.name, measured.intended, measured.sent, measured.ended, failure)

    client = HttpClient(url, observe)

    def act(intended: float) -> None:
        visitor = client.visitor()
        visitor.intended = intended
        ask(visitor)

    ask(client)
    before = _processor_s()
    arrivals = Arrivals(constant(rate_per_s), act)
    arrivals.start()
    gevent.sleep(SECONDS)
    arrivals.end(within_s=5)
    if recorder.failed:
        raise RuntimeError(f"{recorder.failed} requests failed: {recorder.evidence(1)['failures']}")
    return arrivals.begun / (_processor_s() - before)


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    found = {name: per_processor_second(sys.argv[1], *kind) for name, kind in KINDS.items()}
    print(json.dumps(found))
