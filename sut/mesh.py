"""Reads an STL file, binary or ASCII, into a closed surface, or says exactly why it cannot."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # with numpy behind it, which is loaded when the first model is read
    from sut.solid import Solid

MAX_BYTES = 10_000_000

_HEADER_BYTES = 84
_TRIANGLE_BYTES = 50
_MOST_SOLIDS = 100
# Blanks but no newlines inside a line's pattern: a file of nothing but blanks must be refused fast.
_LINES = (
    re.compile(rb"^[ \t]*facet[ \t]+normal[ \t]", re.MULTILINE),
    re.compile(rb"^[ \t]*vertex((?:[ \t]+[-+.\de]+){3})[ \t\r]*$", re.MULTILINE),
    re.compile(rb"^[ \t]*endfacet[ \t\r]*$", re.MULTILINE),
)
_LARGEST_COUNT = (MAX_BYTES - _HEADER_BYTES) // _TRIANGLE_BYTES


class BadModel(Exception):  # noqa: N818 - named for what was found, not for being an error
    """A file that is no usable model; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read(content: bytes) -> Solid:
    """Read a model whose surface is closed, and turn it so that it faces outwards.

    Raises:
        BadModel: not-stl, truncated, empty-mesh, not-watertight or too-large.
    """
    surface = read_surface(content)
    if not surface.is_closed:
        raise BadModel("not-watertight", "The model's surface is not closed, so it has no inside.")
    return surface


def read_surface(content: bytes) -> Solid:
    """Read a model without looking whether its surface is closed, which takes ten times as long.

    Raises:
        BadModel: not-stl, truncated, empty-mesh or too-large.
    """
    from sut.solid import Solid

    if len(content) > MAX_BYTES:
        raise BadModel("too-large", f"The file is larger than {MAX_BYTES:,} bytes.")
    try:
        if _is_binary(content):
            solid = Solid.of_records(content[_HEADER_BYTES:])
        else:
            solid = Solid.of_numbers(_numbers(content))
    except ValueError as error:
        raise BadModel("not-stl", "The file cannot be read as STL.") from error
    if not solid.is_measurable:
        raise BadModel("not-stl", "The model has coordinates that are not numbers, or are beyond measure.")
    return solid.facing_outwards()


def _is_binary(content: bytes) -> bool:
    """Tell binary STL by its length, which its header announces.

    Raises:
        BadModel: it is binary and shorter than announced, or has no triangles.
    """
    if len(content) < _HEADER_BYTES or _begins_as_text(content):
        return False
    count = int.from_bytes(content[80:84], "little")
    announced = _HEADER_BYTES + count * _TRIANGLE_BYTES
    if announced == len(content):
        if count == 0:
            raise BadModel("empty-mesh", "The model has no triangles.")
        return True
    if len(content) < announced and count <= _LARGEST_COUNT:
        raise BadModel(
            "truncated", f"The file announces {count:,} triangles and ends before the last of them."
        )
    return False


def _begins_as_text(content: bytes) -> bool:
    """Many binary files also begin with "solid", so the rest must be text as well."""
    return content.lstrip()[:5].lower() == b"solid" and b"\0" not in content


def _numbers(content: bytes) -> list[bytes]:
    """Return the coordinates of an ASCII STL, three to a vertex and nine to a facet.

    Raises:
        BadModel: it is not ASCII STL, breaks off, or has no facets.
    """
    if not _begins_as_text(content):
        raise BadModel("not-stl", "The file is neither binary nor ASCII STL.")
    words = content.lower()
    if not words.rstrip().rpartition(b"\n")[2].lstrip().startswith(b"endsolid"):
        raise BadModel("truncated", "The file ends before its last solid does.")
    if words.count(b"endsolid") > _MOST_SOLIDS:
        raise BadModel("not-stl", f"An ASCII STL may hold up to {_MOST_SOLIDS} solids.")
    facets, vertices, ends = (line.findall(words) for line in _LINES)
    if not (facets or vertices or ends) and b"vertex" not in words:
        raise BadModel("empty-mesh", "The model has no triangles.")
    if not (len(vertices) == 3 * len(facets) == 3 * len(ends)):
        raise BadModel("not-stl", "A facet of the ASCII STL is not three vertices of three numbers.")
    return b" ".join(vertices).split()
