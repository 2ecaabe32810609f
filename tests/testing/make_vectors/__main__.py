"""Write the vectors of the kit: `python -m tests.testing.make_vectors`; with --check, fail if a file differs.

The modules beside this one state the expectation of a case as the specification words it, or take it from
`tests/naive.py`. That module shares no code with the package. No module here runs the package.
"""

import sys

from tests.testing.make_vectors.cases import VECTORS
from tests.testing.make_vectors.files import build_files

if __name__ == "__main__":
    for file, content in build_files().items():
        if "--check" in sys.argv and (VECTORS / file).read_text(encoding="utf-8") != content:
            sys.exit(f"{file} differs from the output of this script")
        (VECTORS / file).write_text(content, encoding="utf-8")
