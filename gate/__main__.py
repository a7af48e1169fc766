"""`python -m gate`: becomes the command line."""

import sys

from gate.cli import main

if __name__ == "__main__":
    sys.exit(main())
