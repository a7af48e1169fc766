"""Reads what is written for people: sections, tables, code blocks and commands of the documents."""

import re
import shlex
from collections.abc import Iterator

from gate.finding import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / ".github").rglob("*.md"))]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


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


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a language in a text."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> Iterator[tuple[str, ...]]:
    """Every call of ./assay that a document or a workflow shows; a word in capitals stands for another."""
    lines = [
        line for path in DOCUMENTS for block in blocks(path.read_text(), "sh") for line in block.splitlines()
    ]
    lines += [call for path in DOCUMENTS for call in re.findall(r"`(\./assay [^`]+)`", path.read_text())]
    lines += [
        line.strip().removeprefix("- run: ") for path in WORKFLOWS for line in path.read_text().splitlines()
    ]
    calls = {tuple(shlex.split(line, comments=True)) for line in lines if line.startswith("./assay ")}
    yield from sorted(call[1:] for call in calls if not any(word.isupper() for word in call))
