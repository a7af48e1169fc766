"""Names of uploaded files, as anybody may have typed them."""

import pytest

from sut.pages.forms import Upload
from sut.shop.drafts import _filename


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("bracket.stl", "bracket.stl"),
        ("кронштейн.stl", "кронштейн.stl"),
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\part.stl", "part.stl"),
        ("a\x00b\nc.stl", "abc.stl"),
        ("..", "model.stl"),
        ("/", "model.stl"),
        ("\x01", "model.stl"),
    ],
)
def test_filename_loses_its_folders_and_what_cannot_be_shown(given: str, kept: str) -> None:
    """A file's name is only ever a name."""
    assert _filename(Upload(given, b"")) == kept


def test_long_filename_keeps_its_end() -> None:
    """The end tells the kind of file."""
    assert _filename(Upload("x" * 400 + ".stl", b"")).endswith("x.stl")
    assert len(_filename(Upload("x" * 400 + ".stl", b""))) == 255
