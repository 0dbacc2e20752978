"""What connections share."""

import os

from httpd.counter import Counter
from httpd.response import Response
from httpd.service import Service
from memory import connect, read_answers


def test_one_connection_too_many() -> None:
    (answer,) = read_answers(Service(lambda _: Response()).busy())
    assert (answer.status, answer.fields["connection"], answer.fields["retry-after"]) == (503, "close", "1")


def test_requests_of_all_processes_are_one_count() -> None:
    counter = Counter()
    for number in range(1, 4):
        if os.fork() == 0:
            counter.enter()
            for _ in range(number):
                counter.add()
            os._exit(0)
    for _ in range(3):
        os.wait()
    counter.enter()
    counter.add()
    assert counter.total() == 1 + 2 + 3 + 1


def test_a_connection_counts_where_it_lives() -> None:
    memory = connect(lambda _: Response())
    memory.receive(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" * 2)
    service = memory.connection._service
    assert service.counter.word == os.getpid() % 4096
    assert service.counter.total() == 2
