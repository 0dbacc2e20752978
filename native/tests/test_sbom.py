"""What an image holds, as a list that scanners read; what an image says is in here as it said it."""

import json

import pytest

from native import sbom
from native.problem import Problem
from native.run_dir import ROOT

INVENTORY = """\
os debian 13
deb libstdc++6 14.2.0-19+b1 amd64
deb openssl 3.5.4-1~deb13u1 amd64
pypi Django 5.2.9 -
pypi channels_redis 4.3.0 -
"""


def test_an_image_s_packages_have_the_names_that_scanners_know():
    places = [each.get("purl") for each in sbom.components(INVENTORY)]
    assert places == [
        None,
        "pkg:deb/debian/libstdc++6@14.2.0-19%2Bb1?arch=amd64",
        "pkg:deb/debian/openssl@3.5.4-1~deb13u1?arch=amd64",
        "pkg:pypi/django@5.2.9",
        "pkg:pypi/channels-redis@4.3.0",
    ]


def test_a_document_is_cyclonedx_and_names_each_thing_once():
    found = sbom.components(INVENTORY)
    bill = sbom.document("web", found + found)
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.5")
    assert bill["metadata"]["component"] == {"type": "container", "name": "layercake-web"}
    assert len(bill["components"]) == 5
    json.dumps(bill)


@pytest.mark.parametrize("folder", sorted({folder for folder in sbom.REQUIREMENTS.values() if folder}))
def test_every_pin_is_found(folder):
    file = ROOT / folder / "requirements.txt"
    lines = [line for line in file.read_text().splitlines() if line[:1].isalnum()]
    assert len(sbom.pinned(file)) == len(lines) > 0
    assert all(version[0].isdigit() for _, version in sbom.pinned(file))


def test_without_an_engine_the_requirements_are_listed(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))  # no docker
    sbom.sbom({"RUN_DIR": str(tmp_path / "run")})
    said = capsys.readouterr().out
    assert "the pinned requirements only: there is no docker command" in said
    for name in sbom.REQUIREMENTS:
        bill = json.loads((tmp_path / "run" / "sbom" / f"{name}.cdx.json").read_text())
        assert bool(bill["components"]) == bool(sbom.REQUIREMENTS[name])
    web = json.loads((tmp_path / "run" / "sbom" / "web.cdx.json").read_text())
    assert "django" in {each["name"] for each in web["components"]}


def test_who_runs_local_processes_is_asked_for_no_image(tmp_path, capsys):
    sbom.sbom({"RUN_DIR": str(tmp_path / "run"), "MODE": "native"})
    assert "the pinned requirements only: MODE=native" in capsys.readouterr().out


class TestAudit:
    REPORT = json.dumps(
        {
            "dependencies": [
                {"name": "fine", "version": "1", "vulns": []},
                {"name": "old", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3", "4"]}]},
                {"name": "older", "version": "1", "vulns": [{"id": "CVE-2", "fix_versions": []}]},
                {"name": "nobodys", "skip_reason": "Not found and could not be audited: nobodys (7.1)"},
            ]
        }
    )  # fmt: skip

    def test_what_is_vulnerable_and_what_nobody_knows(self):
        known, unknown = sbom.findings(self.REPORT)
        assert known == {
            ("old", "2", "CVE-1, mended by 3, 4"),
            ("older", "1", "CVE-2, mended by nothing yet"),
        }
        assert unknown == {("nobodys", "7.1", "Not found and could not be audited")}

    def test_no_answer_is_not_taken_for_a_good_one(self, monkeypatch):
        with pytest.raises(json.JSONDecodeError):
            sbom.findings("")
        monkeypatch.setattr(sbom.venv, "ensure", lambda _: None)
        monkeypatch.setattr(sbom.venv, "PYTHON", "false")
        with pytest.raises(Problem, match="pip-audit has no answer about"):
            sbom.audit()
