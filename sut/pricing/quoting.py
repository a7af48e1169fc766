"""The fan-in: what the stages found out becomes one price, or one reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sut.pricing.stages import STAGES, Finding
from sut.tariff import TARIFF, Analysis, Quote, Unprintable, check_printable, quote


@dataclass(frozen=True)
class Priced:
    """A quote and the figures it rests on, ready to be told."""

    price: dict[str, str]
    analysis: dict[str, Any]


def price(findings: Mapping[str, Finding], material_code: str, quantity: int) -> Priced:
    """Price a quantity of a part from the findings of all stages.

    Raises:
        Unprintable: it cannot be made of this material.
    """
    for stage in STAGES:
        refused = findings[stage].get("refused")
        if refused:
            raise Unprintable(refused["code"], refused["detail"])
    figures = {name: figure for finding in findings.values() for name, figure in finding.items()}
    material = TARIFF[material_code]
    x, y, z = (Decimal(side) for side in figures["bounding_box_mm"])
    check_printable(material, (x, y, z))
    analysis = Analysis(
        Decimal(figures["volume_cm3"]),
        Decimal(figures["surface_cm2"]),
        figures["layers"],
        Decimal(figures["support_cm2"]),
    )
    return Priced(_shown(quote(material, quantity, analysis)), figures)


def _shown(price: Quote) -> dict[str, str]:
    return {
        "unit": str(price.unit),
        "total": str(price.total),
        "discount_share": str(price.discount_share),
        "setup": str(price.setup),
        "currency": price.currency,
    }
