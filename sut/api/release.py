"""Writes the OpenAPI document of this source: `python -m sut.api.release contract/openapi/api.json`."""

import json
import sys
from pathlib import Path

from sut.api.app import document


def main(arguments: list[str]) -> int:
    """Write the document to the named file."""
    if len(arguments) != 1:
        print("usage: python -m sut.api.release FILE", file=sys.stderr)
        return 64
    Path(arguments[0]).write_text(json.dumps(document(), indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
