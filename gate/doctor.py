"""`./assay doctor`: what is needed, what is there, and how to get what is missing. It installs nothing."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from gate.finding import Finding
from gate.machine import NEEDS

USAGE = "usage: ./assay doctor [--json | --missing]"
HELP = f"""{USAGE}

What Assay needs, what is there, and how to get what is missing. It installs nothing.

options:
  --json     for programs
  --missing  only what is required and not there

examples:
  ./assay doctor
  ./assay doctor --json

exit codes: 0 all that is required is there, 2 something is missing, 64 wrong use"""


def look() -> list[Finding]:
    """Look everything up, side by side."""
    with ThreadPoolExecutor(len(NEEDS)) as pool:
        return list(pool.map(lambda need: need(), NEEDS))


def healthy(findings: list[Finding]) -> bool:
    """Whether everything required is there."""
    return all(finding.ok for finding in findings if finding.required)


def table(findings: list[Finding]) -> str:
    """One line for each need: its state, what was seen, and how to get it where it is not there."""
    width = max(len(each.name) for each in findings)
    lines = []
    for each in findings:
        lines.append(f"  {_state(each):<8}  {each.name:<{width}}  {each.seen or 'not found'}")
        if not each.ok:
            lines.append(f"  {'':<8}  {'':<{width}}  → {each.get}")
    return "\n".join(lines)


def _state(finding: Finding) -> str:
    if finding.ok:
        return "ok"
    return "MISSING" if finding.required else "optional"


def summary(findings: list[Finding]) -> str:
    """What the table comes to, in one line."""
    missing = [each.name for each in findings if each.required and not each.ok]
    if missing:
        return f"Missing: {', '.join(missing)}. Nothing was installed; ./assay smoke does."
    return "Everything that is required is there."


def main(arguments: list[str]) -> int:
    """Print the findings; 0 if all that is required is there, 2 if not, 64 for a wrong option."""
    if arguments in (["--help"], ["-h"]):
        print(HELP)
        return 0
    if arguments not in ([], ["--json"], ["--missing"]):
        print(f"assay doctor: {' '.join(arguments)} is not understood; {USAGE}", file=sys.stderr)
        return 64
    findings = look()
    if arguments == ["--json"]:
        print(json.dumps({"ok": healthy(findings), "needs": [asdict(each) for each in findings]}, indent=2))
    elif arguments == ["--missing"]:
        lacking = [each for each in findings if each.required and not each.ok]
        print(table(lacking) if lacking else summary(findings), file=sys.stderr)
    else:
        print(table(findings), summary(findings), sep="\n\n")
    return 0 if healthy(findings) else 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
