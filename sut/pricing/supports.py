"""The stage that finds overhangs: the surface that must be held up while the part is made."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sut.tariff import ON_PLATE_MM, OVERHANG_NORMAL_Z, rounded

if TYPE_CHECKING:
    from sut.solid import Solid

_MM2_PER_CM2 = 100


def support_cm2(part: Solid) -> Decimal:
    """Add up the faces that look down more steeply than 45 degrees and do not lie on the build plate."""
    looks_down = part.across[:, 2] < float(OVERHANG_NORMAL_Z) * 2 * part.areas
    top_of_face = part.corners[:, :, 2].max(axis=1)
    is_off_plate = top_of_face > part.bounds[0, 2] + float(ON_PLATE_MM)
    return rounded(float(part.areas[looks_down & is_off_plate].sum()) / _MM2_PER_CM2, "0.01")
