"""What a part costs: the published table, the quote computed from it, and what cannot be made at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

CURRENCY = "EUR"
SETUP = Decimal("5.00")
MINIMUM_TOTAL = Decimal("12.00")
MINIMUM_SIDE_MM = Decimal("0.4")
OVERHANG_NORMAL_Z = Decimal("-0.7071")  # steeper than 45 degrees
ON_PLATE_MM = Decimal("0.0001")  # a face no higher than this lies on the build plate
QUANTITY_MIN = 1
QUANTITY_MAX = 10_000

#: From which quantity which share is taken off, largest first.
DISCOUNTS = (
    (200, Decimal("0.15")),
    (50, Decimal("0.10")),
    (10, Decimal("0.05")),
    (1, Decimal("0")),
)

_CENT = Decimal("0.01")
_FIGURE_NOISE = Decimal("0.00001")
_WIDE = Context(prec=400)  # holds any finite measure, so that an absurd model is refused and not a fault

Box = tuple[Decimal, Decimal, Decimal]


@dataclass(frozen=True)
class Material:
    """One row of the tariff; rates are in the tariff's currency."""

    code: str
    name: str
    rate_per_cm3: Decimal
    rate_per_cm2: Decimal
    rate_per_layer: Decimal
    rate_per_support_cm2: Decimal
    layer_height_mm: Decimal
    build_box_mm: Box


def _material(code: str, name: str, rates: str, layer_height_mm: str, build_box_mm: str) -> Material:
    x, y, z = (Decimal(side) for side in build_box_mm.split())
    volume, surface, layer, support = (Decimal(rate) for rate in rates.split())
    return Material(code, name, volume, surface, layer, support, Decimal(layer_height_mm), (x, y, z))


TARIFF: Mapping[str, Material] = {
    material.code: material
    for material in (
        _material("PLA", "PLA plastic", "0.35 0.020 0.004 0.050", "0.20", "220 220 250"),
        _material("PETG", "PETG plastic", "0.42 0.025 0.004 0.060", "0.20", "220 220 250"),
        _material("PA12", "PA12 nylon", "0.78 0.030 0.006 0.000", "0.10", "340 340 600"),
        _material("AL", "AlSi10Mg aluminium", "4.90 0.180 0.021 0.350", "0.05", "250 250 325"),
    )
}


@dataclass(frozen=True)
class Analysis:
    """The figures of a model that its price depends on, rounded as the tariff says."""

    volume_cm3: Decimal
    surface_cm2: Decimal
    layers: int
    support_cm2: Decimal


@dataclass(frozen=True)
class Quote:
    """A price, all amounts in `currency`."""

    unit: Decimal
    total: Decimal
    discount_share: Decimal
    setup: Decimal
    currency: str = CURRENCY


class Unprintable(Exception):  # noqa: N818 - named for what was found, not for being an error
    """The part cannot be made of this material; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def rounded(figure: float | Decimal, places: str) -> Decimal:
    """Round a measured figure half up to the grain of `places`, as in "0.01".

    STL keeps single precision, so an exact half arrives a little off; that noise is taken away first.
    """
    exact = Decimal(figure).quantize(_FIGURE_NOISE, ROUND_HALF_UP, _WIDE)
    return exact.quantize(Decimal(places), ROUND_HALF_UP, _WIDE)


def discount_share(quantity: int) -> Decimal:
    """Return the share that is taken off for a quantity."""
    return next(share for from_quantity, share in DISCOUNTS if quantity >= from_quantity)


def quote(material: Material, quantity: int, analysis: Analysis) -> Quote:
    """Price a quantity of one part."""
    unit = (
        analysis.volume_cm3 * material.rate_per_cm3
        + analysis.surface_cm2 * material.rate_per_cm2
        + analysis.layers * material.rate_per_layer
        + analysis.support_cm2 * material.rate_per_support_cm2
    ).quantize(_CENT, ROUND_HALF_UP)
    share = discount_share(quantity)
    total = (unit * quantity * (1 - share) + SETUP).quantize(_CENT, ROUND_HALF_UP)
    return Quote(unit, max(total, MINIMUM_TOTAL), share, SETUP)


def check_printable(material: Material, sides_mm: Box) -> None:
    """Check a part's bounding box against the material's machine.

    Raises:
        Unprintable: it does not fit the build box, or a side is too thin.
    """
    if any(side > room for side, room in zip(sides_mm, material.build_box_mm, strict=True)):
        raise Unprintable(
            "larger-than-build-box",
            f"The part measures {_sides(sides_mm)} mm; the machine for {material.name} takes "
            f"{_sides(material.build_box_mm)} mm.",
        )
    if min(sides_mm) < MINIMUM_SIDE_MM:
        raise Unprintable(
            "thinner-than-minimum",
            f"The part measures {_sides(sides_mm)} mm; no side may be thinner than {MINIMUM_SIDE_MM} mm.",
        )


def _sides(sides_mm: Box) -> str:
    return " x ".join(f"{float(side):.9g}" for side in sides_mm)
