"""When the virtual environment is left alone, and when it is made again."""

import pytest

from native import venv
from native.problem import Problem
from native.venv import Requirements


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout with one folder of requirements and one package; pip is only asked what it would do."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "requirements.txt").write_text("thing==1 \\\n    --hash=sha256:00\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "requirements.txt").touch()
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(venv, "ROOT", tmp_path)
    monkeypatch.setattr(venv, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(venv, "PYTHON", tmp_path / ".venv" / "bin" / "python")
    monkeypatch.setattr(venv, "PACKAGES", (tmp_path,))
    small = Requirements("runtime", ("folder",))
    monkeypatch.setattr(venv, "RUNTIME", small)
    monkeypatch.setattr(venv, "DEVELOPMENT", Requirements("development", ("folder", "more")))
    return tmp_path


@pytest.fixture
def asked(monkeypatch):
    """What pip was asked."""
    words = []
    monkeypatch.setattr(venv, "pip", lambda *arguments: words.append([str(word) for word in arguments]))
    return words


def test_made_once(checkout, asked, capsys):
    venv.ensure(venv.RUNTIME)
    assert asked == [
        ["--no-deps", "--require-hashes", "-r", str(checkout / "folder" / "requirements.txt")],
        ["--no-deps", "--no-build-isolation", "--editable", str(checkout)],
    ]
    said = capsys.readouterr().out
    assert "making .venv with Python 3." in said
    assert "installing up to 1 pinned packages" in said
    asked.clear()
    venv.ensure(venv.RUNTIME)
    assert asked == []
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("asked")
class TestStamp:
    @pytest.fixture(autouse=True)
    def _usable(self, checkout, monkeypatch):
        (checkout / ".venv").mkdir()
        monkeypatch.setattr(venv, "usable", lambda: True)

    def test_another_requirement(self, checkout, asked):
        venv.ensure(venv.RUNTIME)
        asked.clear()
        (checkout / "folder" / "requirements.txt").write_text("thing==2\n")
        venv.ensure(venv.RUNTIME)
        assert asked

    def test_development_holds_runtime(self, asked):
        venv.ensure(venv.DEVELOPMENT)
        asked.clear()
        venv.ensure(venv.RUNTIME)
        assert asked == []

    def test_runtime_does_not_hold_development(self, asked):
        venv.ensure(venv.RUNTIME)
        asked.clear()
        venv.ensure(venv.DEVELOPMENT)
        assert asked

    def test_not_stamped_when_pip_fails(self, monkeypatch):
        def fail(*_):
            raise Problem("pip could not")

        monkeypatch.setattr(venv, "pip", fail)
        with pytest.raises(Problem):
            venv.ensure(venv.RUNTIME)
        assert not venv.RUNTIME.is_installed


def test_a_python_that_is_gone(checkout):
    """What is left after an upgrade of the system's Python: a link to nothing."""
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").symlink_to("/nowhere/python")
    assert not venv.usable()


def test_a_folder_that_is_no_environment(checkout):
    (checkout / ".venv").mkdir()
    (checkout / ".venv" / "thesis.tex").touch()
    with pytest.raises(Problem, match="is in the way"):
        venv.make()
    assert (checkout / ".venv" / "thesis.tex").exists()


def test_pip_that_fails(monkeypatch, tmp_path):
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\nexit 1\n")
    script.chmod(0o755)
    monkeypatch.setattr(venv, "PYTHON", script)
    with pytest.raises(Problem, match="pip could not install"):
        venv.pip("thing")


def test_every_requirement_is_there():
    for path in venv.DEVELOPMENT.requirements:
        assert path.is_file()
    for package in venv.PACKAGES:
        assert (package / "pyproject.toml").is_file()
