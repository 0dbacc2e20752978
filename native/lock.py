"""Compile every hashed ``requirements.txt`` from its ``pyproject.toml`` (``make lock``).

All sources are resolved together first, and each file is then compiled under that one answer, so that no two
packages of the stack ask for different versions of the same thing and one virtual environment can hold them
all.
"""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # as a script it is given its own folder only

from comparisons.requirements import Sources, path_of  # noqa: E402
from comparisons.suites import groups  # noqa: E402

__all__ = ["TARGETS", "lock", "lock_comparisons"]

#: Where each file of requirements comes from: its path, and the arguments that name its source.
TARGETS: dict[str, list[str]] = {
    "services/tcp/requirements.txt": ["services/tcp/pyproject.toml"],
    "services/rooms/requirements.txt": ["services/rooms/pyproject.toml"],
    "services/web/requirements.txt": ["services/web/pyproject.toml"],
    "services/realtime/requirements.txt": ["services/realtime/pyproject.toml"],
    "loadtests/requirements.txt": ["loadtests/pyproject.toml"],
    "benchmarks/requirements.txt": ["benchmarks/pyproject.toml"],
    "comparisons/requirements.txt": ["--group", "pyproject.toml:lock"],
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


def lock_comparisons(names: Sequence[str] = ()) -> None:
    """Each group of candidates by itself, or those that are named; what is of no group any more goes."""
    found = {name: Sources(candidates) for name, candidates in groups().items()}
    unknown = set(names) - set(found)
    if unknown:
        raise SystemExit(
            f"lock: there is no group {', '.join(sorted(unknown))}: there are {', '.join(found)}"
        )
    for name, sources in found.items():
        if sources and (not names or name in names):
            compile_group(path_of(name), sources)
    wanted = {path_of(name) for name, sources in found.items() if sources}
    for path in (ROOT / "comparisons/requirements").glob("*.txt"):
        if path not in wanted:
            path.unlink()


def compile_group(output: Path, sources: Sources) -> None:
    """What the group shares with the stack has the stack's versions."""
    with tempfile.TemporaryDirectory() as folder:
        packages = Path(folder) / "packages.in"
        packages.write_text("".join(f"{package}\n" for package in sources.packages))
        siblings = [f"{sibling}/pyproject.toml" for sibling in sources.siblings]
        stack = [
            word for sibling in sources.siblings for word in ("--constraints", f"{sibling}/requirements.txt")
        ]
        output.unlink(missing_ok=True)  # or uv would keep its versions
        compile_one(output, [str(packages), *siblings, *stack])
    output.write_text(f"{sources.headline}\n{output.read_text()}")


if __name__ == "__main__":
    if not sys.argv[1:]:
        lock()
    lock_comparisons(sys.argv[1:])
