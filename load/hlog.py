"""Histograms in a file: the standard HDR log, compressed, with one line per operation, kind and second.

HdrHistogram's own tools read it once it is unpacked; `Tag` says what a line is of, blanks and commas quoted.
"""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote

from load.histogram import Histogram
from load.series import Series

_HEAD = """#[Histogram log format version 1.3]
"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
"""
KINDS = ("latency", "service")
"""From the intended start; from when it was sent."""


class Interval(NamedTuple):
    """One line. Units: seconds since the epoch; the histogram's are µs."""

    operation: str
    kind: str
    second: int
    histogram: Histogram


def write_hlog(path: Path, operations: Mapping[str, Series]) -> None:
    """Write every operation's every second."""
    with gzip.open(path, "wt", encoding="ascii") as file:
        file.write(_HEAD)
        for operation in sorted(operations):
            for second, kept in sorted(operations[operation].seconds.items()):
                for kind, histogram in zip(KINDS, (kept.latency, kept.service), strict=True):
                    tag = quote(f"{kind}:{operation}", safe="/:{}?=&*")
                    longest_ms = histogram.value_at(100)
                    file.write(f"Tag={tag},{second}.000,1.000,{longest_ms:.3f},{histogram.encode()}\n")


def read_hlog(path: Path) -> list[Interval]:
    """Read what `write_hlog` wrote.

    Raises:
        ValueError: a line is not of that kind.
    """
    found = []
    with gzip.open(path, "rt", encoding="ascii") as file:
        for line in file:
            if line.startswith(("#", '"')):
                continue
            tag, start, _, _, encoded = line.strip().split(",")
            kind, _, operation = unquote(tag.removeprefix("Tag=")).partition(":")
            found.append(Interval(operation, kind, int(float(start)), Histogram.decode(encoded)))
    return found


def whole(intervals: list[Interval]) -> dict[tuple[str, str], Histogram]:
    """Return the whole run's histogram of each operation and kind: the sum of its seconds."""
    summed: dict[tuple[str, str], Histogram] = {}
    for interval in intervals:
        key = interval.operation, interval.kind
        summed.setdefault(key, Histogram()).merge(interval.histogram)
    return summed
