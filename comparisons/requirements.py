"""What each group of candidates has to have installed: `requirements/<group>.txt`, pinned and hashed.

Each file is compiled by itself (`make lock`), as no two groups ever share an environment. What a candidate
shares with the stack, because it uses one of its packages, has the version that the stack has.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from comparisons.table import Candidate

__all__ = ["FOLDER", "ROOT", "Sources", "path_of"]

ROOT: Final = Path(__file__).resolve().parent.parent

FOLDER: Final = ROOT / "comparisons" / "requirements"


def path_of(group: str) -> Path:
    """The group's file; there is none where nothing has to be installed."""
    return FOLDER / f"{group}.txt"


class Sources:
    """What a group's file is compiled from."""

    def __init__(self, candidates: Iterable[Candidate]) -> None:
        candidates = tuple(candidates)
        self.packages = sorted({package for each in candidates for package in each.packages})
        self.uses = sorted({use for each in candidates for use in each.uses})

    @property
    def siblings(self) -> list[str]:
        """The packages of the repository that need something themselves, as folders."""
        return [
            f"services/{use}" for use in self.uses if (ROOT / f"services/{use}/requirements.txt").exists()
        ]

    @property
    def headline(self) -> str:
        """The file's first line, by which one that is out of date is known."""
        return f"# {', '.join([*self.packages, *self.siblings])}"

    def __bool__(self) -> bool:
        return bool(self.packages or self.siblings)
