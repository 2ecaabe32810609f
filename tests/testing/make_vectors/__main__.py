"""Write the vectors of the kit: `python -m tests.testing.make_vectors`; with --check, fail if a file differs.

The modules beside this one write out what a case expects, in the words of the specification, or let `tests/naive.py`
decide it, which shares no code with the package. Nothing here runs the package.
"""

import sys

from tests.testing.make_vectors.cases import VECTORS
from tests.testing.make_vectors.files import written

if __name__ == "__main__":
    for file, content in written().items():
        if "--check" in sys.argv and (VECTORS / file).read_text(encoding="utf-8") != content:
            sys.exit(f"{file} is not what this script writes")
        (VECTORS / file).write_text(content, encoding="utf-8")
