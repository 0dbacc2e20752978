"""Doors are opened all or none, and descriptors allowed for as many as may come."""

import io
import resource
import socket

import pytest
from serving.counters import Board, Count
from serving.driver import Driver, Service
from serving.log import Log
from serving.protocol import Protocol
from serving.server import MODELS, Door, allow_descriptors, find, serve


def test_every_model_is_a_driver():
    assert list(MODELS) == ["iterative", "threads", "prefork", "selector", "asyncio"]
    assert all(issubclass(find(model), Driver) for model in MODELS)


def test_prefork_alone_has_several_processes_behind_a_door():
    service = Service("test", Protocol, processes=5)
    assert {model: find(model).processes(service) for model in MODELS} == {
        "iterative": 1, "threads": 1, "prefork": 5, "selector": 1, "asyncio": 1,
    }  # fmt: skip


def test_when_one_door_can_not_be_opened_none_stays_open():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()
    with socket.create_server(("127.0.0.1", 0)) as taken:
        doors = [Door(address, Service("test", Protocol)) for address in (free, taken.getsockname())]
        text = io.StringIO()
        log = Log("test", text)
        assert serve(doors, model="selector", workers=1, board=Board(), log=log) == 1
    assert "another process listens there" in text.getvalue()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(free)


@pytest.mark.parametrize(("chosen", "workers"), [("selector", 300), ("prefork", 40)])
def test_more_processes_than_there_can_be_are_a_clear_error(chosen, workers):
    doors = [Door(("127.0.0.1", 0), Service("test", Protocol)) for _ in range(2)]
    text = io.StringIO()
    assert serve(doors, model=chosen, workers=workers, board=Board(), log=Log("test", text)) == 1
    assert text.getvalue() == "test: there can be 512 processes at most; take fewer workers\n"


def test_descriptors_are_allowed_as_far_as_may_be():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
        allow_descriptors(1000)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (1000, hard)
        allow_descriptors(500)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (1000, hard)
        allow_descriptors(1 << 40)
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_board_knows_the_row_of_its_own_process():
    board = Board()
    board.mine[Count.REQUESTS] += 1  # before it serves, this counts nothing
    assert board.totals()["requests"] == 0
    board.mine = board.add("test")
    board.mine[Count.REQUESTS] += 1
    assert board.totals()["requests"] == 1
