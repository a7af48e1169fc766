"""JSON Schemas of two documents compared: does one accept all that the other does, and if not, where."""

from collections.abc import Iterator, Mapping
from typing import Any

import jsonschema_rs

from contract.documents import Document, resolve

Schema = Mapping[str, Any]
_CHOICES = ("anyOf", "oneOf", "allOf")
_DEEPEST = 12


def narrowed(wide: Schema, wide_in: Document, narrow: Schema, narrow_in: Document) -> Iterator[str]:
    """Yield the places where `wide` does not provably accept what `narrow` does; "" is the schema itself."""
    if _covers(wide, wide_in, narrow, narrow_in):
        return
    inner = list(_narrowed_properties(wide, wide_in, narrow, narrow_in))
    yield from inner or [""]


def _narrowed_properties(
    wide: Schema, wide_in: Document, narrow: Schema, narrow_in: Document
) -> Iterator[str]:
    wide, narrow = resolve(wide, wide_in), resolve(narrow, narrow_in)
    theirs = narrow.get("properties", {})
    for name, schema in wide.get("properties", {}).items():
        if name in theirs:
            yield from (f"/{name}{where}" for where in narrowed(schema, wide_in, theirs[name], narrow_in))
    if isinstance(wide.get("items"), Mapping) and isinstance(narrow.get("items"), Mapping):
        yield from (f"/*{where}" for where in narrowed(wide["items"], wide_in, narrow["items"], narrow_in))


def property_paths(schema: Schema, document: Document, depth: int = 0) -> frozenset[str]:
    """Return the path of every named property that the schema speaks of, such as /price/total."""
    schema = resolve(schema, document)
    if depth > _DEEPEST:
        return frozenset()
    paths: set[str] = set()
    for name, inner in schema.get("properties", {}).items():
        paths.add(f"/{name}")
        paths |= {f"/{name}{path}" for path in property_paths(inner, document, depth + 1)}
    if isinstance(schema.get("items"), Mapping):
        paths |= {f"/*{path}" for path in property_paths(schema["items"], document, depth + 1)}
    for choice in (choice for word in _CHOICES for choice in schema.get(word, [])):
        paths |= property_paths(choice, document, depth + 1)
    return frozenset(paths)


def _covers(wide: Schema, wide_in: Document, narrow: Schema, narrow_in: Document) -> bool:
    """Tell whether covering is proven; "cannot tell" is no proof."""
    first, second = alone(wide, wide_in), alone(narrow, narrow_in)
    if first == second:
        return True
    answer = _canonical(first).covers(_canonical(second))
    return str(answer).rpartition(".")[2].lower() == "yes"


def _canonical(schema: dict[str, Any]) -> jsonschema_rs.CanonicalSchema:
    return jsonschema_rs.canonicalize(schema, draft=jsonschema_rs.Draft202012, validate_formats=True)


def alone(schema: Schema, document: Document) -> dict[str, Any]:
    """Return the schema with what it may refer to, so that it can be read without its document."""
    return {**schema, "components": {"schemas": document.get("components", {}).get("schemas", {})}}
