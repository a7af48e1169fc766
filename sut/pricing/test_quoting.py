"""A model's figures and price are right where they can be worked out by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from sut.pricing import quoting, stages
from sut.tariff import Unprintable

Corner = tuple[float, float, float]


def stl(quads: Sequence[tuple[Corner, Corner, Corner, Corner]]) -> bytes:
    """An ASCII STL of four-cornered faces, each seen from outside."""
    triangles = [triangle for a, b, c, d in quads for triangle in ((a, b, c), (a, c, d))]
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*corner) for corner in triangle)
        + "endloop\nendfacet\n"
        for triangle in triangles
    )
    return f"solid x\n{facets}endsolid x\n".encode()


def frustum(bottom: float, top: float, height: float) -> bytes:
    """A square frustum centred on the plate; with a wider top its sides hang over. Units: mm."""
    low = [
        (-bottom / 2, -bottom / 2),
        (bottom / 2, -bottom / 2),
        (bottom / 2, bottom / 2),
        (-bottom / 2, bottom / 2),
    ]
    high = [(x * top / bottom, y * top / bottom) for x, y in low]
    below: list[Corner] = [(x, y, 0) for x, y in low]
    above: list[Corner] = [(x, y, height) for x, y in high]
    sides = [(below[i], below[(i + 1) % 4], above[(i + 1) % 4], above[i]) for i in range(4)]
    return stl([(below[3], below[2], below[1], below[0]), (above[0], above[1], above[2], above[3]), *sides])


def priced(content: bytes, material: str = "PLA", quantity: int = 1) -> quoting.Priced:
    """Price a model."""
    findings = {stage: stages.run(stage, content, material) for stage in stages.STAGES}
    return quoting.price(findings, material, quantity)


def test_cube_is_measured_and_priced() -> None:
    """20 mm cube: 8 cm3, 24 cm2, 100 layers, nothing hangs over: 2.80 + 0.48 + 0.40 = 3.68 each."""
    cube = priced(frustum(20, 20, 20), quantity=10)

    assert cube.analysis == {
        "volume_cm3": "8.000",
        "surface_cm2": "24.00",
        "layers": 100,
        "support_cm2": "0.00",
        "bounding_box_mm": ["20.000", "20.000", "20.000"],
    }
    assert cube.price == {
        "unit": "3.68",
        "total": "39.96",
        "discount_share": "0.05",
        "setup": "5.00",
        "currency": "EUR",
    }


def test_flat_overhang_needs_support() -> None:
    """Sides that rise 3 for each 4 outwards are flatter than 45 degrees: four trapezoids of 90 mm * 25 mm."""
    assert priced(frustum(70, 110, 15)).analysis["support_cm2"] == "90.00"


def test_steep_overhang_needs_none() -> None:
    """Sides that rise 4 for each 3 outwards hold themselves."""
    assert priced(frustum(70, 100, 20)).analysis["support_cm2"] == "0.00"


@pytest.mark.parametrize(
    ("height", "layers"), [(0.4, 2), (0.5, 2), (0.51, 3), (0.6, 3), (10.1, 50), (10.11, 51)]
)
def test_layers_are_planes_below_the_top(height: float, layers: int) -> None:
    """A plane that only touches the top is not cut."""
    assert priced(frustum(10, 10, height)).analysis["layers"] == layers


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (frustum(221, 221, 10), "larger-than-build-box"),
        (frustum(10, 10, 0.39), "thinner-than-minimum"),
        (frustum(1e9, 1e9, 1e9), "larger-than-build-box"),
        (b"no model at all", "not-stl"),
    ],
)
def test_unprintable_model_is_refused_with_a_code(content: bytes, code: str) -> None:
    """The order is rejected with a reason and not stuck."""
    with pytest.raises(Unprintable) as refused:
        priced(content)
    assert refused.value.code == code
