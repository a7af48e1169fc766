"""`compare` and `capacity`: wrong use is one line and exit code 64, and nothing is started."""

import pytest

from gate.cli import main
from gate.outcome import EXIT_USAGE


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compare"], "REF"),
        (["compare", "no-such-ref"], "'no-such-ref' is no version"),
        (["compare", "HEAD", "--seconds", "soon"], "'soon' is no number of seconds from 10 to 3600"),
        (["compare", "HEAD", "--sut", "/nowhere"], "holds no directory sut/"),
        (["capacity", "--seconds", "1"], "'1' is no number of seconds from 5 to 600"),
        (["capacity", "--target", "/nowhere.toml"], "/nowhere.toml"),
        (["capacity", "more"], "more is not understood"),
    ],
)
def test_wrong_use_is_told_in_one_line(
    words: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever mistypes learns what is allowed."""
    assert main(words) == EXIT_USAGE
    said = capsys.readouterr().err.strip()
    assert told in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", ["compare", "capacity"])
def test_help_shows_examples_and_exit_codes(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Everything about a command is in its --help."""
    assert main([command, "--help"]) == 0
    said = capsys.readouterr().out
    assert "examples:" in said
    assert "exit codes: 0" in said
