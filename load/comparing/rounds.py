"""Runs both versions and asks them in turn, in windows short enough that the machine is the same for both."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import TypeVar

from fixtures.testbed.interface import SERVICES
from fixtures.testbed.native import NativeTestbed
from load.comparing.blocks import APPROVING, ORDERED, ORDERING, READING, WHOLE_ORDER, Operation, Window
from load.comparing.pairs import Pairs
from load.comparing.side import Refused, Side
from load.comparing.versions import Versions

WARM_UP_ROUNDS = 2
ORDERS_EVERY = 2
"""Rounds: what an order sets off must come to rest before anything else is measured, and that takes time."""
SAME_SEED = {name: {"PYTHONHASHSEED": "0"} for name in SERVICES}
"""Two processes of one version must not differ in how their dictionaries happen to be laid out."""
Told = Callable[[str, float], None]
Seen = TypeVar("Seen")


@dataclass
class Sampled:
    """What was measured of one operation: pairs of windows, by round."""

    times_ms: Pairs = field(default_factory=Pairs)
    cpu_ms: Pairs = field(default_factory=Pairs)
    rate_per_s: Pairs = field(default_factory=Pairs)

    def add(self, turn: int, before: Window, after: Window) -> None:
        """Add a pair of windows."""
        self.times_ms.add(turn, before.times_ms, after.times_ms)
        self.cpu_ms.add(turn, [before.cpu_ms], [after.cpu_ms])
        self.rate_per_s.add(turn, [before.rate_per_s], [after.rate_per_s])


@dataclass
class Samples:
    """Everything that was measured; `refused` says which version did not answer as it must, and how."""

    by_operation: dict[str, Sampled] = field(default_factory=lambda: defaultdict(Sampled))
    refused: dict[str, str] = field(default_factory=dict)
    rounds: int = 0
    elapsed_s: float = 0.0


@contextmanager
def running(versions: Versions, folder: Path, history_orders: int) -> Iterator[tuple[Side, Side]]:
    """Start both versions, one after the other: at once they would starve each other.

    Raises:
        TestbedFailed: one does not come up.
    """
    with ExitStack() as stack:
        sides: list[Side] = []
        for name, root in (("before", versions.before_root), ("after", versions.after_root)):
            testbed = NativeTestbed(
                run_dir=folder / name, sut_root=root, history_orders=history_orders, settings=SAME_SEED
            )
            sides.append(Side(name, stack.enter_context(testbed)))
        for side in sides:
            side.go_first()
        yield sides[0], sides[1]


def sampled(before: Side, after: Side, seconds: float, chance: Random, told: Told) -> Samples:
    """Ask both in turn for so long, in random order, and return every pair of windows."""
    samples = Samples()
    began = time.monotonic()
    while (elapsed_s := time.monotonic() - began) < seconds and not samples.refused:
        told(f"round {samples.rounds + 1}", elapsed_s / seconds)
        counts = samples.rounds >= WARM_UP_ROUNDS
        for each in (before, after):
            each.renew_meters()
        orders = samples.rounds % ORDERS_EVERY == 0
        for operation, one, other in _round((before, after), chance, samples.refused, orders=orders):
            if counts:
                samples.by_operation[operation].add(samples.rounds, one, other)
        samples.rounds += 1
    samples.elapsed_s = round(time.monotonic() - began, 1)
    return samples


def _round(
    sides: tuple[Side, Side], chance: Random, refused: dict[str, str], *, orders: bool
) -> Iterator[tuple[str, Window, Window]]:
    """Ask both for every operation; a refusal ends the round."""
    try:
        if orders:
            yield from _whole_orders(sides, chance)
            yield from _in_turn(sides, chance, APPROVING)
            _rest(sides)
        for operation in READING:
            yield from _in_turn(sides, chance, operation)
    except _Stopped as stopped:
        refused[stopped.side] = str(stopped)


def _whole_orders(sides: tuple[Side, Side], chance: Random) -> Iterator[tuple[str, Window, Window]]:
    """Let both accept orders in turn, and see what all of their processes use until all is done."""
    _rest(sides)
    for side in sides:
        del side.orders[:]
    yield from _in_turn(sides, chance, ORDERING)
    before, after = (Window([], used_ms / ORDERED, 0.0) for used_ms in _rest(sides))
    were_priced = [_asked(side, side.await_prices) for side in sides]
    if all(were_priced):
        yield WHOLE_ORDER, before, after


def _asked(side: Side, ask: Callable[[], Seen]) -> Seen:
    try:
        return ask()
    except (Refused, OSError) as error:
        raise _Stopped(side.name, str(error)) from error


def _rest(sides: tuple[Side, Side]) -> list[float]:
    return [side.come_to_rest() for side in sides]


class _Stopped(Exception):  # noqa: N818 - named for what happened, as our errors are
    def __init__(self, side: str, why: str) -> None:
        super().__init__(why)
        self.side = side


def _in_turn(
    sides: tuple[Side, Side], chance: Random, operation: Operation
) -> Iterator[tuple[str, Window, Window]]:
    """Ask both for moments in random order; yield what the one before and the one after gave."""
    for number in range(operation.windows):
        seen: dict[str, Window] = {}
        for side in chance.sample(sides, 2):
            seen[side.name] = _asked(side, partial(operation.window, side, number))
        yield operation.name, seen["before"], seen["after"]
