"""The three analyses of a model, each from the file alone, so that none waits for another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sut import mesh
from sut.mesh import BadModel
from sut.pricing import geometry, slicing, supports
from sut.tariff import TARIFF, Material

#: What a stage found out, ready to be kept: its figures, or {"refused": {"code": …, "detail": …}}.
Finding: TypeAlias = dict[str, Any]


def _geometry(content: bytes, _: Material) -> Finding:
    return geometry.measure(mesh.read(content))


def _slicing(content: bytes, material: Material) -> Finding:
    return {"layers": slicing.count_layers(mesh.read_surface(content), material.layer_height_mm)}


def _supports(content: bytes, _: Material) -> Finding:
    return {"support_cm2": str(supports.support_cm2(mesh.read_surface(content)))}


STAGES: Mapping[str, Callable[[bytes, Material], Finding]] = {
    "geometry": _geometry,
    "slicing": _slicing,
    "supports": _supports,
}


def run(stage: str, content: bytes, material_code: str) -> Finding:
    """Do one analysis; a model that is no model is a finding, not a failure."""
    try:
        return STAGES[stage](content, TARIFF[material_code])
    except BadModel as bad:
        return {"refused": {"code": bad.code, "detail": bad.detail}}
