"""Colours that can be read: WCAG AA contrast, computed from the style sheet itself."""

from __future__ import annotations

import re

import pytest

from sut.pages.templating import STATIC
from sut.states import State

_STYLE = (STATIC / "style.css").read_text()
_AA = 4.5
_TOKENS = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", _STYLE))
_PILL = r'\.pill\[data-state="(\w+)"\] {{ background: (#\w+); color: (#\w+);'.replace("{{", "{")
_PILLS = {state: (ink, ground) for state, ground, ink in re.findall(_PILL, _STYLE)}
_PLAIN_PILL = ("#37424f", "#e7ebf0")
_PAIRS = [
    ("ink", "ground"),
    ("ink", "surface"),
    ("ink-soft", "ground"),
    ("ink-soft", "surface"),
    ("accent", "surface"),
    ("accent", "ground"),
    ("surface", "accent"),
    ("surface", "accent-dark"),
    ("danger", "surface"),
    ("danger", "danger-pale"),
    ("ink", "danger-pale"),
    ("ink", "warn-pale"),
    ("ink", "accent-pale"),
]


def _luminance(colour: str) -> float:
    """Return the relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    shares = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(ink: str, ground: str) -> float:
    """Return the contrast ratio of two colours, 1 to 21."""
    lighter, darker = sorted((_luminance(ink), _luminance(ground)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_the_greatest() -> None:
    """The measure itself is right at its ends."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("state", list(State))
def test_every_states_pill_can_be_read(state: State) -> None:
    """No state hides behind its colour."""
    assert state in _PILLS or state is State.SUBMITTED, "every state but the plain one has a pill of its own"
    assert contrast(*_PILLS.get(state, _PLAIN_PILL)) >= _AA


@pytest.mark.parametrize(("ink", "ground"), _PAIRS)
def test_text_can_be_read_on_what_it_stands_on(ink: str, ground: str) -> None:
    """Text, links, buttons and alerts reach AA."""
    assert contrast(_TOKENS[ink], _TOKENS[ground]) >= _AA


def test_focus_ring_stands_out() -> None:
    """Whoever uses the keyboard sees where they are: 3:1 for what is not text."""
    assert min(contrast(_TOKENS["focus"], _TOKENS[ground]) for ground in ("surface", "ground")) >= 3


def test_style_sheet_names_no_other_host() -> None:
    """Pages load nothing from elsewhere."""
    assert not re.search(r"https?:|//[a-z]|@import", _STYLE)
