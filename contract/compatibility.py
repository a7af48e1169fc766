"""What a served OpenAPI document breaks of a released one: pure, from two documents to a list of breaches.

A request's new schema must accept all that the old one accepted; a response's old schema must accept all
that the new one may send. What cannot be proven compatible counts as broken.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from contract.documents import Document, Operation, operations
from contract.schemas import narrowed, property_paths

AUTH_FIELDS = ("type", "in", "name", "scheme")


def breaches(released: Document, served: Document) -> tuple[str, ...]:
    """Return every broken promise of the released document, each as one stable line."""
    now = {operation.label: operation for operation in operations(served)}
    found = [line for old in operations(released) for line in operation_breaches(old, now.get(old.label))]
    return (*found, *_scheme_breaches(released, served))


def operation_breaches(old: Operation, new: Operation | None) -> tuple[str, ...]:
    """Return the promises about one operation that its served form breaks."""
    if new is None:
        return (f"{old.label}: operation removed",)
    found = [*_identity(old, new), *_parameters(old, new), *_body(old, new), *_responses(old, new)]
    return tuple(f"{old.label}: {line}" for line in found)


def _identity(old: Operation, new: Operation) -> Iterator[str]:
    if old.operation_id != new.operation_id:
        yield f"operationId {old.operation_id!r} became {new.operation_id!r}"
    if old.security and not new.security:
        yield "security removed"
    elif new.security and not old.security:
        yield "security newly required"
    elif old.security != new.security:
        yield "security changed"


def _parameters(old: Operation, new: Operation) -> Iterator[str]:
    for place, parameter in old.parameters.items():
        told = "{} parameter {}".format(*place)
        if place not in new.parameters:
            yield f"{told} removed"
            continue
        if new.parameters[place].get("required") and not parameter.get("required"):
            yield f"{told} newly required"
        new_schema = new.parameters[place].get("schema", {})
        for where in narrowed(new_schema, new.document, parameter.get("schema", {}), old.document):
            yield f"{told}{where} narrowed"
    for place, parameter in new.parameters.items():
        if place not in old.parameters and parameter.get("required"):
            yield "{} parameter {} newly required".format(*place)


def _body(old: Operation, new: Operation) -> Iterator[str]:
    if old.body is None:
        if new.body is not None and new.body.get("required"):
            yield "request body newly required"
        return
    if new.body is None:
        yield "request body removed"
        return
    if new.body.get("required") and not old.body.get("required"):
        yield "request body newly required"
    for media, schema, new_schema in _shared_media(old.body, new.body):
        if new_schema is None:
            yield f"request body as {media} removed"
            continue
        for where in narrowed(new_schema, new.document, schema, old.document):
            yield f"request body {media}{where} narrowed"


def _responses(old: Operation, new: Operation) -> Iterator[str]:
    for status in old.responses.keys() - new.responses.keys():
        yield f"response {status} removed"
    for status in new.responses.keys() - old.responses.keys():
        if status.startswith(("2", "3")):
            yield f"response {status} added, which clients do not know"
    for status in sorted(old.responses.keys() & new.responses.keys()):
        yield from _response(old, new, status)


def _response(old: Operation, new: Operation, status: str) -> Iterator[str]:
    was, now = old.responses[status], new.responses[status]
    for name in was.get("headers", {}).keys() - now.get("headers", {}).keys():
        yield f"response {status} header {name} removed"
    for media, schema, new_schema in _shared_media(was, now):
        if new_schema is None:
            yield f"response {status} as {media} removed"
            continue
        before = property_paths(schema, old.document)
        gone = sorted(before - property_paths(new_schema, new.document))
        yield from (f"response {status} property {path} removed" for path in gone)
        if gone:
            continue  # the widening below would say the same again, less clearly
        for where in narrowed(schema, old.document, new_schema, new.document):
            yield f"response {status} {media}{where} may be what was not promised"


def _shared_media(
    old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, dict[str, Any], dict[str, Any] | None]]:
    now = new.get("content", {})
    for media, content in old.get("content", {}).items():
        yield media, content.get("schema", {}), now[media].get("schema", {}) if media in now else None


def _scheme_breaches(released: Document, served: Document) -> Iterator[str]:
    now = served.get("components", {}).get("securitySchemes", {})
    for name, scheme in released.get("components", {}).get("securitySchemes", {}).items():
        if any(scheme.get(field) != now.get(name, {}).get(field) for field in AUTH_FIELDS):
            yield f"security scheme {name}: changed"
