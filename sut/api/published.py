"""The tariff as everyone may read it."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from sut import tariff
from sut.api.documents import refusals
from sut.api.shapes import Tariff
from sut.api.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["tariff"])

_SHOWN = {
    "currency": tariff.CURRENCY,
    "setup": str(tariff.SETUP),
    "minimum_total": str(tariff.MINIMUM_TOTAL),
    "materials": [
        {
            "code": material.code,
            "name": material.name,
            "rate_per_cm3": str(material.rate_per_cm3),
            "rate_per_cm2": str(material.rate_per_cm2),
            "rate_per_layer": str(material.rate_per_layer),
            "rate_per_support_cm2": str(material.rate_per_support_cm2),
            "layer_height_mm": str(material.layer_height_mm),
            "build_box_mm": [str(side) for side in material.build_box_mm],
        }
        for material in tariff.TARIFF.values()
    ],
    "discounts": [
        {"from_quantity": quantity, "share": str(share)} for quantity, share in reversed(tariff.DISCOUNTS)
    ],
}


@router.get("/v1/tariff", operation_id="getTariff", response_model=Tariff, responses=refusals(422))
async def get_tariff() -> JSONResponse:
    """Show what each material costs and how a price is computed; needs no key."""
    return JSONResponse(_SHOWN)
