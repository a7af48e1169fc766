"""The stage that measures: volume, surface and the sides of the bounding box."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from sut.tariff import Box, rounded

if TYPE_CHECKING:
    from trimesh import Trimesh

_MM3_PER_CM3 = 1000
_MM2_PER_CM2 = 100


@dataclass(frozen=True)
class Geometry:
    """The size of a part."""

    volume_cm3: Decimal
    surface_cm2: Decimal
    sides_mm: Box


def measure(mesh: Trimesh) -> Geometry:
    """Measure a closed mesh."""
    x, y, z = (rounded(float(side), "0.001") for side in mesh.extents)
    return Geometry(
        volume_cm3=rounded(float(mesh.volume) / _MM3_PER_CM3, "0.001"),
        surface_cm2=rounded(float(mesh.area) / _MM2_PER_CM2, "0.01"),
        sides_mm=(x, y, z),
    )
