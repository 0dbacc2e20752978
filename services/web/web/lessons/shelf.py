"""The lessons as they lie in docs/lessons: a folder each, read once."""

import functools
import re
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.safestring import SafeString

from web.lessons.colours import coloured
from web.lessons.prose import blocks, inline, sections
from web.lessons.transcript import Line, lines

__all__ = ["Lesson", "Program", "lessons"]

#: Where the folders lie in the repository; links between its files start there.
PLACE = "docs/lessons"

#: What a folder has beside the programs that the lesson is about.
NO_PROGRAM = {"scene.py", "settings.py"}


@dataclass(frozen=True)
class Program:
    """One of a lesson's programs."""

    path: str
    source: SafeString


@dataclass(frozen=True)
class Lesson:
    """One lesson, ready to be shown."""

    number: int
    slug: str
    title: str
    idea: SafeString
    introduction: SafeString
    run: SafeString
    wrong: SafeString
    here: SafeString
    programs: tuple[Program, ...]
    capture: tuple[Line, ...]
    folder: str

    @classmethod
    def read(cls, folder: Path) -> "Lesson":
        """Read a lesson's folder."""
        number, _, slug = folder.name.partition("-")
        title, introduction, parts = sections((folder / "README.md").read_text("utf-8"))
        place = f"{PLACE}/{folder.name}"
        idea = re.search(r"(?<!\*)\*([^*]+)\*(?!\*)", introduction)
        return cls(
            number=int(number),
            slug=slug,
            title=title,
            idea=inline(capitalised(idea[1]) if idea else "", place),
            introduction=blocks(introduction, place),
            run=blocks(parts["Run it"], place),
            wrong=blocks(parts["What is wrong with it"], place),
            here=blocks(parts["Where it lives here"], place),
            programs=tuple(programs(folder)),
            capture=tuple(lines((folder / "capture.txt").read_text("utf-8"))),
            folder=place,
        )


def capitalised(sentence: str) -> str:
    """A sentence that began in the middle of another."""
    sentence = " ".join(sentence.split()).removeprefix("But ").rstrip(".")
    return f"{sentence[:1].upper()}{sentence[1:]}."


def programs(folder: Path) -> list[Program]:
    """A folder's programs. The one that the others import, or that waits for them, comes first."""
    found = [path for path in folder.rglob("*.py") if path.name not in NO_PROGRAM]
    found.sort(key=lambda path: (path.name not in {"server.py", "host.py"}, str(path)))
    return [Program(path.relative_to(folder).as_posix(), coloured(path.read_text("utf-8"))) for path in found]


@functools.cache
def lessons() -> tuple[Lesson, ...]:
    """Every lesson, in order. They don't change while the site runs."""
    return tuple(Lesson.read(path.parent) for path in sorted(settings.LESSONS_DIR.glob("*/README.md")))
