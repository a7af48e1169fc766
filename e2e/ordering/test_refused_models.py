"""Files that cannot become parts are refused in words, and nothing of them is kept."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from e2e.pages.shop import Storefront
from fixtures import models
from fixtures.doors import Refusal
from fixtures.models import BrokenModel, Model
from fixtures.personas import Buyer, Partner
from fixtures.windows import Windows

BROKEN = models.broken()


def with_exponents(text: bytes) -> bytes:
    """The same numbers as most CAD programs write them."""
    return re.sub(rb"-?\d+(\.\d+)?", lambda found: b"%.9e" % float(found[0]), text)


@pytest.mark.parametrize("broken", BROKEN, ids=lambda model: model.code)
def test_a_broken_model_is_refused_by_the_api_with_its_code(partner: Partner, broken: BrokenModel) -> None:
    """A partner learns from status and code what is wrong with the file."""
    with pytest.raises(Refusal) as refusal:
        partner.door.upload(broken)

    assert (refusal.value.status, refusal.value.code) == (broken.status, broken.code)
    assert refusal.value.detail


@pytest.mark.parametrize("broken", BROKEN, ids=lambda model: model.code)
def test_a_broken_model_is_refused_by_the_shop_and_leaves_no_draft(buyer: Buyer, broken: BrokenModel) -> None:
    """A shopper is told on the page, with the problem's status, and no draft is left over."""
    with pytest.raises(Refusal) as refusal:
        buyer.door.upload(broken)

    assert refusal.value.status == broken.status
    assert buyer.door.read(refusal.value).alert()
    assert buyer.door.drafts() == []


def test_a_shopper_sees_the_reason_and_can_try_another_file(
    buyer: Buyer, storefront: Storefront, windows: Windows
) -> None:
    """After a refused file the same page takes a good one."""
    windows.expect_refusal(422)
    shop = storefront.open_as(buyer)

    upload = shop.try_to_upload(models.not_watertight())
    refused = upload.alert.inner_text()
    upload.send(models.bracket())

    assert refused
    expect(shop.page.get_by_label("Material")).to_be_visible()


TEE = models.ascii_text(models.tee_solid(40, 30, 10, 15), "tee.stl")
GOOD = [
    replace(TEE, filename="loud.stl", content=TEE.content.upper()),
    replace(TEE, filename="exponents.stl", content=with_exponents(TEE.content)),
    models.ball(models.LARGEST_TRIANGLE_COUNT),
    models.ascii_text(models.tee_solid(40, 30, 10, 15), "windows-lines.stl", newline="\r\n"),
    models.binary(models.box_solid(20, 30, 10), "begins-with-solid.stl", header="solid but binary"),
    models.ball(20_000),
]


@pytest.mark.parametrize("model", GOOD, ids=lambda model: model.filename)
def test_an_unusual_but_sound_model_is_accepted(partner: Partner, model: Model) -> None:
    """What other programs write is read as they meant it."""
    stored = partner.door.upload(model)

    assert (stored.triangles, stored.size_bytes) == (model.triangle_count, len(model.content))
    assert stored.bounding_box_mm == pytest.approx(model.figures.size_mm)
