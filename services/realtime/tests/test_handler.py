"""What an HTTP request costs besides its answer."""

import asyncio
import os
import threading

import pytest
from asgiref.testing import ApplicationCommunicator

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "realtime.settings")

from realtime.asgi import application


@pytest.fixture
def started(monkeypatch):
    """The names of the threads that are started from now on."""
    names, start = [], threading.Thread.start

    def noted(thread):
        names.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", noted)
    return names


async def answer(path):
    scope = {"type": "http", "http_version": "1.1", "method": "GET", "path": path, "query_string": b""}
    headers = [(b"host", b"localhost")]
    client = ApplicationCommunicator(application, {**scope, "headers": headers, "state": {}})
    await client.send_input({"type": "http.request", "body": b""})
    start, body = await client.receive_output(10), await client.receive_output(10)
    await client.wait(10)
    return start["status"], body["body"]


def test_a_request_starts_no_thread(started):
    async def many():
        return [await answer("/livez") for _ in range(20)]

    assert asyncio.run(many()) == [(200, b"ok\n")] * 20
    assert started == []


def test_a_view_that_is_no_coroutine_has_its_thread(started):
    """A check of what the test above relies on."""
    status, page = asyncio.run(answer("/echo"))
    assert (status, started != []) == (200, True)
    assert b"<script>" in page
