"""Prices agree to the cent with the released tariff, whatever the part, material and quantity."""

from __future__ import annotations

from typing import TypeAlias

import pytest

from fixtures import models
from fixtures.models import Model
from fixtures.orders import an_order
from fixtures.personas import Partner

Case: TypeAlias = tuple[str, Model, str, int]

MATRIX: dict[str, list[Case]] = {
    "smallest and largest": [
        ("smallest order costs the minimum", models.box(10, 10, 10), "PLA", 1),
        ("minimum is one cent above its sum", models.box(20, 30, 27), "PLA", 1),
        ("largest quantity", models.box(10, 10, 10), "PETG", 10_000),
        ("last layer is thin", models.box(20, 20, "10.11"), "PLA", 8),
        ("exactly as large as the machine", models.box(220, 220, 250), "PETG", 1),
        ("exactly as thin as allowed", models.box(30, 30, "0.4"), "PLA", 40),
    ],
    "discounts": [
        *[(f"edge {n}", models.bracket(40), "PLA", n) for n in (9, 10, 49, 50, 199, 200)],
        *[(f"edge {n} in metal", models.prism(flat=True), "AL", n) for n in (9, 10, 49, 50, 199, 200)],
    ],
    "rounding": [
        ("unit ends in half a cent", models.bracket(40), "PLA", 3),
        ("unit ends in half a cent again", models.tee(40), "PETG", 9),
        ("total ends in half a cent", models.box(40, 20, "12.98"), "PLA", 30),
        ("total ends in half a cent at 15 %", models.bracket(40), "PLA", 250),
        ("volume ends in half a step", models.box(1, "1.5", 19), "AL", 20),
        ("surface ends in half a step", models.box(1, "1.5", "21.5"), "AL", 20),
    ],
    "shapes": [
        *[("supported overhang", models.tee(60), material, 4) for material in ("PLA", "PETG", "PA12", "AL")],
        *[("sloped overhang", models.prism(flat=True), material, 2) for material in ("PLA", "PA12")],
        *[("slope that holds itself", models.prism(flat=False), material, 2) for material in ("PLA", "AL")],
        *[
            ("sloping faces", models.tetrahedron(30), material, 5)
            for material in ("PLA", "PETG", "PA12", "AL")
        ],
        ("round part", models.ball(2_000), "PA12", 6),
        *[(f"{n} triangles", models.ball(n, radius_mm=30), "AL", 2) for n in (3_000, 10_000, 20_000)],
        ("around its origin", models.moved(models.box_solid(20, 30, 10), -10, -15, -5), "AL", 3),
        ("above its origin", models.moved(models.tee_solid(40, 30, 10, 15), 0, 0, 7), "PLA", 4),
        ("faces in two groups", models.patches(models.box_solid(25, 30, 10)), "AL", 3),
        ("faces look inwards", models.inside_out(models.box_solid(20, 30, 10)), "AL", 5),
        ("overhang looks inwards", models.inside_out(models.tee_solid(40, 30, 10, 15)), "PLA", 6),
    ],
}


@pytest.mark.parametrize("kind", MATRIX)
def test_prices_are_the_released_ones_to_the_cent(partner: Partner, kind: str) -> None:
    """A partner is charged what the published tariff says: unit, discount, set-up and total."""
    wishes = {f"{name}, {n} of {material}": an_order(m, material, n) for name, m, material, n in MATRIX[kind]}

    placed = {case: partner.place(wish) for case, wish in wishes.items()}
    prices = {case: partner.waits_for(order, "PRICED").price for case, order in placed.items()}

    assert prices == {case: wish.price for case, wish in wishes.items()}
