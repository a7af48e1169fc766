"""The command line: wrong use is told in one line and ends with 64; help has examples."""

from importlib import import_module
from pathlib import Path

import pytest

from e2e.operations.drills.alerts import ALERTS
from fixtures.testbed.runs import REPOSITORY
from fixtures.traces.examples import NUMBER, ORDER, a_life, as_export
from fixtures.traces.kept import Keeper
from gate import usage
from gate.cli import COMMANDS, PASSED_ON, Command, main
from gate.commands import look, run

SCHEDULE = str(REPOSITORY / "load" / "chaos" / "schedules" / "rolling.toml")
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
    "trace of nothing": ["trace"],
    "trace of a run without spans": ["trace", "7F3K-0192", "--run", "."],
    "trace in two places": ["trace", "7F3K-0192", "--run", ".", "--target", "x.toml"],
    "wrong word for doctor": ["doctor", "--cure"],
    "history of no runs": ["history", "--last", "0"],
    "history in words": ["history", "--last", "some"],
    "unknown alert": ["drill", "NoSuchAlert", "OrderLost"],
    "unknown benchmark": ["bench", "nothing"],
    "no schedule": ["chaos", "--schedule", "no-such-file.toml"],
    "no faults": ["chaos", "--count", "0"],
    "faults of a file and by chance": ["chaos", "--seed", "1", "--schedule", SCHEDULE],
    "length of a schedule": ["chaos", "--seconds", "60", "--schedule", SCHEDULE],
    "more faults than fit": ["chaos", "--seconds", "35", "--count", "100"],
    "wrong option of up": ["up", "--orders", "many"],
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


def test_run_is_found_by_its_name_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name can be copied from the history; a directory of that name here goes before."""
    monkeypatch.setattr(usage, "RUNS", tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "20261130T130728-2c1c39" / "evidence").mkdir(parents=True)

    assert usage.a_run("20261130T130728-2c1c39") == tmp_path / "runs" / "20261130T130728-2c1c39"
    (tmp_path / "20261130T130728-2c1c39" / "evidence").mkdir(parents=True)
    assert usage.a_run("20261130T130728-2c1c39") == tmp_path / "20261130T130728-2c1c39"


def test_bad_target_file_is_refused_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A slip of the pen in a target file is named with its line."""
    path = tmp_path / "target.toml"
    path.write_text('name = "x"\nport = 5\n[urls]\n')

    status = main(["gate", "--target", str(path)])

    said = capsys.readouterr().err
    assert status == 64
    assert f"{path}:2" in said
    assert len(said.splitlines()) == 1


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A target file that names a private address and does not say that it may be loaded."""
    path = tmp_path / "target.toml"
    urls = "".join(
        f'{name} = "http://10.0.0.7:800{port}"\n' for port, name in enumerate(("shop", "api", "mes"))
    )
    path.write_text(f'name = "staging"\n[urls]\n{urls}[audit]\nmes_token = "token"\n')
    return path


@pytest.mark.parametrize("stages", [[], ["--stages", "smoke,load"]], ids=["whole line", "with load"])
def test_gate_that_could_not_load_its_target_says_so_at_the_start(
    elsewhere: Path, stages: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody waits for smoke, contract and e2e to learn that the load is refused."""
    monkeypatch.setattr(run, "_run", lambda planned, **_: 0)

    status = main(["gate", "--target", str(elsewhere), *stages])

    said = capsys.readouterr().err
    assert status == 64
    assert len(said.splitlines()) == 1
    assert "10.0.0.7 is not this machine" in said
    assert "allow_remote = true" in said
    assert "--stages smoke,contract,e2e" in said


def test_private_address_may_be_asked_without_load(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scenarios need no leave; nor does a load that the file allows."""
    monkeypatch.setattr(run, "_run", lambda planned, **_: 0)

    without = main(["gate", "--target", str(elsewhere), "--stages", "smoke,contract,e2e"])
    elsewhere.write_text(f"allow_remote = true\n{elsewhere.read_text()}")
    allowed = main(["gate", "--target", str(elsewhere)])

    assert (without, allowed) == (0, 0)


@pytest.mark.parametrize("command", [*(command.name for command in COMMANDS), *PASSED_ON])
def test_every_command_explains_itself_with_examples(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """--help shows how a command is used, and its exit codes."""
    assert main([command, "--help"]) == 0

    said = capsys.readouterr().out
    assert "examples:" in said
    assert "exit codes:" in said
    assert f"./assay {command}" in said


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is hidden."""
    assert main(["--help"]) == 0

    said = capsys.readouterr().out
    assert [name for name in (*PASSED_ON, *(command.name for command in COMMANDS)) if name not in said] == []


def test_unknown_alert_is_told_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever mistypes an alert need not look its name up."""
    assert main(["drill", "OrderLost", "NoSuchAlert"]) == 64

    said = capsys.readouterr().err
    assert "'NoSuchAlert': no such alert" in said
    assert [alert for alert in ALERTS if alert not in said] == []


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_does_something(command: Command) -> None:
    """What a command does is found when it is called, so it is found here before."""
    module, _, function = command.does.partition(":")

    assert callable(getattr(import_module(f"gate.commands.{module}"), function))


@pytest.fixture
def traced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run in which one order left spans, among the runs of this checkout."""
    keeper = Keeper(tmp_path / "r1" / "traces", at_most_bytes=1_000_000)
    keeper.keep(as_export(a_life("PRICED")), packed=False)
    keeper.end()
    monkeypatch.setattr(look, "RUNS", tmp_path)
    monkeypatch.setattr(look, "REPOSITORY", tmp_path)
    return tmp_path / "r1"


@pytest.mark.parametrize("order", [NUMBER, NUMBER.lower(), ORDER, ORDER.upper()])
def test_trace_of_an_order_is_shown_and_kept_as_a_page(
    traced: Path, order: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """By number or id, in whatever case, in the latest run that knows it."""
    assert main(["trace", order]) == 0

    said = capsys.readouterr().out
    assert "every hop that it owes is there" in said
    assert NUMBER in (traced / "evidence" / "traces" / f"{NUMBER}.html").read_text()


def test_page_of_an_order_that_a_verdict_rests_on_is_left_as_it_is(
    traced: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Looking at evidence does not change it."""
    monkeypatch.setattr(look, "ASSAY_DIR", traced.parent / "assay")
    evidence = traced / "evidence" / "traces" / f"{NUMBER}.html"
    evidence.parent.mkdir(parents=True)
    evidence.write_text("what was judged")

    assert main(["trace", NUMBER]) == 0

    assert evidence.read_text() == "what was judged"
    assert NUMBER in (traced.parent / "assay" / "traces" / f"{NUMBER}.html").read_text()


def test_order_that_no_span_names_is_one_clear_line(traced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever mistypes a number learns where was looked."""
    assert main(["trace", "BBBB-0002"]) == 64
    assert main(["trace", "BBBB-0002", "--run", str(traced)]) == 64

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "no span in the latest 20 runs" in lines[0]
    assert f"no span in {traced} names an order 'BBBB-0002'" in lines[1]


def test_trace_that_cannot_be_read_is_unknown(traced: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where spans were refused, nobody can say what is missing."""
    (traced / "traces" / "refused.jsonl").write_text("{}\n")

    assert main(["trace", NUMBER]) == 2
    assert "did not take an export" in capsys.readouterr().err
