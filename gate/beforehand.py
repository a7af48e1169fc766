"""What is told before the set-up: `python -P -m gate.beforehand COMMAND …`, on a Python without packages.

The script `assay` asks this as long as anything has to be installed for the command: help and wrong use are
told at once, in the words that the command line has afterwards.
"""

import sys
from collections.abc import Sequence

from gate.cli import PROGRAM, read

GO_ON = 100  # none of the exit codes of a command, nor of a Python that fails


def main(words: Sequence[str]) -> int:
    """Return the exit code where all is said; GO_ON where the command itself is needed."""
    answer = read(words)
    if isinstance(answer, int):
        return answer
    if any(word == "-h" or word.startswith("--help") for word in words):
        print(f"{PROGRAM}: this help is told by a package, so the set-up comes first", file=sys.stderr)
    return GO_ON


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
