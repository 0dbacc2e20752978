"""The README's tour leads through every file, and through no other."""

import re

from bench.load import ROOT

FOLDER = ROOT / "bench"


def test_every_file_is_on_the_tour():
    text = (FOLDER / "README.md").read_text()
    tour = text[text.index("## The files") : text.index("## What a run leaves")]
    named = re.findall(r"^\| (.*?) \|", tour, re.MULTILINE)
    files = sorted(file for cell in named for file in re.findall(r"`(\w+\.py)`", cell))
    assert files == sorted(path.name for path in FOLDER.glob("*.py") if path.name != "__init__.py")
