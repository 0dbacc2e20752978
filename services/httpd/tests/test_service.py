"""What connections share."""

import json
from pathlib import Path

import pytest
from httpd.response import Response
from httpd.service import Service
from memory import read_answers
from peers import httpd


def test_one_connection_too_many() -> None:
    (answer,) = read_answers(Service(lambda _: Response()).busy())
    assert (answer.status, answer.fields["connection"], answer.fields["retry-after"]) == (503, "close", "1")


@pytest.mark.parametrize(("model", "workers"), [("selector", "1"), ("threads", "2"), ("prefork", "1")])
def test_requests_of_all_processes_are_one_count(model: str, workers: str, tmp_path: Path) -> None:
    log = tmp_path / "log"
    with httpd(log, "--model", model, "--workers", workers) as server:
        for number in range(1, 6):
            server.ask(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n" * number)
        answer = read_answers(server.ask(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"))[0]
        assert json.loads(answer.content)["requests"] == 16
        assert server.stop() == 0
    (stop,) = (json.loads(line) for line in log.read_text().splitlines() if '"stop"' in line)
    assert (stop["requests"], stop["accepted"]) == (16, 6)
