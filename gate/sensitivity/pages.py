"""The defect matrix as JSON, as a page and as Markdown."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gate.report.figures import TONES
from gate.sensitivity.matrix import Row, outcome_of, told

HERE = Path(__file__).parent
STYLE = HERE.parent / "report" / "summary.css"


def write(folder: Path, rows: Sequence[Row]) -> Path:
    """Write sensitivity.json, .html and .md; return the page's path."""
    outcome = outcome_of(rows)
    document = {
        "outcome": outcome.value,
        "exit_code": outcome.exit_code,
        "finished_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "rows": [asdict(row) for row in rows],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    (folder / "sensitivity.json").write_text(text, encoding="utf-8")
    (folder / "sensitivity.md").write_text(markdown(rows), encoding="utf-8")
    page = folder / "sensitivity.html"
    page.write_text(_page(rows), encoding="utf-8")
    return page


def markdown(rows: Sequence[Row]) -> str:
    """Return the matrix as a Markdown table."""
    lines = [f"**{told(rows)}**", "", "| defect | symptom | result | stage | caught by | seconds |"]
    lines.append("| --- | --- | --- | --- | --- | ---: |")
    for row in rows:
        cells = (row.name, row.symptom, row.result, row.stage, f"`{row.by}`" if row.by else row.why)
        lines.append(f"| {' | '.join(_cell(cell) for cell in cells)} | {row.seconds:.0f} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _page(rows: Sequence[Row]) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("sensitivity.html.j2").render(
        rows=rows,
        outcome=outcome_of(rows),
        told=told(rows),
        tones=TONES,
        css=Markup(STYLE.read_text(encoding="utf-8")),  # noqa: S704 - ours
        now=datetime.now(UTC).isoformat(timespec="minutes"),
    )
