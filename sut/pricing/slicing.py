"""The stage that slices: how many layers the machine lays down."""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING

from sut.tariff import rounded

if TYPE_CHECKING:
    from sut.solid import Solid

_HALF = Decimal("0.5")


def count_layers(part: Solid, layer_height_mm: Decimal) -> int:
    """Count the planes z_min + (i + 0.5) * layer height that lie below z_max."""
    low, high = (float(z) for z in part.bounds[:, 2])
    planes = rounded(high - low, "0.0001") / layer_height_mm - _HALF
    return int(planes.to_integral_value(ROUND_CEILING))
