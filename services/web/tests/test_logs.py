"""What the services log: one event, one line of JSON."""

import json
import logging

from django.conf import settings
from django.test import Client
from gunicorn.config import Config
from rooms.jsonline import JSONLine
from web import urls
from web.server_log import ServerLog


def test_django_and_gunicorn_write_the_same_lines():
    assert settings.LOGGING["formatters"]["line"]["()"] == f"{JSONLine.__module__}.{JSONLine.__qualname__}"
    log = ServerLog(Config())
    handlers = log.error_log.handlers + log.access_log.handlers
    assert handlers
    assert all(type(handler.formatter) is JSONLine for handler in handlers)


def test_our_own_mistake_is_logged_with_the_number_that_nginx_gave_the_request(monkeypatch, caplog):
    def broken(request):
        raise RuntimeError("first\nsecond")

    pattern = next(pattern for pattern in urls.urlpatterns if str(pattern.pattern) == "hello/")
    monkeypatch.setattr(pattern, "callback", broken)
    client = Client(raise_request_exception=False)
    with caplog.at_level(logging.ERROR, "django.request"):
        assert client.get("/hello/", headers={"X-Request-ID": "0f" * 16}).status_code == 500
    (record,) = [record for record in caplog.records if record.name == "django.request"]
    event = json.loads(JSONLine().format(record))
    assert event["request_id"] == "0f" * 16
    assert "RuntimeError: first\nsecond" in event["traceback"]
