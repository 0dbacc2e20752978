"""Runs the tests in `under_gevent/` in a process of their own."""

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).with_name("under_gevent")
ROOT = FOLDER.parents[2]


def test_all_of_them():
    environment = os.environ | {"LAYERCAKE_UNDER_GEVENT": "1", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "pytest", "-q", str(FOLDER)]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout
