"""The bench on the stack under test: it finds it, measures it, and its books agree with the services' own.

What it measures here means nothing: the machine is busy with tests. What it counts has to be right all the
same.
"""

import json
import os
import subprocess
import sys

import pytest
from wire.stack import ROOT

#: What a busy machine can't spoil.
CERTAIN = {
    "every reply was right, byte for byte",
    "sent = right + failed, and due = sent + missed",
    "the client's count = the server's own",
    "percentiles are in order",
}

#: Each suite at a rate that the slowest machine takes.
SUITES = {"ladder": 14, "push": 10}


@pytest.mark.parametrize("suite", SUITES)
def test_a_quick_round(suite, tmp_path):
    words = ["--suite", suite, "--quick", "--rounds", "1", "--rate", "20", "--users", "3"]
    done = subprocess.run(
        [sys.executable, "-m", "bench", "run", *words, "--results", str(tmp_path)],
        cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False, timeout=240,
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    [folder] = tmp_path.iterdir()
    result = json.loads((folder / "result.json").read_text())
    assert result["mode"] == os.environ["LAYERCAKE_MODE"]
    assert len(result["entries"]) == SUITES[suite]
    checks = {check["name"]: check for check in result["audit"]["checks"]}
    assert [check for name, check in checks.items() if name in CERTAIN and not check["passed"]] == []
    assert checks.keys() >= CERTAIN
    for entry in result["entries"]:
        assert entry["cpu_us"]["service"]["median"] > 0, entry["title"]
        assert ("nginx" in entry["cpu_us"]) == (entry["via"] == "nginx")
        # Whoever is asked tells how often; and nginx, of HTTP.
        if suite == "ladder":
            assert entry["counted"]["server"] == entry["counted"]["client"], entry["title"]
    assert "<svg" in (folder / "report.html").read_text()
