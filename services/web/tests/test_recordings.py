"""The lessons' programs, run for real: each capture on the site is what they do today."""

import sys
from pathlib import Path

import pytest

LESSONS = Path(__file__).resolve().parents[3] / "docs" / "lessons"
sys.path.insert(0, str(LESSONS))

import record  # noqa: E402 (lies beside the lessons, which are no package)

FOLDERS = {folder.name.partition("-")[2]: folder for folder in record.LESSONS}


@pytest.mark.parametrize("lesson", FOLDERS)
def test_it_does_what_its_capture_says(lesson):
    folder = FOLDERS[lesson]
    assert record.perform(folder).splitlines() == (folder / "capture.txt").read_text("utf-8").splitlines()


def test_a_capture_that_is_not_true_is_told_and_left_alone(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "01-greet"
    folder.mkdir()
    for file in FOLDERS["greet"].glob("*.py"):
        (folder / file.name).write_text(file.read_text("utf-8"), "utf-8")
    (folder / "capture.txt").write_text("something else\n")
    monkeypatch.setattr(record, "LESSONS", [folder])
    assert record.main(["--check"]) == 1
    assert "-something else" in capsys.readouterr().out
    assert (folder / "capture.txt").read_text() == "something else\n"
    assert record.main([]) == 0
    assert "Waiting for visitors." in (folder / "capture.txt").read_text("utf-8")
