"""Surfaces are measured, and found closed or not, as an independent library finds them."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
import trimesh

from fixtures import models
from sut import mesh
from sut.solid import Floats, Solid

NOISE_MM = 1e-12
FAR_AWAY_MM = 1e6


def corners_of(content: bytes) -> Floats:
    """The triangles of a file."""
    return mesh.read_surface(content).corners.copy()


@pytest.mark.parametrize(
    "model",
    [models.box(), models.bracket(), models.tee(), models.tetrahedron(), models.prism(), models.ball(2_000)],
    ids=lambda model: model.filename,
)
def test_figures_are_those_of_an_independent_library(model: models.Model) -> None:
    """Volume, surface and sides agree to nine digits."""
    ours = mesh.read(model.content)
    theirs = trimesh.load_mesh(io.BytesIO(model.content), file_type="stl")

    assert ours.volume == pytest.approx(theirs.volume, rel=1e-9)
    assert ours.areas.sum() == pytest.approx(theirs.area, rel=1e-9)
    assert ours.extents == pytest.approx(theirs.extents)


def holed(corners: Floats) -> Floats:
    """Leave one triangle out."""
    return corners[:-1]


def turned(corners: Floats) -> Floats:
    """Turn one triangle over."""
    corners[0] = corners[0, ::-1]
    return corners


def doubled(corners: Floats) -> Floats:
    """Have one triangle twice."""
    return np.concatenate([corners, corners[:1]])


def flattened(corners: Floats) -> Floats:
    """Add a triangle that is a line."""
    return np.concatenate([corners, corners[:1, [0, 0, 1]]])


@pytest.mark.parametrize("damage", [holed, turned, doubled, flattened])
def test_damaged_surface_is_not_closed(damage: Callable[[Floats], Floats]) -> None:
    """A surface that a single triangle is wrong with has no inside to be priced."""
    corners = corners_of(models.bracket().content)
    assert Solid(corners).is_closed

    assert not Solid(damage(corners)).is_closed


def test_rounding_noise_and_signed_zeros_leave_a_surface_closed() -> None:
    """Programs write 1e-17 or -0.0 where they mean 0."""
    corners = corners_of(models.box().content)
    corners[0][corners[0] == 0] = -0.0
    corners[1][corners[1] == 0] = NOISE_MM

    assert Solid(corners).is_closed


def test_part_far_from_the_origin_has_the_same_volume() -> None:
    """Where a part lies in its file is no part of its price."""
    corners = corners_of(models.box(20, 30, 10).content)

    assert Solid(corners + FAR_AWAY_MM).volume == pytest.approx(6000)
