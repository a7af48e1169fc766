"""The stage that measures: volume, surface and the sides of the bounding box."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sut.tariff import rounded

if TYPE_CHECKING:
    from sut.solid import Solid

_MM3_PER_CM3 = 1000
_MM2_PER_CM2 = 100


def measure(part: Solid) -> dict[str, object]:
    """Measure a closed part; figures are decimal text."""
    return {
        "volume_cm3": str(rounded(part.volume / _MM3_PER_CM3, "0.001")),
        "surface_cm2": str(rounded(float(part.areas.sum()) / _MM2_PER_CM2, "0.01")),
        "bounding_box_mm": [str(rounded(float(side), "0.001")) for side in part.extents],
    }
