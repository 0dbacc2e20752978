"""What the tests share: a peer without a socket, and answers read back."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the modules beside the tests
