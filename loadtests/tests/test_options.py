"""Settings, as arguments give them (numbers) and as a form does (text)."""

import pytest

from loadtests.addresses import Stack
from loadtests.options import OptionError, Settings


def test_defaults():
    assert Settings.of({}) == Settings("nginx", 64, 0.0, 0.0, 10.0, "")


def test_from_a_form():
    form = {"via": "direct", "payload": "1000", "pause": "2.5", "reply_timeout": "3"}
    assert Settings.of(form, " x ") == Settings("direct", 1000, 0.0, 0.0025, 3.0, "x")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"via": "pigeon"}, "Via is 'pigeon': use nginx or direct."),
        ({"payload": 0}, "Payload is '0': give a whole number from 1 to 1048576."),
        ({"payload": "1048577"}, "Payload is '1048577'"),
        ({"payload": "1.5"}, "Payload is '1.5'"),
        ({"payload": ""}, "Payload is ''"),
        ({"pause": -1}, "Pause is '-1': give a number from 0"),
        ({"pause": "nan"}, "Pause is 'nan'"),
        ({"rate": "-1"}, "Rate is '-1'"),
        ({"rate": "5", "pause": "5"}, "Rate and pause are both given"),
        ({"reply_timeout": "inf"}, "Reply timeout is 'inf'"),
        ({"reply_timeout": "soon"}, "Reply timeout is 'soon'"),
    ],
)
def test_what_cannot_be_used(given, sentence):
    with pytest.raises(OptionError) as caught:
        Settings.of(given)
    assert str(caught.value).startswith(sentence)


def test_the_host_has_to_serve_every_class_chosen(monkeypatch):
    monkeypatch.setattr("loadtests.options.STACK", Stack.from_environment({}))
    Settings.of({}, "http://127.0.0.1:8001").check({"httpd"})
    with pytest.raises(OptionError, match="does not serve"):
        Settings.of({}, "http://127.0.0.1:8001").check({"httpd", "web"})
