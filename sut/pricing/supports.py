"""The stage that finds overhangs: the surface that must be held up while the part is made."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from sut.tariff import ON_PLATE_MM, OVERHANG_NORMAL_Z, rounded

if TYPE_CHECKING:
    from trimesh import Trimesh

_MM2_PER_CM2 = 100


def support_cm2(mesh: Trimesh) -> Decimal:
    """Add up the faces that look down more steeply than 45 degrees and do not lie on the build plate."""
    hangs_over = mesh.face_normals[:, 2] < float(OVERHANG_NORMAL_Z)
    top_of_face = mesh.triangles[:, :, 2].max(axis=1)
    is_off_plate = top_of_face > mesh.bounds[0, 2] + float(ON_PLATE_MM)
    return rounded(float(mesh.area_faces[hangs_over & is_off_plate].sum()) / _MM2_PER_CM2, "0.01")
