"""Reads an STL file, binary or ASCII, into a closed surface, or says exactly why it cannot."""

from __future__ import annotations

import asyncio
import importlib
import io
import logging
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loaded when the first model is read, because it takes most of a second
    from trimesh import Trimesh

MAX_BYTES = 10_000_000

# Its warnings are about customers' files, which are answered, and would fill the log with traces.
logging.getLogger("trimesh").setLevel(logging.ERROR)

_WARM_UP_AFTER_S = 1.0  # services that start together need the processor for that first
_HEADER_BYTES = 84
_TRIANGLE_BYTES = 50
_MOST_SOLIDS = 100  # the library's reading time grows with the square of their number
# Blanks but no newlines inside a line's pattern: a file of nothing but blanks must be refused fast.
_LINES = (
    re.compile(rb"^[ \t]*facet[ \t]+normal[ \t]", re.MULTILINE),
    re.compile(rb"^[ \t]*vertex(?:[ \t]+[-+.\de]+){3}[ \t\r]*$", re.MULTILINE),
    re.compile(rb"^[ \t]*endfacet[ \t\r]*$", re.MULTILINE),
)
_LARGEST_COUNT = (MAX_BYTES - _HEADER_BYTES) // _TRIANGLE_BYTES


class BadModel(Exception):  # noqa: N818 - named for what was found, not for being an error
    """A file that is no usable model; `code` for programs, the text for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read(content: bytes) -> Trimesh:
    """Read a model whose surface is closed and faces outwards.

    Raises:
        BadModel: not-stl, truncated, empty-mesh, not-watertight or too-large.
    """
    if len(content) > MAX_BYTES:
        raise BadModel("too-large", f"The file is larger than {MAX_BYTES:,} bytes.")
    if not _is_binary(content):
        _check_text(content)
    return _closed(_parsed(content))


class WarmUp:
    """A part of a service that loads the mesh library in the background, before the first model needs it."""

    async def start(self) -> None:
        """Begin to load."""
        self._task = asyncio.create_task(self._load(), name="warm-up")

    async def stop(self) -> None:
        """Wait no longer."""
        self._task.cancel()

    async def _load(self) -> None:
        await asyncio.sleep(_WARM_UP_AFTER_S)
        await asyncio.to_thread(importlib.import_module, "trimesh")


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


def _check_text(content: bytes) -> None:
    """Check the grammar that the mesh library is lax about.

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
    facets, vertices, ends = (len(line.findall(words)) for line in _LINES)
    if facets == vertices == ends == 0 and b"vertex" not in words:
        raise BadModel("empty-mesh", "The model has no triangles.")
    if not (vertices == 3 * facets == 3 * ends):
        raise BadModel("not-stl", "A facet of the ASCII STL is not three vertices of three numbers.")


def _parsed(content: bytes) -> Trimesh:
    import numpy as np
    import trimesh

    try:
        with np.errstate(all="ignore"):
            mesh = trimesh.load_mesh(io.BytesIO(content), file_type="stl")
            is_measurable = bool(np.isfinite(mesh.vertices).all() and np.isfinite(mesh.area))
    except Exception as error:  # the library raises whatever its parsing stumbles over
        raise BadModel("not-stl", "The file cannot be read as STL.") from error
    if not is_measurable or len(mesh.faces) == 0:
        raise BadModel("not-stl", "The model has coordinates that are not numbers, or are beyond measure.")
    return mesh


def _closed(mesh: Trimesh) -> Trimesh:
    import numpy as np

    with np.errstate(all="ignore"):
        is_closed = bool(mesh.is_watertight and mesh.is_winding_consistent)
        volume = float(mesh.volume) if is_closed else 0.0
    if not is_closed or not np.isfinite(volume) or volume == 0:
        raise BadModel("not-watertight", "The model's surface is not closed, so it has no inside.")
    if volume < 0:
        mesh.invert()
    return mesh
