"""Regressions of a known size, planted in a copy of a release, to see whether a comparison finds them."""

from dataclasses import dataclass
from pathlib import Path

from fixtures.testbed.interface import Process
from load.comparing.versions import NoSuchVersion

KINDS = ("processor time", "latency")
_PLANTED = """

from sut import planted  # noqa: E402

_served = run


def run(app, settings, **more):
    _served(planted.Dearer(app), settings, **more)
"""
_MODULE = '''"""Makes one kind of request dearer by a known amount."""

import ctypes
import re
import time
from functools import cache
from statistics import median

METHOD, PATH, KIND, SECONDS = {method!r}, re.compile({path!r}), {kind!r}, {seconds!r}
PR_SET_TIMERSLACK = 29


@cache
def asleep_s():
    """Return how long to ask for, so that the thread is away for so long: waking up takes its time, too."""
    ctypes.CDLL(None).prctl(PR_SET_TIMERSLACK, 1)
    late = []
    for _ in range(100):
        began = time.perf_counter()
        time.sleep(SECONDS)
        late.append(time.perf_counter() - began - SECONDS)
    return max(SECONDS - median(late), 0.0)


class Dearer:
    """Burns processor time, or merely waits, before the request is handled."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["method"] == METHOD and PATH.fullmatch(scope["path"]):
            if KIND == "latency":
                time.sleep(asleep_s())
            else:
                ends = time.thread_time() + SECONDS
                while time.thread_time() < ends:
                    pass
        await self.app(scope, receive, send)
'''


@dataclass(frozen=True)
class Endpoint:
    """Where a regression is planted: a path of one service, and the operation that must show it."""

    operation: str
    service: Process
    method: str
    path: str


ENDPOINTS = (
    Endpoint("GET /v1/orders/{order_id}", "api", "GET", r"/v1/orders/[0-9a-f-]{36}"),
    Endpoint("GET mes/orders", "mes", "GET", r"/orders"),
    Endpoint("POST /v1/orders", "api", "POST", r"/v1/orders"),
    Endpoint("GET shop/", "shop", "GET", r"/"),
    Endpoint("GET /v1/orders?limit=50", "api", "GET", r"/v1/orders"),
)


def plant_dearer(root: Path, endpoint: Endpoint, kind: str, seconds: float) -> None:
    """Make an endpoint of the release below `root` dearer by so much. Units: seconds a request.

    Raises:
        NoSuchVersion: the release serves its requests in another way.
    """
    server = root / "sut" / "server.py"
    text = server.read_text(encoding="utf-8") if server.is_file() else ""
    if "\ndef run(" not in text or not (root / "sut" / endpoint.service / "__main__.py").is_file():
        raise NoSuchVersion(f"{server} does not serve as expected, so nothing can be planted in it")
    server.write_text(text + _PLANTED, encoding="utf-8")
    module = _MODULE.format(method=endpoint.method, path=endpoint.path, kind=kind, seconds=seconds)
    (root / "sut" / "planted.py").write_text(_only_in(endpoint.service, module), encoding="utf-8")


def _only_in(service: str, module: str) -> str:
    """Let every other service be as it was: paths of two services may be the same."""
    return (
        module.replace(
            "        self.app = app\n",
            f"        self.app = app\n        self.ours = {service!r} in sys.orig_argv[-1]\n",
        )
        .replace("if scope", "if self.ours and scope")
        .replace("import re\n", "import re\nimport sys\n")
    )
