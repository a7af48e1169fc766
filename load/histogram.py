"""An HDR histogram of times: three significant digits, 1 µs to 10 minutes, in HdrHistogram's buckets.

Its counts merge without loss. Many times are added at once with numpy, so that a generator which measures
20,000 answers a second spends little on it; only what occurs takes memory, so each second can have its own.
"""

import base64
import math
import zlib
from collections.abc import Iterable
from typing import Any, Self

import numpy as np
from hdrh.histogram import HdrHistogram

LONGEST_US = 600_000_000
DIGITS = 3
_SUB_BUCKETS, _HALF, _BITS = 2048, 1024, 11
_PENDING = 4096
MUCH = 64
"""So many different times at once: an operation that is asked often, not one name of very many."""

Counts = np.ndarray[Any, np.dtype[np.int64]]


class Histogram:
    """How often each time occurred. Units: µs in, ms out.

    A roomy one has, once much is added at a time, a place for every bucket: it is quicker to fill, and takes
    up to 170 KB.
    """

    __slots__ = ("_counts", "_indices", "_may_be_roomy", "_pending", "_roomy")

    def __init__(
        self, indices: Counts | None = None, counts: Counts | None = None, *, is_roomy: bool = False
    ) -> None:
        self._may_be_roomy = is_roomy
        self._roomy: Counts | None = None
        self._indices = np.empty(0, np.int64) if indices is None else indices
        self._counts = np.empty(0, np.int64) if counts is None else counts
        self._pending: list[float] = []

    @property
    def count(self) -> int:
        """How many times were added."""
        return int(self.counted()[1].sum())

    def add(self, time_us: float) -> None:
        """Add one time; beyond the ends it is kept at the end."""
        self._pending.append(time_us)
        if len(self._pending) >= _PENDING:
            self._settle()

    def add_many(self, times_us: Iterable[float]) -> None:
        """Add times; beyond the ends they are kept at the ends."""
        times = np.asarray(times_us, np.float64)
        if times.size:
            self._absorb(*np.unique(_indices_of(times), return_counts=True))

    def merge(self, other: Self) -> None:
        """Add what another histogram counted."""
        self._absorb(*other.counted())

    def counted(self) -> tuple[Counts, Counts]:
        """Return the buckets that occur, ascending, and how often each does."""
        self._settle()
        if self._roomy is not None:
            indices = np.flatnonzero(self._roomy)
            return indices, self._roomy[indices]
        return self._indices, self._counts

    def value_at(self, percentile: float) -> float:
        """Return the time that this share of all kept to, 0 where there is none. Units: %, ms."""
        indices, counts = self.counted()
        if not indices.size:
            return 0.0
        total = int(counts.sum())
        rank = max(1, math.ceil(percentile / 100 * total - 1e-6))
        place = int(np.searchsorted(np.cumsum(counts), rank))
        return _highest_us(int(indices[min(place, indices.size - 1)])) / 1000

    def pack(self) -> str:
        """Return the counts as text, cheaply, for the way to another process."""
        indices, counts = self.counted()
        raw = indices.astype("<i4").tobytes() + counts.astype("<i8").tobytes()
        return base64.b64encode(zlib.compress(raw, 1)).decode("ascii")

    @classmethod
    def unpack(cls, packed: str) -> Self:
        """Rebuild a histogram from `pack`."""
        raw = zlib.decompress(base64.b64decode(packed))
        size = len(raw) // 12
        indices = np.frombuffer(raw, "<i4", size).astype(np.int64)
        return cls(indices, np.frombuffer(raw, "<i8", size, 4 * size).astype(np.int64))

    def encode(self) -> str:
        """Return the histogram as every HDR tool reads it (V2, compressed, base64)."""
        hdr = HdrHistogram(1, LONGEST_US, DIGITS)
        indices, counts = self.counted()
        if indices.size:
            np.ctypeslib.as_array(hdr.counts)[indices] = counts
            hdr.set_internal_tacking_values(int(indices[0]), int(indices[-1]), int(counts.sum()))
        return str(hdr.encode().decode("ascii"))

    @classmethod
    def decode(cls, encoded: str) -> Self:
        """Read what `encode`, or another HDR tool with the same digits, wrote."""
        hdr = HdrHistogram.decode(encoded)
        counts = np.ctypeslib.as_array(hdr.counts).astype(np.int64)
        indices = np.flatnonzero(counts)
        return cls(indices, counts[indices])

    def _settle(self) -> None:
        if self._pending:
            times, self._pending = self._pending, []
            self.add_many(times)

    def _absorb(self, indices: Counts, counts: Counts) -> None:
        if self._may_be_roomy and self._roomy is None and indices.size >= MUCH:
            self._take_room()
        if self._roomy is not None:
            if indices.size and indices[-1] >= self._roomy.size:
                self._roomy = np.concatenate((self._roomy, np.zeros(indices[-1], np.int64)))
            self._roomy[indices] += counts
        elif not self._indices.size:
            self._indices, self._counts = indices.astype(np.int64), counts.astype(np.int64)
        elif indices.size:
            both, places = np.unique(np.concatenate((self._indices, indices)), return_inverse=True)
            summed = np.zeros(both.size, np.int64)
            np.add.at(summed, places, np.concatenate((self._counts, counts)))
            self._indices, self._counts = both, summed

    def _take_room(self) -> None:
        self._roomy = np.zeros(_SUB_BUCKETS, np.int64)
        self._may_be_roomy = False
        self._absorb(self._indices, self._counts)
        self._indices = self._counts = np.empty(0, np.int64)


def _indices_of(times_us: np.ndarray[Any, np.dtype[np.float64]]) -> Counts:
    values = np.clip(np.rint(times_us), 1, LONGEST_US).astype(np.int64)
    _, bits = np.frexp(values.astype(np.float64))
    buckets: Counts = np.maximum(bits.astype(np.int64) - _BITS, 0)
    indices: Counts = buckets * _HALF + (values >> buckets)
    return indices


def _lowest_us(index: int) -> int:
    if index < _SUB_BUCKETS:
        return index
    return (index % _HALF + _HALF) << (index // _HALF - 1)


def _highest_us(index: int) -> int:
    return index if index < _SUB_BUCKETS else _lowest_us(index) + (1 << (index // _HALF - 1)) - 1
