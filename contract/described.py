"""What the partner API answers about an order, against the document that it serves."""

from collections.abc import Iterator

import jsonschema_rs

from contract.documents import Document, operations
from contract.schemas import alone
from fixtures.doors import PartnerDoor

OF_AN_ORDER = ("getOrder", "getOrderHistory")


def undescribed(door: PartnerDoor, order_id: str, document: Document) -> Iterator[str]:
    """Yield where an answer about an order is none of those that the document describes."""
    for operation in operations(document):
        if operation.operation_id in OF_AN_ORDER:
            schema = operation.responses["200"]["content"]["application/json"]["schema"]
            validator = jsonschema_rs.Draft202012Validator(alone(schema, document), validate_formats=True)
            answer = door.json(operation.method, operation.path.format(order_id=order_id))
            for error in validator.iter_errors(answer):
                yield f"{operation.label} {list(error.instance_path)}: {error.message}"
