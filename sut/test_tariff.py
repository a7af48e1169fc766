"""Prices follow the published tariff to the cent."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from sut import tariff
from sut.tariff import TARIFF, Analysis, Unprintable

RELEASED = tomllib.loads((Path(__file__).parents[1] / "contract" / "tariff.toml").read_text())
BOX = Analysis(
    volume_cm3=Decimal("6.000"), surface_cm2=Decimal("22.00"), layers=50, support_cm2=Decimal("0.00")
)
TEE = Analysis(
    volume_cm3=Decimal("9.000"), surface_cm2=Decimal("33.00"), layers=150, support_cm2=Decimal("4.50")
)


def test_table_is_the_released_one() -> None:
    """Customers pay what was published."""
    for row in RELEASED["material"]:
        ours = TARIFF[row["code"]]
        rates = {
            name: Decimal(row[name]) for name in row if name.startswith("rate_") or name == "layer_height_mm"
        }
        assert {name: getattr(ours, name) for name in rates} == rates
        assert ours.name == row["name"]
        assert ours.build_box_mm == tuple(Decimal(side) for side in row["build_box_mm"])
    assert set(TARIFF) == {row["code"] for row in RELEASED["material"]}


def test_terms_are_the_released_ones() -> None:
    """Discounts, limits and fees are as published."""
    discounts = {row["from_quantity"]: Decimal(row["share"]) for row in RELEASED["discount"]}

    assert dict(tariff.DISCOUNTS) == discounts
    assert (RELEASED["currency"], Decimal(RELEASED["setup"])) == (tariff.CURRENCY, tariff.SETUP)
    assert Decimal(RELEASED["minimum_total"]) == tariff.MINIMUM_TOTAL
    assert Decimal(RELEASED["minimum_side_mm"]) == tariff.MINIMUM_SIDE_MM
    assert Decimal(RELEASED["overhang_normal_z"]) == tariff.OVERHANG_NORMAL_Z
    assert RELEASED["quantity"] == {"minimum": tariff.QUANTITY_MIN, "maximum": tariff.QUANTITY_MAX}


@pytest.mark.parametrize(
    ("material", "analysis", "quantity", "unit", "total"),
    [
        ("PLA", BOX, 3, "2.74", "13.22"),
        ("PLA", BOX, 1, "2.74", "12.00"),  # the least an order costs
        ("PLA", TEE, 10, "4.64", "49.08"),  # 4.635 rounds up; 46.40 - 5 % + 5
        ("PLA", replace(BOX, support_cm2=Decimal("4.50")), 10, "2.97", "33.22"),  # 2.965 rounds up
        ("PLA", replace(BOX, support_cm2=Decimal("5.00")), 10, "2.99", "33.41"),  # 33.405 rounds up
        ("AL", BOX, 200, "34.41", "5854.70"),
        ("PETG", BOX, 49, "3.27", "157.22"),  # 160.23 * 0.95 = 152.2185
        ("PA12", TEE, 50, "8.91", "405.95"),
    ],
)
def test_quote_is_the_tariff_to_the_cent(
    material: str, analysis: Analysis, quantity: int, unit: str, total: str
) -> None:
    """Figures worked out by hand come out."""
    quote = tariff.quote(TARIFF[material], quantity, analysis)

    assert (str(quote.unit), str(quote.total)) == (unit, total)


@pytest.mark.parametrize(
    ("quantity", "share"),
    [(1, "0"), (9, "0"), (10, "0.05"), (49, "0.05"), (50, "0.10"), (199, "0.10"), (200, "0.15")],
)
def test_discount_begins_at_its_quantity(quantity: int, share: str) -> None:
    """The last piece before a step pays the old rate, the first at it the new one."""
    assert tariff.discount_share(quantity) == Decimal(share)


@pytest.mark.parametrize(
    ("figure", "expected"), [(0.0005, "0.001"), (0.00049, "0.000"), (64.00049998, "64.001"), (1e38, None)]
)
def test_figures_are_rounded_half_up_in_spite_of_noise(figure: float, expected: str | None) -> None:
    """Single precision does not push an exact half down, and an absurd figure is no fault."""
    rounded = tariff.rounded(figure, "0.001")

    assert expected is None or str(rounded) == expected


@pytest.mark.parametrize(
    ("sides", "code"),
    [
        (("220.001", "1", "1"), "larger-than-build-box"),
        (("1", "1", "250.1"), "larger-than-build-box"),
        (("30", "30", "0.399"), "thinner-than-minimum"),
        (("1e38", "1", "1"), "larger-than-build-box"),
    ],
)
def test_part_beyond_the_machine_is_refused(sides: tuple[str, str, str], code: str) -> None:
    """A part that cannot be made is refused with a code and a sentence."""
    x, y, z = (Decimal(side) for side in sides)

    with pytest.raises(Unprintable, match="The part measures") as refused:
        tariff.check_printable(TARIFF["PLA"], (x, y, z))
    assert refused.value.code == code


def test_part_that_just_fits_is_taken() -> None:
    """The limits themselves are allowed."""
    tariff.check_printable(TARIFF["PLA"], (Decimal("220"), Decimal("0.4"), Decimal("250")))
