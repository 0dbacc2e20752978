"""Every table can be read, installed from pinned files, and started from what it says."""

import re
import shlex
import string

import pytest

from bench.complaint import Complaint
from comparisons.requirements import FOLDER, ROOT, Sources, path_of
from comparisons.suites import NAMES, chosen, comparison, groups

EVERYBODY = [(name, each) for name in NAMES for each in comparison(name).candidates]

PLACEHOLDERS = {"python", "bin", "host", "port", "tmp", "root", "redis_url"}


@pytest.mark.parametrize("name", NAMES)
def test_a_suite_is_called_as_its_file(name):
    suite = comparison(name)
    assert suite.name == name
    assert suite.title
    assert suite.question.endswith("?")
    names = [each.name for each in suite.candidates]
    assert len(set(names)) == len(names) >= 2


@pytest.mark.parametrize(
    ("suite", "candidate"), EVERYBODY, ids=[f"{name}-{each.name}" for name, each in EVERYBODY]
)
def test_a_candidate_is_whole(suite, candidate):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", candidate.name)
    assert candidate.reason.endswith(".")
    words = [*shlex.split(candidate.command), *candidate.environment.values()]
    asked = {
        field for word in words for _, field, _, _ in string.Formatter().parse(word) if field is not None
    }
    assert {"host", "port"} <= asked <= PLACEHOLDERS
    for module in re.findall(r"comparisons\.apps\.(\w+)", candidate.command):
        assert (ROOT / "comparisons" / "apps" / f"{module}.py").exists()
    for use in candidate.uses:
        assert (ROOT / "services" / use / use).is_dir()
    whole = comparison(suite)
    assert whole.measure or whole.exchanges_of(candidate)


@pytest.mark.parametrize("group", groups())
def test_what_a_group_needs_is_locked(group):
    sources = Sources(groups()[group])
    if not sources:
        assert not path_of(group).exists()
        return
    head, *lines = path_of(group).read_text().replace("\\\n", " ").splitlines()
    assert head == sources.headline, f"out of date: `python -m native.lock {group}`"
    for line in lines:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line
    assert "://" not in path_of(group).read_text()


def test_no_file_is_left_of_a_group_that_is_gone():
    assert {path.stem for path in FOLDER.glob("*.txt")} <= set(groups())


class TestOnly:
    def test_some(self):
        suite = comparison(NAMES[0])
        names = [each.name for each in suite.candidates[:2]]
        assert [each.name for each in chosen(suite, ", ".join(names)).candidates] == names

    def test_all(self):
        assert chosen(comparison(NAMES[0]), "") == comparison(NAMES[0])

    def test_one_that_is_not_there(self):
        with pytest.raises(Complaint, match=r"models has no rocket: ONLY takes some of .*selector"):
            chosen(comparison("models"), "rocket")
