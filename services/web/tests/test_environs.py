"""Environs side by side."""

from web.lab.environs import NOT_SHOWN, compare
from web.lab.server import Note


def rows(**notes):
    return {row.name: row for group in compare(notes) for row in group.rows}


def test_what_is_the_same_and_what_differs():
    found = rows(
        one=Note({"PATH_INFO": "'/a'", "wsgi.run_once": "False"}),
        two=Note({"PATH_INFO": "'/b'", "wsgi.run_once": "False", "two.own": "1"}),
    )
    assert found["PATH_INFO"].differs
    assert found["PATH_INFO"].cells == [("one", "'/a'"), ("two", "'/b'")]
    assert not found["wsgi.run_once"].differs
    assert found["two.own"].cells == [("one", None), ("two", "1")]
    assert found["two.own"].differs


def test_the_groups():
    notes = {
        "one": Note(
            {"HTTP_HOST": "''", "PATH_INFO": "''", "wsgi.version": "(1, 0)", "own": "1", "HOME": "'/x'"},
            frozenset({"HOME", "PATH_INFO"}),
            b"a",
        )
    }
    groups = {group.title: [row.name for row in group.rows] for group in compare(notes)}
    assert groups == {
        "The request": ["PATH_INFO"],
        "Field lines": ["HTTP_HOST"],
        "The contract": ["wsgi.version", "wsgi.input.read()"],
        "The servers' own": ["own"],
        "Their processes'": ["HOME"],
    }


def test_what_a_process_was_started_with_is_not_shown():
    found = rows(one=Note({"HOME": "'/secret'"}, frozenset({"HOME"})), two=Note({}))
    assert found["HOME"].cells == [("one", NOT_SHOWN), ("two", None)]


def test_what_was_read():
    assert rows(one=Note({}, content=b"\xff"))["wsgi.input.read()"].cells == [("one", r"'\xff'")]
