"""The tests that need a Docker engine: kept apart, so that a machine without one has nothing to skip."""

import sys
from pathlib import Path

# `door` is what these share with the tests that need none.
sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
