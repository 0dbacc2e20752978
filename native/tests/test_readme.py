"""The README's tour leads through every file, and through no other."""

import re

from native.run_dir import ROOT

FOLDER = ROOT / "native"


def test_every_file_is_on_the_tour():
    text = (FOLDER / "README.md").read_text()
    tour = text[text.index("## The files") : text.index("## What holds")]
    named = re.findall(r"`(\w+\.py)`", tour)
    assert sorted(named) == sorted(path.name for path in FOLDER.glob("*.py") if path.name != "__init__.py")
