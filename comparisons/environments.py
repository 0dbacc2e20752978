"""A virtual environment for each group of candidates, made when it is first needed.

uv links its files to those of its cache, so that twenty of them cost little more than one. Nothing is
compiled: what has no wheel for this machine and Python is left out, and says so.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Final

from comparisons.place import LeftOut, last_line
from comparisons.requirements import path_of

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["python_of"]

UV: Final = (sys.executable, "-m", "uv", "--quiet")

STAMP: Final = ".ready"


def python_of(group: str, folder: Path) -> Path:
    """The Python of a group's environment below `folder`. Raises LeftOut with the installer's reason."""
    requirements = path_of(group)
    content = requirements.read_bytes() if requirements.exists() else b""
    digest = hashlib.sha256(content + sys.version.encode()).hexdigest()[:12]
    home = folder / f"{group}-{digest}"
    python = home / "bin" / "python"
    if (home / STAMP).exists():
        return python
    for old in folder.glob(f"{group}-{'?' * 12}"):
        shutil.rmtree(old, ignore_errors=True)
    run("venv", "--python", sys.executable, str(home))
    if content:
        run(
            "pip", "install", "--python", str(python), "--require-hashes", "--no-build",
            "--link-mode", "hardlink", "--requirement", str(requirements),
        )  # fmt: skip
    (home / STAMP).touch()
    return python


def run(*words: str) -> None:
    """Let uv do something. Raises LeftOut with its last words."""
    done = subprocess.run(
        [*UV, *words], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        raise LeftOut(f"it can't be installed here: {reason(done.stderr)}")


def reason(said: str) -> str:
    """uv draws its causes as a tree, over several lines; as one sentence."""
    lines = [line.strip(" ├─▶╰│×") for line in said.splitlines()]
    return last_line(" ".join(line for line in lines if line and not line.startswith("hint:")))
