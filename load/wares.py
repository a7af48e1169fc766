"""What load users order: a shelf of models whose price is known, and seeded choices among them."""

from collections.abc import Sequence
from random import Random
from uuid import uuid4

from fixtures import oracle
from fixtures.models import LARGEST_TRIANGLE_COUNT, Model, ball, box, bracket, prism, tee, tetrahedron
from fixtures.orders import Wish

LARGE = (20_000, 100_000, LARGEST_TRIANGLE_COUNT)
QUANTITIES = (1, 1, 1, 2, 3, 5, 8, 10, 12, 25, 50, 75, 200, 1000)
"""Mostly single parts, sometimes a batch: every step of the discount is reached."""


def shelf(largest_triangles: int = 2000) -> tuple[Model, ...]:
    """Return small brackets to balls of so many triangles (2,000 are 100 KB), each made once."""
    large = [ball(count, 40) for count in LARGE if count <= largest_triangles]
    return (*_usual(), *large)


def weight(model: Model) -> int:
    """Return how often a model is ordered: large ones are as rare as in a real shop's year."""
    triangles = model.triangle_count
    return 1000 if triangles < LARGE[0] else max(1, round(1000 * LARGE[0] / triangles / 4))


def _usual() -> tuple[Model, ...]:
    return (
        box(20, 30, 10), box("12.5", 40, 8), box(60, 60, 3), bracket(25), bracket(40), bracket(80),
        tee(30), tee(60), tetrahedron(15), tetrahedron(30), prism(flat=True), prism(flat=False),
        ball(200, 12), ball(800), ball(2_000, 30),
    )  # fmt: skip


class Wares:
    """Makes wishes; no more than a run may leave behind."""

    def __init__(self, max_orders: int, largest_triangles: int = 2000) -> None:
        self._shelf: Sequence[Model] = shelf(largest_triangles)
        self._materials = oracle.materials()
        self._weights = [weight(model) for model in self._shelf]
        self._left = max_orders
        self.refused = 0
        """How often enough had been ordered."""

    def wish(self, chance: Random) -> Wish | None:
        """Return what to order next, or None once enough was ordered."""
        if self._left <= 0:
            self.refused += 1
            return None
        self._left -= 1
        model = chance.choices(self._shelf, self._weights)[0]
        material = chance.choice(self._materials)
        return Wish(model, material, chance.choice(QUANTITIES), reference=f"load-{uuid4()}")
