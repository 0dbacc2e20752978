"""Counters are shared with forked processes, and add up."""

import os

import pytest
from serving.counters import ROOM, Board, Count
from serving.protocol import Protocol


def test_rows_of_one_name_add_up():
    board = Board()
    board.add("echo")[Count.SENT] += 5
    board.add("ack")[Count.SENT] += 7
    board.add("echo")[Count.SENT] += 1
    assert board.totals("echo")["sent"] == 6
    assert board.totals("ack")["sent"] == 7
    assert board.totals()["sent"] == 13
    assert set(board.totals()) == {count.name.lower() for count in Count}


def test_what_a_forked_process_counts_its_parent_sees():
    board = Board()
    row = board.add("echo")
    if (pid := os.fork()) == 0:
        row[Count.ACCEPTED] += 3
        os._exit(0)
    os.waitpid(pid, 0)
    assert board.totals()["accepted"] == 3


def test_a_board_has_room_for_so_many_processes():
    board = Board()
    for _ in range(ROOM):
        board.add("echo")
    with pytest.raises(ValueError, match="take fewer workers"):
        board.add("echo")


class Echo(Protocol):
    def received(self, data):
        return data


def test_everything_is_counted(serve, until, take):
    house = serve(Echo)
    for number in range(3):
        peer = house.connect()
        for _ in range(number + 1):
            peer.sendall(b"x" * 100)
            take(peer, 100)
        peer.close()
        until(lambda: house.counted("open") == 0)
    totals = house.board.totals()
    assert {name: count for name, count in totals.items() if count} == {
        "accepted": 3, "pieces": 6, "received": 600, "sent": 600,
    }  # fmt: skip
