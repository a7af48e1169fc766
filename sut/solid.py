"""A surface of triangles: what can be measured of it, and whether it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_SAME_TO_DIGITS = 8  # programs that export models leave noise such as 1e-17 where they mean 0
_MIXERS = (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)  # odd, with bits all over


class Solid:
    """Triangles of a part; `corners` has shape (n, 3 corners, 3 coordinates). Units: mm."""

    def __init__(self, corners: Floats) -> None:
        self.corners = corners

    @classmethod
    def of_records(cls, records: bytes) -> Solid:
        """Take the triangles of a binary STL, without its header."""
        return cls(np.frombuffer(records, _RECORD)["corners"].astype(np.float64))

    @classmethod
    def of_numbers(cls, numbers: Sequence[bytes]) -> Solid:
        """Take the coordinates of an ASCII STL, nine to a triangle.

        Raises:
            ValueError: one of them is no number.
        """
        # Not through an array of texts: it would be as wide as the longest of them, which a stranger wrote.
        return cls(np.fromiter(map(float, numbers), np.float64, len(numbers)).reshape(-1, 3, 3))

    def __len__(self) -> int:
        return len(self.corners)

    @cached_property
    def bounds(self) -> Floats:
        """The smallest and the largest coordinates, shape (2, 3). Units: mm."""
        places = self.corners.reshape(-1, 3)
        return np.array([places.min(axis=0), places.max(axis=0)])

    @property
    def extents(self) -> Floats:
        """The sides of the bounding box. Units: mm."""
        return np.asarray(self.bounds[1] - self.bounds[0])

    @cached_property
    def across(self) -> Floats:
        """Of each triangle, the vector that looks out of it and is as long as twice its area."""
        a, b, c = (self.corners[:, corner] for corner in range(3))
        with np.errstate(all="ignore"):
            return np.asarray(np.cross(b - a, c - a))

    @cached_property
    def areas(self) -> Floats:
        """Of each triangle, its area. Units: mm2."""
        with np.errstate(all="ignore"):
            return np.asarray(np.linalg.norm(self.across, axis=1) / 2)

    @cached_property
    def volume(self) -> float:
        """What the surface encloses, negative if it looks inwards. Units: mm3."""
        from_one_corner = self.corners[:, 0] - self.corners[0, 0]  # lest a part far away lose digits
        with np.errstate(all="ignore"):
            return float(np.einsum("ij,ij->", from_one_corner, self.across) / 6)

    @property
    def is_measurable(self) -> bool:
        """Whether every coordinate is a number, and of a size that can be computed with."""
        with np.errstate(all="ignore"):
            figures = (self.areas.sum(), self.volume)
        return bool(np.isfinite(self.corners).all() and np.isfinite(figures).all())

    @property
    def is_closed(self) -> bool:
        """Whether every edge is shared by exactly two triangles that agree which side is outside."""
        if self.volume == 0:
            return False
        a, b, c = _numbered(self.corners).T
        if (a == b).any() or (b == c).any() or (c == a).any():
            return False
        count = np.int64(3 * len(self))
        starts, ends = np.concatenate([a, b, c]), np.concatenate([b, c, a])
        forth, back = np.sort(starts * count + ends), np.sort(ends * count + starts)
        return bool((forth[1:] != forth[:-1]).all() and np.array_equal(forth, back))

    def facing_outwards(self) -> Solid:
        """Return it with every triangle turned over if it looks inwards."""
        return Solid(self.corners[:, ::-1]) if self.volume < 0 else self


def _numbered(corners: Floats) -> NDArray[np.int64]:
    """Number the corners of each triangle so that those in one place have one number, shape (n, 3)."""
    places = corners.reshape(-1, 3).round(_SAME_TO_DIGITS) + 0.0  # and -0.0 is 0.0
    bits = places.view(np.uint64)
    mixed = np.zeros(len(places), np.uint64)
    for column, mixer in enumerate(_MIXERS):
        mixed = (mixed ^ bits[:, column]) * np.uint64(mixer)
        mixed ^= mixed >> np.uint64(29)
    _, first, number = np.unique(mixed, return_index=True, return_inverse=True)
    if not np.array_equal(places[first[number]], places):  # two places with one mix: hardly ever
        _, number = np.unique(places, axis=0, return_inverse=True)
    return np.asarray(number, np.int64).reshape(-1, 3)
