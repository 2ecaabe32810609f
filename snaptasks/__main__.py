"""Run the command line, as `python -m snaptasks` and as the command `snaptasks`."""

import sys

from ._command import main

if __name__ == "__main__":
    sys.exit(main())
