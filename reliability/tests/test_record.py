"""What a run has found is kept beside what others have found, and the page is drawn from all of it."""

import json
from pathlib import Path

import pytest

from bench.complaint import Complaint
from reliability import record
from reliability.chaos.__main__ import page as faults
from reliability.grid import grid
from reliability.record import Record, dated


@pytest.fixture
def page(tmp_path, monkeypatch):
    page = Path(tmp_path, "page.md")
    page.write_text("before\n<!-- faults -->\nold\n<!-- /faults -->\nafter\n")
    monkeypatch.setattr(record, "PAGE", page)
    monkeypatch.setattr(record, "FIGURES", Path(tmp_path, "figures.jsonl"))
    monkeypatch.setattr(record, "facts", lambda how: f"a run {how}")
    return page


def draw(tables):
    return "; ".join(
        f"{subject} {trial}={each['x']} {each['run']}"
        for subject, trials in tables.items()
        for trial, each in trials.items()
    )


def test_what_is_tried_again_takes_the_place_of_what_was(page):
    Record("faults", draw, "1").keep("tcp", {"a": {"x": 1}, "b": {"x": 2}})
    Record("faults", draw, "2").keep("web", {"a": {"x": 3}})
    Record("faults", draw, "3").keep("tcp", {"a": {"x": 4}})
    assert page.read_text() == (
        "before\n<!-- faults -->\n\n"
        "tcp a=4 a run 3; tcp b=2 a run 1; web a=3 a run 2\n"
        "\n<!-- /faults -->\nafter\n"
    )


def test_a_whole_run_forgets_what_is_tried_no_more(page):
    Record("faults", draw, "1").keep("tcp", {"a": {"x": 1}, "b": {"x": 2}})
    Record("faults", draw, "1").keep("web", {"a": {"x": 3}})
    Record("faults", draw, "2").keep("tcp", {"a": {"x": 4}}, whole=True)
    assert "web a=3 a run 1; tcp a=4 a run 2\n" in page.read_text()


def test_other_places_keep_theirs(page):
    page.write_text(page.read_text() + "<!-- more -->\n<!-- /more -->\n")
    Record("faults", draw, "1").keep("tcp", {"a": {"x": 1}})
    Record("more", draw, "2").keep("tcp", {"a": {"x": 2}})
    Record("faults", draw, "3").keep("tcp", {"b": {"x": 3}}, whole=True)
    assert "\n\ntcp b=3 a run 3\n\n" in page.read_text()
    assert "\n\ntcp a=2 a run 2\n\n" in page.read_text()
    assert len(record.FIGURES.read_text().splitlines()) == 2


def test_a_page_without_the_place_says_what_it_needs(page):
    with pytest.raises(Complaint, match="<!-- elsewhere -->"):
        Record("elsewhere", draw).keep("tcp", {"a": {"x": 1}})


def test_the_runs_are_told_with_what_is_of_each():
    assert dated({"a": "monday", "b": "monday"}) == "monday."
    assert dated({"a": "monday", "b": "tuesday", "c": "monday"}) == "* monday.\n* b: tuesday."
    many = {str(number): "monday" if number < 20 else "tuesday" for number in range(30)}
    assert dated(many) == "* monday.\n* 10 trials, from 20 to 29: tuesday."
    assert dated({}) == ""


def test_what_is_kept_of_real_runs_is_what_the_page_shows():
    """Nobody has written into the tables by hand: each line of the page is drawn from the figures."""
    kept = {}
    for line in record.FIGURES.read_text().splitlines():
        place, subject, trial, figures = json.loads(line)
        kept.setdefault(place, {}).setdefault(subject, {})[trial] = figures
    text = record.PAGE.read_text()
    for place, draw_it in (("abuse", grid), ("chaos", faults)):
        assert f"<!-- {place} -->\n\n{draw_it(kept.get(place, {}))}\n\n<!-- /{place} -->" in text
