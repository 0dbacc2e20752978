"""The files of requirements: pinned, hashed, and without a word about where they come from."""

import re

import pytest

from native.lock import TARGETS
from native.run_dir import ROOT
from native.venv import DEVELOPMENT


def test_every_installed_file_is_compiled():
    assert {str(path.relative_to(ROOT)) for path in DEVELOPMENT.requirements} <= set(TARGETS)


@pytest.mark.parametrize("name", TARGETS)
def test_every_line_is_pinned_and_hashed(name):
    text = (ROOT / name).read_text().replace("\\\n", " ")
    for line in text.splitlines():
        assert re.match(r"[a-z0-9][a-z0-9._-]*==\S+ .*--hash=sha256:[0-9a-f]{64}", line), line


@pytest.mark.parametrize("name", TARGETS)
def test_no_download_addresses(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    assert "index-url" not in text


def test_one_version_of_each():
    """One virtual environment holds them all; the marker says for which Pythons a version is."""
    pinned = r"^([\w.-]+)==([^\s;]+)(?: ; (.*?))? \\$"
    versions: dict[tuple[str, str], str] = {}
    for name in TARGETS:
        found = re.findall(pinned, (ROOT / name).read_text(), re.MULTILINE)
        assert found or not (ROOT / name).read_text()
        for package, version, marker in found:
            assert versions.setdefault((package, marker), version) == version, package
