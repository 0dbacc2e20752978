"""The contract between the templates and those who fill them in: the table in README.md, and Compose."""

import re

import pytest
import yaml
from door.nginx import Door
from door.rendering import SOURCE, VARIABLE, templates

ROOT = SOURCE.parent


@pytest.fixture(scope="module")
def asked_for():
    """Every variable that a template names."""
    return {name for template in templates() for name in VARIABLE.findall(template.read_text())}


def test_the_table_lists_exactly_what_the_templates_ask_for(asked_for):
    table = re.findall(r"^\| (`[A-Z].*?) \|", (SOURCE / "README.md").read_text(), re.MULTILINE)
    listed = {name for cell in table for name in re.findall(r"`(\w+)`", cell)}
    assert listed == asked_for


def test_compose_gives_each_a_value(asked_for):
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    given = compose["services"]["nginx"]["environment"]
    assert asked_for - set(given) == set()
    # An unset variable and an empty one are two things: envsubst replaces only what is set.
    assert [name for name in asked_for if given[name] is None] == []


def test_no_template_names_a_variable_without_braces(asked_for):
    """envsubst would replace $HTTP_PORT as well, the native renderer would not."""
    for template in templates():
        assert not asked_for & set(re.findall(r"\$(\w+)", template.read_text())), template.name


def test_every_include_is_relative():
    for file in [*SOURCE.glob("*.conf"), *SOURCE.glob("*/*.conf"), *templates()]:
        assert not re.search(r"^\s*include\s+/", file.read_text(), re.MULTILINE), file.name


@pytest.mark.parametrize("keep_folders", [False, True], ids=["flat", "in sub-folders"])
def test_nginx_takes_it_without_a_warning(installed, tmp_path, keep_folders):
    status, said = Door(tmp_path, keep_folders=keep_folders).check()
    assert status == 0, said
    assert "[" not in said  # as in [warn]
