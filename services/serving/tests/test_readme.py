"""Somebody can sit down with this package: its files are short, and its README leads through all of them."""

from pathlib import Path

import pytest
from serving.server import MODELS

PACKAGE = Path(__file__).parents[1] / "serving"


@pytest.mark.parametrize("name", MODELS)
def test_a_driver_has_fewer_than_two_hundred_lines(name):
    assert len((PACKAGE / f"{name}.py").read_text().splitlines()) < 200


def test_the_contract_has_fewer_than_a_hundred_lines():
    assert len((PACKAGE / "protocol.py").read_text().splitlines()) < 100


def test_the_readme_names_every_module():
    readme = (PACKAGE.parent / "README.md").read_text()
    modules = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"(serving/{name})" not in readme} == set()
