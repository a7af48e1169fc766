"""Forms are read within bounds and their mistakes told by field."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from fastapi import Request
from starlette.exceptions import HTTPException

from sut.pages import forms
from sut.pages.forms import Form, is_plain


def _request(body: bytes, session: dict[str, str], *, chunk_bytes: int = 1000) -> tuple[Request, list[Any]]:
    """Return a form POST and the messages that are still to be received of it."""
    chunks = [body[start : start + chunk_bytes] for start in range(0, len(body), chunk_bytes)] or [b""]
    messages = [
        {"type": "http.request", "body": chunk, "more_body": place < len(chunks) - 1}
        for place, chunk in enumerate(chunks)
    ]

    async def receive() -> Any:
        return messages.pop(0)

    headers = [(b"content-type", b"application/x-www-form-urlencoded")]
    scope = {"type": "http", "method": "POST", "headers": headers, "session": session}
    return Request(scope, receive), messages


def test_form_with_the_sessions_token_is_read() -> None:
    """What was typed arrives by field."""
    request, _ = _request(b"csrf_token=abc&name=Ada+Lovelace", {"csrf": "abc"})

    form = asyncio.run(forms.read(request))

    assert form.values["name"] == "Ada Lovelace"


@pytest.mark.parametrize("body", [b"", b"name=Ada", b"csrf_token=abd", b"csrf_token=%C3%A4", b"csrf_token="])
def test_form_without_the_sessions_token_is_refused(body: bytes) -> None:
    """Another site cannot send forms in a shopper's name."""
    request, _ = _request(body, {"csrf": "abc"})

    with pytest.raises(HTTPException) as refusal:
        asyncio.run(forms.read(request))

    assert refusal.value.status_code == 403


@pytest.mark.parametrize("body", [b"csrf_token=", b"csrf_token=None"])
def test_token_of_nobody_is_refused(body: bytes) -> None:
    """A session that never showed a form has no token to match, not even an empty one."""
    request, _ = _request(body, {})

    with pytest.raises(HTTPException) as refusal:
        asyncio.run(forms.read(request))

    assert refusal.value.status_code == 403


def test_too_large_form_is_refused_and_thrown_away() -> None:
    """Nothing beyond the limit is kept, and the rest is taken in so that the browser sees the page."""
    request, left = _request(b"csrf_token=abc&name=" + b"x" * 20_000, {"csrf": "abc"})

    with pytest.raises(HTTPException) as refusal:
        asyncio.run(forms.read(request, limit_bytes=5000))

    assert refusal.value.status_code == 413
    assert left == []


def test_form_that_breaks_off_is_refused_quietly() -> None:
    """A browser that goes away in the middle of an upload is no failure of ours."""
    request, left = _request(b"csrf_token=abc&name=" + b"x" * 2000, {"csrf": "abc"})
    left[1:] = [{"type": "http.disconnect"}]

    with pytest.raises(HTTPException) as refusal:
        asyncio.run(forms.read(request))

    assert refusal.value.status_code == 400


@pytest.mark.parametrize("typed", ["0", "10001", "-1", "1.5", "abc", "", "٣", "9" * 50, "1\x00"])
def test_wrong_number_is_a_mistake_of_its_field(typed: str) -> None:
    """Whatever is no whole number within bounds is told, not raised."""
    form = Form(values={"quantity": typed})

    form.whole_number("quantity", "The quantity", lowest=1, highest=10_000)

    assert "quantity" in form.mistakes


@pytest.mark.parametrize(("typed", "number"), [("1", 1), (" 12 ", 12), ("+7", 7), ("0010", 10)])
def test_right_number_is_read(typed: str, number: int) -> None:
    """Numbers are read as people type them."""
    form = Form(values={"quantity": typed})

    assert form.whole_number("quantity", "The quantity", lowest=1, highest=10_000) == number
    assert not form.mistakes


@pytest.mark.parametrize("typed", ["", "   ", "x" * 101, "a\x00b", "a\nb", "\ud800"])
def test_wrong_text_is_a_mistake_of_its_field(typed: str) -> None:
    """Missing, overlong and unprintable text is told."""
    form = Form(values={"name": typed})

    form.text("name", "The name", longest=100)

    assert "name" in form.mistakes


def test_plain_text_may_be_in_any_script() -> None:
    """Names are names in every alphabet."""
    assert all(map(is_plain, ["Ada", "Zoë", "Пётр", "山田", "O'Neil & Söhne <b>"]))
