"""Wares: seeded, bounded, and priced by the oracle."""

from random import Random

from load.wares import QUANTITIES, Wares, shelf


def test_the_same_seed_orders_the_same_things() -> None:
    """A load run can be repeated, but for its references, which must never repeat."""
    first = [Wares(50).wish(Random(7)) for _ in range(3)]
    second = [Wares(50).wish(Random(7)) for _ in range(3)]

    assert [(w.model.filename, w.material, w.quantity) for w in first if w] == [
        (w.model.filename, w.material, w.quantity) for w in second if w
    ]
    assert len({wish.reference for wish in [*first, *second] if wish}) == 6


def test_no_more_is_ordered_than_allowed() -> None:
    """A deployment is not filled up by a loop."""
    wares, chance = Wares(2), Random(1)

    assert [wares.wish(chance) is None for _ in range(4)] == [False, False, True, True]


def test_everything_on_the_shelf_has_a_price_in_every_material() -> None:
    """An unprintable ware would look like a slow price."""
    wares, chance = Wares(500), Random(3)

    prices = [wish.price for _ in range(500) if (wish := wares.wish(chance))]

    assert all(price is not None and price.total >= 12 for price in prices)
    assert len({model.filename for model in shelf()}) == len(shelf())
    assert max(QUANTITIES) <= 10_000
