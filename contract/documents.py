"""OpenAPI documents read by operation, with shared parameters, references and default security resolved."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

Document: TypeAlias = Mapping[str, Any]

RELEASED = Path(__file__).parent / "openapi" / "api.json"
METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True)
class Operation:
    """One operation of a document, everything about it resolved one level deep."""

    label: str
    method: str
    path: str
    operation_id: str | None
    security: tuple[str, ...]
    """Names of the schemes, sorted; empty where the operation is public."""
    parameters: Mapping[tuple[str, str], Mapping[str, Any]]
    """By place and name, such as ("query", "limit")."""
    body: Mapping[str, Any] | None
    responses: Mapping[str, Mapping[str, Any]]
    definition: Mapping[str, Any]
    document: Document


def released() -> dict[str, Any]:
    """Return the released document of the partner API."""
    document: dict[str, Any] = json.loads(RELEASED.read_text(encoding="utf-8"))
    return document


def operations(document: Document) -> Iterator[Operation]:
    """Read every operation of a document, in the document's order."""
    for path, item in document.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield _operation(document, path, item, method)


def resolve(node: Mapping[str, Any], document: Document) -> Mapping[str, Any]:
    """Follow `$ref` within the document until there is none."""
    seen: set[str] = set()
    while "$ref" in node and node["$ref"] not in seen:
        seen.add(node["$ref"])
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    return node


def _operation(document: Document, path: str, item: Mapping[str, Any], method: str) -> Operation:
    definition = item[method]
    listed = [resolve(p, document) for p in [*item.get("parameters", []), *definition.get("parameters", [])]]
    security = definition.get("security", document.get("security", []))
    return Operation(
        label=f"{method.upper()} {path}",
        method=method.upper(),
        path=path,
        operation_id=definition.get("operationId"),
        security=tuple(sorted({name for choice in security for name in choice})),
        parameters={(parameter["in"], parameter["name"]): parameter for parameter in listed},
        body=resolve(definition["requestBody"], document) if "requestBody" in definition else None,
        responses={code: resolve(node, document) for code, node in definition.get("responses", {}).items()},
        definition=definition,
        document=document,
    )
