"""The README's tour leads through every file, and its fields are those of the table."""

import re
from dataclasses import fields

import pytest

from comparisons.requirements import ROOT
from comparisons.table import Behind, Candidate, Comparison, Exchange

FOLDER = ROOT / "comparisons"

TEXT = (FOLDER / "README.md").read_text()


def test_every_file_is_on_the_tour():
    tour = TEXT[TEXT.index("## The files") :]
    named = re.findall(r"^\| (.*?) \|", tour, re.MULTILINE)
    files = sorted(file for cell in named for file in re.findall(r"`(\w+\.py)`", cell))
    assert files == sorted(path.name for path in FOLDER.glob("*.py") if path.name != "__init__.py")


@pytest.mark.parametrize("kind", [Candidate, Exchange, Comparison])
def test_every_field_is_told(kind):
    assert [each.name for each in fields(kind) if f"`{each.name}`" not in TEXT] == []


def test_what_a_way_is_told():
    assert all(f".{name}" in TEXT for name in Behind._fields)
