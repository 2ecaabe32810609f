"""Name the folders and files of the project that tests read."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
DATA: Final = ROOT / "tests" / "data"
SAMPLE: Final = DATA / "sample-tasks.json"
