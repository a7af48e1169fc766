"""Dashboards to be compared: each of a MES of its own, with so many orders, as it is or undone."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from time import perf_counter
from urllib.parse import urlsplit

from fixtures.personas import Operator
from fixtures.testbed.native import NativeTestbed
from fixtures.testbed.runs import REPOSITORY
from gate.sensitivity.defect import plant, read

UNDONE = "dashboard-one-table"
"""The planted defect that undoes what makes the dashboard fast."""
IDLE = ("flow", "shop", "pricing", "api")
"""What the dashboard does not need; beside three systems on two cores it would only be in the way."""


@dataclass(frozen=True)
class Variant:
    """What is measured: a release with a history."""

    name: str
    orders: int
    is_undone: bool = False


class Dashboard:
    """The dashboard of one running MES, looked at by an operator who is signed in."""

    def __init__(self, variant: Variant, operator: Operator, filled_s: float) -> None:
        self.variant, self.filled_s = variant, filled_s
        self.url = operator.door.base_url
        self.cookies = operator.door.cookies()
        self._door = operator.door
        self._line = HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        self._headers = {"Cookie": "; ".join(f"{c['name']}={c['value']}" for c in self.cookies)}

    def first_byte_ms(self, path: str) -> float:
        """Ask for a page over a connection that is open, and time its first byte. Units: ms."""
        began_s = perf_counter()
        self._line.request("GET", path, headers=self._headers)
        answer = self._line.getresponse()
        answer.read(1)
        took_ms = (perf_counter() - began_s) * 1000
        page = answer.read()
        if answer.status != 200 or b"row-" not in page:
            raise RuntimeError(f"{self.url}{path} was answered {answer.status}, without an order")
        return took_ms

    def behind(self, path: str, pages: int) -> str:
        """Return the path of a page so many pages further on."""
        for _ in range(pages):
            following = self._door.open(path).link_to("Next page")
            if following is None:
                raise RuntimeError(f"{self.url}{path} has no next page")
            path = following.removeprefix(self.url)
        return path


@contextmanager
def running(variants: list[Variant], folder: Path) -> Iterator[list[Dashboard]]:
    """Start and fill a MES for each variant, and end them all afterwards."""
    with ExitStack() as stack:
        yield [stack.enter_context(_started(variant, folder / variant.name)) for variant in variants]


@contextmanager
def _started(variant: Variant, folder: Path) -> Iterator[Dashboard]:
    print(f"browser  {variant.name}: starting, then filling {variant.orders:,} orders", flush=True)
    release = REPOSITORY
    if variant.is_undone:
        release = folder / "release"
        plant(read(REPOSITORY / "sut" / "defects", [UNDONE])[0], REPOSITORY, release)
    with NativeTestbed(run_dir=folder, sut_root=release) as testbed:
        for name in IDLE:
            testbed.kill(name)  # type: ignore[arg-type]  # they are names of processes
        began_s = perf_counter()
        testbed.fill_history(variant.orders)
        filled_s = perf_counter() - began_s
        print(f"browser  {variant.name}: filled in {filled_s:.1f} s", flush=True)
        given = testbed.target.operators[0]
        operator = Operator(given.name, given.email, given.password, testbed.target.urls.mes)
        yield Dashboard(variant, operator, filled_s)
