"""Runs both versions and asks them in turn, in windows short enough that the machine is the same for both.

Of two systems of one version the one that is started first costs more for as long as it runs, by 2 to 15 % of
processor time: seen in every operation, whichever of the two it was. So they sit down four times, in an order
that gives each of them the first place twice.
"""

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
from load.comparing.pairs import Pairs, Turn
from load.comparing.side import Refused, Side
from load.comparing.versions import Versions

WARM_UP_ROUNDS = 2
ORDERS_EVERY = 2
"""Rounds: what an order sets off must come to rest before anything else is measured, and that takes time."""
SAME_SEED = {name: {"PYTHONHASHSEED": "0"} for name in SERVICES}
"""Two processes of one version must not differ in how their dictionaries happen to be laid out."""
FIRST = ("before", "after", "after", "before")
"""Which version is started first, in each sitting."""
Told = Callable[[str, float], None]
Seen = TypeVar("Seen")


@dataclass
class Sampled:
    """What was measured of one operation: pairs of windows, by round."""

    times_ms: Pairs = field(default_factory=Pairs)
    cpu_ms: Pairs = field(default_factory=Pairs)
    rate_per_s: Pairs = field(default_factory=Pairs)

    def add(self, turn: Turn, before: Window, after: Window) -> None:
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


def sampled(
    versions: Versions, folder: Path, history_orders: int, seconds: float, chance: Random, told: Told
) -> Samples:
    """Ask both in turn for so long, in random order, and return every pair of windows.

    Raises:
        TestbedFailed: one does not come up.
    """
    samples = Samples()
    for sitting, first in enumerate(FIRST):
        done = sitting / len(FIRST)
        told(f"sitting {sitting + 1} of {len(FIRST)}: starting both", done)
        try:
            with _running(versions, folder / f"sitting-{sitting + 1}", history_orders, first) as sides:
                _sit(sides, sitting, seconds / len(FIRST), chance, samples, told)
        except _Stopped as stopped:
            samples.refused[stopped.side] = str(stopped)
        if samples.refused:
            break
    return samples


@contextmanager
def _running(
    versions: Versions, folder: Path, history_orders: int, first: str
) -> Iterator[tuple[Side, Side]]:
    """Start both versions, one after the other: at once they would starve each other."""
    with ExitStack() as stack:
        roots, sides = {"before": versions.before_root, "after": versions.after_root}, dict[str, Side]()
        for name in sorted(roots, key=lambda name: name != first):
            testbed = NativeTestbed(
                run_dir=folder / name, sut_root=roots[name], history_orders=history_orders, settings=SAME_SEED
            )
            running = stack.enter_context(testbed)
            sides[name] = _asked(name, partial(Side, name, running))
        for side in sides.values():
            side.go_first()
        yield sides["before"], sides["after"]


def _sit(
    sides: tuple[Side, Side], sitting: int, seconds: float, chance: Random, samples: Samples, told: Told
) -> None:
    """Ask both for a while; the first rounds only warm them up."""
    began, number = time.monotonic(), 0
    while (elapsed_s := time.monotonic() - began) < seconds and not samples.refused:
        told(
            f"sitting {sitting + 1} of {len(FIRST)}: round {number + 1}",
            (sitting + elapsed_s / seconds) / len(FIRST),
        )
        for each in sides:
            each.renew_meters()
        for operation, one, other in _round(
            sides, chance, samples.refused, orders=number % ORDERS_EVERY == 0
        ):
            if number >= WARM_UP_ROUNDS:
                samples.by_operation[operation].add(Turn(sitting, number), one, other)
        number += 1
    samples.rounds += number
    samples.elapsed_s = round(samples.elapsed_s + time.monotonic() - began, 1)


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
        side.worked_ms = 0.0
    yield from _in_turn(sides, chance, ORDERING)
    _rest(sides)
    before, after = (Window([], side.worked_ms / ORDERED, 0.0) for side in sides)
    were_priced = [_asked(side.name, side.await_prices) for side in sides]
    if all(were_priced):
        yield WHOLE_ORDER, before, after


def _asked(name: str, ask: Callable[[], Seen]) -> Seen:
    try:
        return ask()
    except Refused as error:
        raise _Stopped(name, str(error)) from error
    except Exception as error:  # whatever a version answers that is not what it must be
        raise _Stopped(name, f"{type(error).__name__}: {error}") from error


def _rest(sides: tuple[Side, Side]) -> None:
    for side in sides:
        side.come_to_rest()


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
            seen[side.name] = _asked(side.name, partial(operation.window, side, number))
            if operation.echoes:
                side.come_to_rest()
        yield operation.name, seen["before"], seen["after"]
