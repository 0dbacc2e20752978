"""The WSGI lab's application, under the standard library's own validator."""

import io
import json
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest
from web.lab.specimen import application, spelled


def call(app=application, **variables):
    environ = {}
    setup_testing_defaults(environ)
    environ.update(variables)
    started = []

    def start_response(status, headers, _exc_info=None):
        started.append((status, dict(headers)))
        return lambda _: None

    answer = app(environ, start_response)
    content = b"".join(answer)
    if hasattr(answer, "close"):
        answer.close()
    return started[0], content


def test_it_keeps_to_the_contract(capsys):
    environ = {"QUERY_STRING": "", "CONTENT_LENGTH": "3", "wsgi.input": io.BytesIO(b"abcdef")}
    (status, headers), content = call(validator(application), **environ)
    assert (status, content) == ("200 OK", b"GET brought 3 bytes.\n")
    assert headers["Content-Length"] == str(len(content))
    assert json.loads(capsys.readouterr().out)["content"] == "abc"


@pytest.mark.parametrize(
    ("variables", "read"),
    [
        ({}, ""),
        ({"CONTENT_LENGTH": ""}, ""),
        ({"CONTENT_LENGTH": "two"}, ""),
        ({"CONTENT_LENGTH": "2"}, "ab"),
        ({"wsgi.input_terminated": True}, "abc"),
    ],
)
def test_how_much_it_reads(capsys, variables, read):
    call(**{"wsgi.input": io.BytesIO(b"abc"), **variables})
    assert json.loads(capsys.readouterr().out)["content"] == read


def test_its_note(capsys, monkeypatch):
    monkeypatch.setenv("HOME_OF", "the process")
    call(HOME_OF="the process", own=object())
    note = json.loads(capsys.readouterr().out)
    assert note["process"] == ["HOME_OF"]
    assert note["environ"]["PATH_INFO"] == "'/'"
    assert note["environ"]["own"] == "<builtins.object>"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("a'b", '"a\'b"'),
        ((1, 0), "(1, 0)"),
        (False, "False"),
        (io.BytesIO(), "<_io.BytesIO>"),
        (io.BytesIO, "<_io.BytesIO>"),
        (call, "<test_specimen.call>"),
        (b"", "<builtins.bytes>"),
    ],
)
def test_values_as_they_are_spelled(value, words):
    assert spelled(value).replace(f"{__name__}.", "test_specimen.") == words
