"""Good STL files are read; every broken one is refused with its own code."""

from __future__ import annotations

import struct

import pytest

from sut import mesh
from sut.mesh import MAX_BYTES, BadModel

CORNERS = {"o": (0, 0, 0), "a": (20, 0, 0), "b": (0, 10, 0), "c": (0, 0, 30)}
FACES = ("oba", "oac", "ocb", "abc")  # a corner tetrahedron of 1000 mm3, seen from outside


def binary(faces: tuple[str, ...], header: bytes = b"") -> bytes:
    """A binary STL of some faces."""
    records = [
        struct.pack("<12fH", 0, 0, 0, *(x for corner in face for x in CORNERS[corner]), 0) for face in faces
    ]
    return header.ljust(80, b" ") + struct.pack("<I", len(faces)) + b"".join(records)


def text(faces: tuple[str, ...]) -> bytes:
    """An ASCII STL of some faces."""
    facets = "".join(
        "facet normal 0 0 0\nouter loop\n"
        + "".join("vertex {} {} {}\n".format(*CORNERS[corner]) for corner in face)
        + "endloop\nendfacet\n"
        for face in faces
    )
    return f"solid part\n{facets}endsolid part\n".encode()


def inside_out(faces: tuple[str, ...]) -> tuple[str, ...]:
    """The same faces seen from inside."""
    return tuple(face[::-1] for face in faces)


@pytest.mark.parametrize(
    "content",
    [
        binary(FACES),
        binary(FACES, header=b"solid by a careless program"),
        text(FACES),
        text(FACES).upper(),
        b"\r\n" + text(FACES).replace(b"\n", b"\r\n"),
        binary(inside_out(FACES)),
        text(inside_out(FACES)),
    ],
    ids=[
        "binary",
        "binary that begins with solid",
        "text",
        "capitals",
        "CRLF",
        "inside out",
        "text inside out",
    ],
)
def test_closed_model_is_read_with_its_volume(content: bytes) -> None:
    """Every usual way to write the same solid gives the same solid."""
    model = mesh.read(content)

    assert len(model) == len(FACES)
    assert model.volume == pytest.approx(1000)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "not-stl"),
        (b"\x89PNG\r\n" + bytes(range(256)), "not-stl"),
        (text(FACES).replace(b"vertex", b"vortex", 1), "not-stl"),
        (text(FACES).replace(b"vertex 0", b"vertex nan", 1), "not-stl"),
        (text(FACES).replace(b"vertex 20", b"vertex 1e300"), "not-stl"),
        (text(FACES) * 101, "not-stl"),
        (binary(FACES)[:-1], "truncated"),
        (binary(FACES)[:100], "truncated"),
        (text(FACES)[:-20], "truncated"),
        (b"solid", "truncated"),
        (binary(()), "empty-mesh"),
        (b"solid part\nendsolid part\n", "empty-mesh"),
        (binary(FACES[:-1]), "not-watertight"),
        (binary((*FACES[:-1], FACES[-1][::-1])), "not-watertight"),
        (binary(("oab", "oba")), "not-watertight"),
        (bytes(MAX_BYTES + 1), "too-large"),
    ],
)
def test_broken_model_is_refused_with_its_code(content: bytes, code: str) -> None:
    """The customer learns what is wrong with the file."""
    with pytest.raises(BadModel) as refused:
        mesh.read(content)
    assert refused.value.code == code


@pytest.mark.parametrize("filler", [b" ", b"\n", b"endsolid ", b"solid endsolid\n", b"vertex 0 0 0\n"])
def test_hostile_text_is_refused_in_good_time(filler: bytes) -> None:
    """Megabytes of the least favourable text take no longer than a large model."""
    hostile = b"solid x\n" + filler * ((MAX_BYTES // 5) // len(filler)) + b"\nendsolid"

    with pytest.raises(BadModel):
        mesh.read(hostile)
