"""One order's price: the file is read, three analyses run side by side, and one quote gathers them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from sut import mesh
from sut.mesh import BadModel
from sut.pricing import geometry, slicing, supports
from sut.tariff import TARIFF, Analysis, Quote, Unprintable, check_printable, quote


@dataclass(frozen=True)
class Priced:
    """A quote and the figures it rests on, ready to be told."""

    price: dict[str, str]
    analysis: dict[str, Any]


async def price(content: bytes, material_code: str, quantity: int) -> Priced:
    """Analyse a model and price a quantity of it.

    Raises:
        Unprintable: it cannot be made of this material.
    """
    material = TARIFF[material_code]
    try:
        model = await asyncio.to_thread(mesh.read, content)
    except BadModel as bad:
        raise Unprintable(bad.code, bad.detail) from None
    size, layers, support = await asyncio.gather(
        asyncio.to_thread(geometry.measure, model),
        asyncio.to_thread(slicing.count_layers, model, material.layer_height_mm),
        asyncio.to_thread(supports.support_cm2, model),
    )
    check_printable(material, size.sides_mm)
    analysis = Analysis(size.volume_cm3, size.surface_cm2, layers, support)
    return Priced(_shown_price(quote(material, quantity, analysis)), _shown(analysis, size))


def _shown_price(price: Quote) -> dict[str, str]:
    return {
        "unit": str(price.unit),
        "total": str(price.total),
        "discount_share": str(price.discount_share),
        "setup": str(price.setup),
        "currency": price.currency,
    }


def _shown(analysis: Analysis, size: geometry.Geometry) -> dict[str, Any]:
    return {
        "volume_cm3": str(analysis.volume_cm3),
        "surface_cm2": str(analysis.surface_cm2),
        "layers": analysis.layers,
        "support_cm2": str(analysis.support_cm2),
        "bounding_box_mm": [str(side) for side in size.sides_mm],
    }
