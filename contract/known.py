"""What this process knows of the models it has sent: bytes, ids, and so the price of every order."""

import hashlib
from collections.abc import Mapping
from typing import Any

from fixtures import oracle
from fixtures.models import Model


class KnownModels:
    """Models by what was sent and by the id under which they were stored."""

    def __init__(self) -> None:
        self._by_content: dict[str, Model] = {}
        self._by_id: dict[str, Model] = {}

    def remember(self, model: Model) -> Model:
        """Note a model before it is sent."""
        self._by_content[hashlib.sha256(model.content).hexdigest()] = model
        return model

    def sent_as(self, content: bytes) -> Model | None:
        """Return the model whose bytes these are."""
        return self._by_content.get(hashlib.sha256(content).hexdigest())

    def stored(self, model_id: str, model: Model) -> None:
        """Note under which id a model was stored."""
        self._by_id[model_id] = model

    def holds(self, model_id: object) -> bool:
        """Tell whether a model is stored under this id."""
        return str(model_id) in self._by_id

    def price_of(self, order: Mapping[str, Any]) -> oracle.Price | None:
        """Return what an order must cost; None where its model is not known."""
        model = self._by_id.get(str(order["model_id"]))
        return oracle.price(model.figures, order["material"], order["quantity"]) if model else None


MODELS = KnownModels()
