"""What `pricing` does when the MES asks for a price: it queues the stages, and nothing else."""

from __future__ import annotations

from sut.database import Connection
from sut.events import Event, PoisonMessage
from sut.inbox import Handler
from sut.model_files import ModelFiles
from sut.pricing import work
from sut.tariff import QUANTITY_MAX, QUANTITY_MIN, TARIFF

_LARGE_BYTES = 1_000_000


def handlers(files: ModelFiles) -> dict[str, Handler]:
    """Return the handlers; `files` holds the models."""

    async def pricing_requested(connection: Connection, event: Event) -> None:
        _check(event)
        is_large = await _size_bytes(files, event.data["model_id"]) > _LARGE_BYTES
        await work.ask(connection, event, is_large=is_large)

    return {"mes.pricing-requested": pricing_requested}


def _check(event: Event) -> None:
    material, quantity = event.data["material"], event.data["quantity"]
    if material not in TARIFF:
        raise PoisonMessage(f"there is no material {material!r}")
    if not QUANTITY_MIN <= quantity <= QUANTITY_MAX:
        raise PoisonMessage(f"quantity {quantity} is out of range")


async def _size_bytes(files: ModelFiles, model_id: str) -> int:
    try:
        return await files.size_bytes(model_id)
    except KeyError:
        return 0  # it may come back until the stages look for it
