"""Running a load: what is refused before a single request is sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from fixtures.testbed.target import Audit, BadTarget, Operator, Partner, Target, Urls
from load.cast import TooFewPeople, recruited
from load.generator import Generator, _command
from load.profiles import load_profile
from load.results import HISTOGRAMS, PLOTS
from load.run import EX_USAGE, LEDGERS, main
from load.strangers import refuse_strangers

HERE = Urls("http://127.0.0.1:1", "http://localhost:1", "http://[::1]:1")
LENT = Target(
    "lent",
    HERE,
    Audit("token"),
    partners=(Partner("Acme", "p1", "key"),),
    operators=(Operator("o@mes.example", "Olga", "password"),),
)


def test_this_machine_is_loaded() -> None:
    """Loopback is ours, by whatever name."""
    refuse_strangers(LENT)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7", "https://shop.example.com", "http://127.0.0.1.example.com"]
)
def test_another_machine_is_loaded_only_where_its_file_allows_it(url: str) -> None:
    """Load aimed at somebody else's system by mistake is an attack."""
    elsewhere = replace(LENT, urls=replace(HERE, api=url))

    with pytest.raises(BadTarget, match="allow_remote = true"):
        refuse_strangers(elsewhere)
    refuse_strangers(replace(elsewhere, allow_remote=True))


def test_lent_people_play_where_none_can_be_made() -> None:
    """A deployment without an [admin] table lends its own partners and operators."""
    assert recruited(LENT, load_profile("smoke")) is LENT


@pytest.mark.parametrize(
    ("target", "told"),
    [
        (replace(LENT, partners=()), r"no \[\[partner\]\]"),
        (replace(LENT, operators=()), r"no \[\[operator\]\]"),
    ],
    ids=["no partners", "no operators"],
)
def test_nobody_to_play_is_told(target: Target, told: str) -> None:
    """A load without partners would prove nothing about them."""
    with pytest.raises(TooFewPeople, match=told):
        recruited(target, load_profile("smoke"))


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--target", "nowhere.toml"], "nowhere.toml"),
        (["--target", "nowhere.toml", "--speed", "9"], "--speed"),
        ([], "give --target FILE"),
    ],
)
def test_a_slip_on_the_command_line_is_one_line_and_64(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever mistypes learns what, and scripts learn that it was their mistake."""
    monkeypatch.delenv("ASSAY_TARGET", raising=False)

    assert main(arguments) == EX_USAGE
    assert told in capsys.readouterr().err


def test_an_unknown_profile_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The profiles there are, are named."""
    LENT.dump(tmp_path / "target.toml")

    assert main(["--target", str(tmp_path / "target.toml"), "--profile", "peek"]) == EX_USAGE
    assert "allowed: smoke, steady" in capsys.readouterr().err


def test_figures_are_left_wherever_they_are_wanted(tmp_path: Path) -> None:
    """A folder need not be called evidence; and where nobody answers, every request has failed."""
    moment = replace(load_profile("smoke"), seconds=1)

    with Generator(moment, tmp_path) as generator:
        measured = generator.load(LENT)

    operations = measured["operations"].values()
    assert sum(entry["failures"] for entry in operations) == sum(e["requests"] for e in operations) > 0
    drawn = {HISTOGRAMS, *PLOTS}
    assert {path.name for path in tmp_path.iterdir()} - ledgers(tmp_path) <= {"locust.log", *drawn}


def ledgers(folder: Path) -> set[str]:
    """The names of the ledgers that a load left."""
    return {path.name for path in folder.glob(LEDGERS)}


def test_a_fraction_of_a_second_is_asked_of_locust_as_a_whole_one() -> None:
    """It refuses others, and capacity asks low rates for longer, whatever number that gives."""
    words = _command(load_profile("smoke").changed(seconds=33.9463), Path(), Path())

    assert words[words.index("--run-time") + 1] == "34s"
