import contextlib
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from rooms import Log, Page
from running import Service, until


def wait(service, room, query=""):
    status, headers, content = service.get(f"/rooms/{room}/wait{query}")
    assert headers["Cache-Control"] == "no-store"
    return status, json.loads(content)


def test_what_is_there_comes_at_once_and_as_polling_gives_it(service, log, room):
    for number in range(3):
        log.post(room, "web", str(number))
    assert wait(service, room, "?after=1") == (200, log.history(room, 1).as_json())


def test_what_is_not_there_comes_when_it_is(service, log, room):
    log.post(room, "web", "old")
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(wait, service, room, query) for query in ("?after=1", "?after=1", "")]
        until(lambda: service.health()[1]["waits"] == 3)
        posted = log.post(room, "web", "new")
        for answer in answers:
            assert answer.result(10) == (200, Page([posted], 2, 0).as_json())
    until(lambda: service.health()[1]["connections"] == 0)


def test_what_the_room_has_forgotten_is_told(service, redis, room):
    with contextlib.closing(Log(redis.url, remembered=10)) as log:
        for number in range(1, 31):
            log.post(room, "web", str(number))
    _, page = wait(service, room, "?after=5")
    assert (page["missed"], page["messages"][0]["number"], page["last"]) == (15, 21, 30)


def test_a_timeout_is_an_empty_page(service, room):
    began = time.monotonic()
    assert wait(service, room, "?after=0&timeout=1") == (200, {"messages": [], "last": 0, "missed": 0})
    assert 0.9 < time.monotonic() - began < 5
    assert wait(service, room, "?timeout=0")[0] == 200


def test_a_loop_of_waits_hears_everything_once(service, log, room):
    heard = []

    def listen():
        while len(heard) < 100:
            _, page = wait(service, room, f"?after={len(heard)}&timeout=10")
            heard.extend(message["number"] for message in page["messages"])

    listener = threading.Thread(target=listen)
    listener.start()
    for number in range(100):
        log.post(room, "web", str(number))
    listener.join(20)
    assert heard == list(range(1, 101))


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/rooms/-x/wait", 400, "bad_room"),
        ("/rooms/r/wait?after=-1", 400, "bad_number"),
        ("/rooms/r/wait?after=x", 400, "bad_number"),
        ("/rooms/r/wait?timeout=301", 400, "bad_number"),
        ("/rooms/r/wait?timeout=", 400, "bad_number"),
        ("/rooms/r/wait?after=77", 400, "after_in_future"),
        ("/rooms/r/events?after=x", 400, "bad_number"),
        ("/rooms/%20/events", 400, "bad_room"),
    ],
)
def test_bad_questions(service, path, status, code):
    found, _, content = service.get(path)
    assert (found, json.loads(content)["code"]) == (status, code)


def test_a_client_that_goes_is_forgotten(service, room):
    with socket.create_connection(("127.0.0.1", service.port)) as client:
        client.sendall(f"GET /rooms/{room}/wait HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        until(lambda: service.health()[1]["waits"] == 1)
    until(lambda: service.health()[1]["waits"] == 0)


def test_stopping_answers_those_who_wait(redis, room):
    service = Service(redis.url)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(wait, service, room, "?after=0")
        until(lambda: service.health()[1]["waits"] == 1)
        began = time.monotonic()
        assert service.stop() == 0
        assert time.monotonic() - began < 5
        assert answer.result(5) == (200, {"messages": [], "last": 0, "missed": 0})
