"""Compile every hashed ``requirements.txt`` from its ``pyproject.toml`` (``make lock``).

All sources are resolved together first, and each file is then compiled under that one answer, so that no two
packages of the stack ask for different versions of the same thing and one virtual environment can hold them
all.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

__all__ = ["TARGETS", "lock"]

ROOT = Path(__file__).resolve().parent.parent

#: Where each file of requirements comes from: its path, and the arguments that name its source.
TARGETS: dict[str, list[str]] = {
    "services/tcp/requirements.txt": ["services/tcp/pyproject.toml"],
    "services/rooms/requirements.txt": ["services/rooms/pyproject.toml"],
    "services/web/requirements.txt": ["services/web/pyproject.toml"],
    "services/realtime/requirements.txt": ["services/realtime/pyproject.toml"],
    "loadtests/requirements.txt": ["loadtests/pyproject.toml"],
    "benchmarks/requirements.txt": ["benchmarks/pyproject.toml"],
    "native/requirements.txt": ["--group", "pyproject.toml:native"],
    "tests/requirements.txt": [
        word for group in ("test", "lint", "lock") for word in ("--group", f"pyproject.toml:{group}")
    ],
}


def compile_one(output: Path, arguments: list[str]) -> None:
    """Write one file of pinned, hashed requirements that serves every platform and Python from 3.11 up."""
    subprocess.run(
        [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--python-version=3.11",
         "--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(output), *arguments],
        cwd=ROOT, check=True,
    )  # fmt: skip


def lock() -> None:
    """Resolve all sources as one, then each under the common answer."""
    with tempfile.TemporaryDirectory() as folder:
        together = Path(folder) / "together.txt"
        compile_one(together, [word for words in TARGETS.values() for word in words])
        for path, arguments in TARGETS.items():
            compile_one(ROOT / path, [*arguments, "--upgrade", "--constraints", str(together)])


if __name__ == "__main__":
    lock()
