"""Writes Grafana's dashboards: `python -m sut.observability.grafana --out DIR`."""

from __future__ import annotations

import argparse
from pathlib import Path

from sut.observability.grafana.files import write


def main() -> None:
    """Write the files and name them."""
    parser = argparse.ArgumentParser(prog="python -m sut.observability.grafana", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the files are written")
    for path in write(parser.parse_args().out):
        print(path)


if __name__ == "__main__":
    main()
