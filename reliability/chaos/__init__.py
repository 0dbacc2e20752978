"""What is stopped, replaced, killed and starved on purpose, and what its guests see of it."""

import sys
from pathlib import Path

# The whole stack's tests have clients for everything that it speaks, and know how to kill each part of it.
sys.path.append(str(Path(__file__).parents[2] / "tests"))
