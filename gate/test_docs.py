"""What is written for people is true: files, settings, states, links and commands."""

import dataclasses
import fnmatch
import re
import shutil
import subprocess
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from e2e.operations.drills.alerts import ALERTS
from fixtures.testbed import up_options
from fixtures.testbed.images import TABLE, variable
from fixtures.testbed.target import Target
from gate.cli import parser
from gate.commands.checks import BENCHES
from gate.documents import DOCUMENTS, README, WORKFLOWS, blocks, code_names, commands, section, table
from gate.finding import ROOT
from gate.outcome import EXIT_CODES, EXIT_INTERRUPTED, EXIT_USAGE
from sut.api.settings import ApiSettings
from sut.flow.settings import FlowSettings
from sut.mes.settings import MesSettings
from sut.pricing.settings import PricingSettings
from sut.shop.settings import ShopSettings
from sut.states import TRANSITIONS

SERVICES = {
    "api": ApiSettings,
    "flow": FlowSettings,
    "mes": MesSettings,
    "pricing": PricingSettings,
    "shop": ShopSettings,
}
PICTURE_MAX_BYTES = 200_000
# Plain files that need no word in the README, or are named there in another place.
UNLISTED = {".gitignore", "README.md"}


def top_level() -> set[str]:
    """The repository's files and folders; in a copy without git, those that git would not ignore."""
    if (ROOT / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True)
        if listed.returncode == 0:  # else it is somebody else's checkout, which git does not trust
            return {path.split("/")[0] for path in listed.stdout.splitlines()}
    ignored = [line.rstrip("/") for line in (ROOT / ".gitignore").read_text().splitlines()]
    names = {path.name for path in ROOT.iterdir()} - {".git"}
    return {name for name in names if not any(fnmatch.fnmatch(name, pattern) for pattern in ignored)}


def settings_in_code() -> dict[str, tuple[str, str]]:
    """Each variable of a service: which services read it, and its default."""
    readers, defaults = defaultdict(list), {}
    for service, kind in SERVICES.items():
        for field in dataclasses.fields(kind):
            variable = field.name.upper()
            readers[variable].append(service)
            has_default = field.default not in (dataclasses.MISSING, "")
            defaults[variable] = f"`{field.default}`" if has_default else ""
    return {variable: (", ".join(sorted(names)), defaults[variable]) for variable, names in readers.items()}


def test_layout_names_every_top_level_entry() -> None:
    """A newcomer finds each top-level file and folder explained, and nothing that is not there."""
    described = {name.split("/")[0] for row in table(section("Layout")) for name in code_names(row[0])}

    assert described == top_level() - UNLISTED


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_and_links_lead_somewhere(document: Path) -> None:
    """No document names a file of the repository that does not exist."""
    text = document.read_text()
    links = [link for link in re.findall(r"\]\(([^)#]+)[^)]*\)", text) if "://" not in link]
    paths = [path for path in re.findall(r"`([\w./-]+/[\w./-]*)`", text) if path.split("/")[0] in top_level()]

    missing = [link for link in links if not (document.parent / link).exists()]
    missing += [path for path in paths if not (ROOT / path).exists()]

    assert missing == []


def test_settings_table_equals_the_services_settings() -> None:
    """Whoever deploys a service reads every variable, who needs it and its default."""
    written = {code_names(row[0])[0]: (row[1], row[2]) for row in table(section("Of the services"))}

    assert written == settings_in_code()


def test_metrics_table_names_every_metric() -> None:
    """Whoever writes a rule or a panel finds every metric that there is, and none that is not."""
    folders = [path for path in (ROOT / "sut").iterdir() if path.name != "observability"]
    files = [path for folder in folders for path in folder.glob("*.py") if not path.name.startswith("test_")]
    told = {name for path in files for name in re.findall(r'"(assay_[a-z_]+)"', path.read_text())}
    written = {name for row in table(section("Metrics and dashboards")) for name in code_names(row[0])}

    assert {name.removesuffix("_total") for name in written} == told


def test_exit_codes_are_those_of_the_gate() -> None:
    """A script can rely on the documented codes."""
    written = {int(row[0]): row[1] for row in table(section("Two commands"))}

    assert set(written) == {*EXIT_CODES.values(), EXIT_USAGE, EXIT_INTERRUPTED}
    assert all(outcome in written[code] for outcome, code in EXIT_CODES.items())


def test_states_are_drawn_as_the_transition_table_has_them() -> None:
    """The diagram shows every way of an order, and no other."""
    drawn = re.findall(r"^ +(\w+) --> (\w+): ([\w-]+)$", section("An order's life"), re.MULTILINE)

    assert drawn == [(step.source, step.target, step.command) for step in TRANSITIONS]


