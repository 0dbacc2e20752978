"""The fuzzer for a few seconds, from the corpus on. A crash prints the octets that do it."""

import re
import subprocess
import sys
from pathlib import Path

from corpus import INVALID, VALID
from peers import TESTS

SECONDS = 8


def test_any_octets(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for case in [*VALID, *INVALID]:
        (seeds / case.name.replace("/", "-")).write_bytes(bytes([len(case.octets) // 2 % 256]) + case.octets)
    command = [
        sys.executable,
        "fuzz.py",
        f"-max_total_time={SECONDS}",
        "-max_len=700",
        "-timeout=10",
        "-print_final_stats=1",
        f"-artifact_prefix={tmp_path}/",
        str(seeds),
    ]
    done = subprocess.run(
        command,
        cwd=TESTS,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS * 8,
        check=False,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    runs = re.search(r"number_of_executed_units: (\d+)", done.stdout)
    assert runs, done.stdout[-4000:]
    assert int(runs[1]) > 300, "it hardly ran"
