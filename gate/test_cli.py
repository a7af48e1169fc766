"""The command line: wrong use is told in one line and ends with 64; help has examples."""

from pathlib import Path

import pytest

from gate.cli import COMMANDS, PASSED_ON, main

WRONG = {
    "no command": [],
    "unknown command": ["frobnicate"],
    "unknown option": ["gate", "--bogus"],
    "shortened option": ["gate", "--prof", "nightly"],
    "option of no command": ["--bogus"],
    "unknown profile": ["gate", "--profile", "weekly"],
    "unknown stage": ["gate", "--stages", "smoke,lunch"],
    "no stage": ["gate", "--stages", ","],
    "missing target": ["gate", "--target", "no-such-file.toml"],
    "negative seed": ["gate", "--seed", "-1"],
    "seed in words": ["gate", "--seed", "seven"],
    "two systems": ["gate", "--target", "x.toml", "--testbed", "native"],
    "no release": ["gate", "--sut", "."],
    "no run": ["judge", "."],
    "judge nothing": ["judge"],
    "missing defects": ["sensitivity", "--defects", "no-such-folder"],
    "no defects": ["sensitivity", "--defects", "."],
    "wrong word for doctor": ["doctor", "--cure"],
}


@pytest.mark.parametrize("words", WRONG.values(), ids=WRONG.keys())
def test_wrong_use_is_one_clear_line_and_exit_64(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody has to read a traceback or a page of usage to see what was wrong."""
    monkeypatch.chdir(tmp_path)

    status = main(words)

    said = capsys.readouterr().err
    assert status == 64
    assert len(said.splitlines()) == (1 if words else 0), said


def test_bad_target_file_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the pen in a target file is named with its line."""
    path = tmp_path / "target.toml"
    path.write_text('name = "x"\nport = 5\n[urls]\n')

    status = main(["gate", "--target", str(path)])

    said = capsys.readouterr().err
    assert status == 64
    assert f"{path}:2" in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize("command", [command.name for command in COMMANDS])
def test_every_command_explains_itself_with_examples(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--help shows how a command is used, and its exit codes where they matter."""
    assert main([command, "--help"]) == 0

    said = capsys.readouterr().out
    assert "examples:" in said
    assert f"./assay {command}" in said


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is hidden."""
    assert main(["--help"]) == 0

    said = capsys.readouterr().out
    assert [name for name in (*PASSED_ON, *(command.name for command in COMMANDS)) if name not in said] == []


def test_help_of_test_explains_what_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """It is not pytest's own help of several hundred lines."""
    assert main(["test", "--help"]) == 0
    assert "examples:" in capsys.readouterr().out