def test_harness_settings_are_those_that_the_code_reads() -> None:
    """Every variable that changes what Assay does is written down, and none that does not."""
    code = (ROOT / "assay").read_text()
    for path in ROOT.glob("[!.]*/**/*.py"):
        if not path.name.startswith("test_"):
            code += path.read_text()
    read = set(re.findall(r"[\"'{$](ASSAY_[A-Z_]+)", code))
    prefixes = {name for name in read if name.endswith("_")}
    images = {variable(name) for name in tomllib.loads(TABLE.read_text())}
    written = set(re.findall(r"`(ASSAY_[A-Z_]+)`", section("Of the harness")))

    assert written == read - prefixes | images


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_command_is_understood(words: tuple[str, ...], elsewhere: Path) -> None:
    """Every command that a document shows can be typed as it stands."""
    command, *rest = words
    if command == "test":
        paths = [
            word.partition("::")[0] for word in rest if "/" in word or word in ("e2e", "contract", "load")
        ]
        assert [path for path in paths if not (ROOT / path).exists()] == []
    elif command == "doctor":
        assert rest in ([], ["--json"])
    elif command == "bench":
        assert rest[:1] == [] or rest[0] in BENCHES
    elif command == "drill":
        assert set(rest) <= set(ALERTS)
    elif command == "up":
        up_options.parser().parse_args(rest)
    else:
        options, unknown = parser().parse_known_args(words)
        defects = {path.stem for path in (ROOT / "sut" / "defects").glob("*.diff")} | {"my-defect"}
        assert unknown == []
        assert set(getattr(options, "names", ())) <= defects


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the documented commands name."""
    here = tmp_path / "here"
    for folder in ("here/.assay/runs/20261122T120000-a1b2c3/evidence", "release-1.4/sut"):
        (tmp_path / folder).mkdir(parents=True)
    (here / "staging.toml").write_text(toml_block("Testing a deployment"))
    monkeypatch.chdir(here)
    return here


def toml_block(title: str) -> str:
    """The one TOML block of a section."""
    (block,) = blocks(section(title), "toml")
    return block


def test_example_scenario_is_one_that_runs() -> None:
    """The scenario that shows how to write one is itself run, word for word."""
    (shown,) = blocks(section("A scenario"), "python")
    (path,) = [
        name for name in code_names(section("A scenario")) if name.startswith("e2e/") and name.endswith(".py")
    ]

    assert shown in (ROOT / path).read_text()


def test_example_target_file_can_be_used(tmp_path: Path) -> None:
    """Whoever copies the target file and fills it in has one that is read."""
    file = tmp_path / "staging.toml"
    file.write_text(toml_block("Testing a deployment"))

    target = Target.load(file)

    assert (target.name, len(target.partners), len(target.operators)) == ("staging", 1, 1)


def test_example_objective_is_one_of_ours() -> None:
    """The objective that shows how to write one is judged in every run."""
    assert toml_block("An objective") in (ROOT / "load" / "objectives.toml").read_text()


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.name)
def test_workflow_runs_known_actions_and_no_more_rights(workflow: Path) -> None:
    """A workflow is valid YAML, pins each action to a major version and may only read."""
    document: dict[str, Any] = yaml.safe_load(workflow.read_text())
    used = [step["uses"] for step in steps(document) if "uses" in step]

    assert document["permissions"] == {"contents": "read"}
    assert used
    assert [action for action in used if not re.fullmatch(r"actions/[\w-]+@v\d+", action)] == []


def steps(workflow: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a workflow."""
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 90
        yield from job["steps"]


def test_pictures_are_shown_and_small() -> None:
    """The README shows every picture that is kept, and a clone stays small."""
    pictures = sorted((ROOT / ".github" / "pictures").glob("*"))

    assert pictures
    assert [path.name for path in pictures if f"(.github/pictures/{path.name})" not in README] == []
    assert [path.name for path in pictures if path.stat().st_size > PICTURE_MAX_BYTES] == []


def test_decisions_are_numbered_once() -> None:
    """A decision is found by its number."""
    numbers = [path.name[:4] for path in (ROOT / ".github" / "decisions").glob("[0-9]*.md")]

    assert len(numbers) == len(set(numbers))


def test_decisions_are_listed_by_title() -> None:
    """The index of the decisions names each one by its own title, in their order, and links to it."""
    folder = ROOT / ".github" / "decisions"
    titles = {path.name: path.read_text().partition("\n")[0] for path in sorted(folder.glob("[0-9]*.md"))}

    listed = re.findall(r"^- (\d+\. )\[(.+)\]\((.+)\)$", (folder / "README.md").read_text(), re.MULTILINE)

    assert [(name, f"# {number}{title}") for number, title, name in listed] == list(titles.items())
