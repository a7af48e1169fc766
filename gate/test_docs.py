"""What is written for people is true: files, settings, states, links and commands."""

import dataclasses
import fnmatch
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from gate.finding import ROOT
from gate.outcome import EXIT_CODES, EXIT_INTERRUPTED, EXIT_USAGE
from sut.api.settings import ApiSettings
from sut.mes.settings import MesSettings
from sut.settings import EventSettings
from sut.shop.settings import ShopSettings
from sut.states import TRANSITIONS

README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SERVICES = {"api": ApiSettings, "mes": MesSettings, "pricing": EventSettings, "shop": ShopSettings}
PICTURE_MAX_BYTES = 200_000
# Plain files that need no word in the README, or are named there in another place.
UNLISTED = {".gitignore", "README.md"}


def section(title: str) -> str:
    """The text under a heading of the README, up to the next heading of its level or above."""
    found = re.search(rf"^(#+) {re.escape(title)}\n(.*?)(?=^#{{1,2}} |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, f"the README has no section «{title}»"
    return found.group(2)


def table(text: str) -> list[list[str]]:
    """The cells of the first table in a text, without its head."""
    block = re.search(r"^\|.*\n\|[-| ]+\n((?:\|.*\n)+)", text, re.MULTILINE)
    assert block, "no table"
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in block.group(1).splitlines()]


def code_names(cell: str) -> list[str]:
    """The names set as code in a cell."""
    return re.findall(r"`([^`]+)`", cell)


def top_level() -> set[str]:
    """The files and folders of the checkout, without what git ignores; git itself may be missing here."""
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
            defaults[variable] = "" if field.default is dataclasses.MISSING else f"`{field.default}`"
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


def test_exit_codes_are_those_of_the_gate() -> None:
    """A script can rely on the documented codes."""
    written = {int(row[0]): row[1] for row in table(section("Two commands"))}

    assert set(written) == {*EXIT_CODES.values(), EXIT_USAGE, EXIT_INTERRUPTED}
    assert all(outcome in written[code] for outcome, code in EXIT_CODES.items())


def test_states_are_drawn_as_the_transition_table_has_them() -> None:
    """The diagram shows every way of an order, and no other."""
    drawn = re.findall(r"^ +(\w+) --> (\w+): ([\w-]+)$", section("An order's life"), re.MULTILINE)

    assert drawn == [(step.source, step.target, step.command) for step in TRANSITIONS]


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
