"""From a file to an order: upload a model, choose material and quantity, submit."""

from __future__ import annotations

import re
from pathlib import PurePath
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from sut.accounts.current import SignedIn
from sut.pages import forms
from sut.pages.forms import Form, SentForm, Upload
from sut.pages.routing import PageRoute
from sut.pages.templating import pages_of
from sut.problems import Problem
from sut.shop import store
from sut.shop.answers import Tariff
from sut.shop.ordering import ApiRefused
from sut.shop.parts import Parts, Wired
from sut.shop.store import Draft
from sut.telemetry import spans

MODEL_LIMIT_BYTES = 10_000_000
_FORM_AROUND_BYTES = 64 * 1024
_QUANTITY_LOWEST, _QUANTITY_HIGHEST = 1, 10_000
_FILENAME_LONGEST = 255
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

router = APIRouter(include_in_schema=False, route_class=PageRoute)


@router.get("/orders/new")
async def ask_for_model(request: Request, shopper: SignedIn) -> Response:
    """Show the form to upload a model."""
    return _upload_form(request)


@router.post("/orders/new")
async def upload_model(request: Request, shopper: SignedIn, parts: Wired) -> Response:
    """Keep an uploaded model as a draft."""
    try:
        form = await forms.read(request, MODEL_LIMIT_BYTES + _FORM_AROUND_BYTES)
    except Problem as problem:
        if problem.status_code != 413:
            raise
        return _upload_form(request, "The file is larger than 10 MB.", 413)
    file = form.files.get("model")
    if file is None:
        return _upload_form(request, "Choose a file first.", 422)
    if len(file.content) > MODEL_LIMIT_BYTES:
        return _upload_form(request, "The file is larger than 10 MB.", 413)
    try:
        model = await parts.ordering.upload(_filename(file), file.content)
    except ApiRefused as refusal:
        return _upload_form(request, refusal.detail, refusal.status)
    async with parts.database.transaction() as connection:
        draft_id = await store.add_draft(connection, shopper.id, model)
    return RedirectResponse(f"/drafts/{draft_id}", 303)


@router.get("/drafts/{draft_id}")
async def show_draft(request: Request, shopper: SignedIn, parts: Wired, draft_id: str) -> Response:
    """Show a draft and the form to order it; a draft that was ordered leads to its order."""
    draft = await _own(parts, draft_id, shopper.id)
    if draft.order_number:
        return RedirectResponse(f"/orders/{draft.order_number}", 303)
    return _order_form(request, draft, await parts.ordering.tariff(), Form())


@router.post("/drafts/{draft_id}/submit")
async def submit_draft(
    request: Request, shopper: SignedIn, parts: Wired, draft_id: str, form: SentForm
) -> Response:
    """Place the draft's order; however often it is submitted, it is one order."""
    draft = await _own(parts, draft_id, shopper.id)
    if draft.order_number:
        return RedirectResponse(f"/orders/{draft.order_number}", 303)
    tariff = await parts.ordering.tariff()
    material, quantity = _choice(draft, tariff, form)
    if form.mistakes:
        return _order_form(request, draft, tariff, form, status=422)
    try:
        number = await _place(parts, draft, material, quantity)
    except ApiRefused as refusal:
        return _order_form(request, draft, tariff, form, refusal.detail, refusal.status)
    return RedirectResponse(f"/orders/{number}", 303)


@router.post("/drafts/{draft_id}/discard")
async def discard_draft(
    request: Request, shopper: SignedIn, parts: Wired, draft_id: str, form: SentForm
) -> Response:
    """Delete a draft that was never submitted."""
    draft = await _own(parts, draft_id, shopper.id)
    async with parts.database.transaction() as connection:
        discarded = await store.discard(connection, draft.id, shopper.id)
    if not discarded:
        text = "This draft has been submitted, so it cannot be discarded."
        raise Problem(409, text, back=f"/drafts/{draft.id}", back_text="Back to the draft")
    return RedirectResponse("/orders", 303)


async def _own(parts: Parts, draft_id: str, shopper_id: UUID) -> Draft:
    draft = None
    if key := _uuid(draft_id):
        async with parts.database.connection() as connection:
            draft = await store.draft(connection, key, shopper_id)
    if draft is None:
        raise _unknown()
    return draft


def _unknown() -> Problem:
    text = "You have no such draft."
    return Problem(404, text, title="No such draft", back="/orders", back_text="My orders")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _choice(draft: Draft, tariff: Tariff, form: Form) -> tuple[str, int]:
    """Read what was chosen; a choice that may be at `api` already stands."""
    if draft.material is not None and draft.quantity is not None:
        return draft.material, draft.quantity
    material = form.values.get("material", "")
    if material not in [each.code for each in tariff.materials]:
        form.mistakes["material"] = "Choose one of the materials."
    lowest, highest = _QUANTITY_LOWEST, _QUANTITY_HIGHEST
    return material, form.whole_number("quantity", "The quantity", lowest=lowest, highest=highest)


async def _place(parts: Parts, draft: Draft, material: str, quantity: int) -> str:
    """Place the order and keep its number; the choice is fixed first, so that a crash between is harmless."""
    async with parts.database.transaction() as connection:
        chosen = await store.choose(connection, draft.id, material, quantity)
    if chosen is None:
        raise _unknown()
    wish = {"model_id": str(draft.model_id), "material": chosen[0], "quantity": chosen[1]}
    try:
        order = await parts.ordering.place(draft.id, wish | {"customer": str(draft.shopper_id)})
    except ApiRefused:
        async with parts.database.transaction() as connection:
            await store.unchoose(connection, draft.id)
        raise
    spans.current().of_order(order.id, order.number)
    async with parts.database.transaction() as connection:
        await store.add_order(connection, order.id, order.number, draft.shopper_id, draft.id)
    return order.number


def _filename(file: Upload) -> str:
    """Return the file's name without its folders and without what cannot be shown."""
    name = PurePath(_UNPRINTABLE.sub("", file.filename).replace("\\", "/")).name
    return name[-_FILENAME_LONGEST:] if name.strip(". ") else "model.stl"


def _upload_form(request: Request, alert: str = "", status: int = 200) -> Response:
    page = pages_of(request).page
    return page(request, "upload.html", status=status, form=Form(), alert_text=alert)


def _order_form(
    request: Request, draft: Draft, tariff: Tariff, form: Form, alert: str = "", status: int = 200
) -> Response:
    form.values.setdefault("quantity", "1")
    return pages_of(request).page(
        request,
        "draft.html",
        status=status,
        draft=draft,
        form=form,
        materials=[(each.code, each.name) for each in tariff.materials],
        highest=_QUANTITY_HIGHEST,
        alert_text=alert,
    )
