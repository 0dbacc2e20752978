"""Counters are shared with forked processes, and add up."""

import os

import pytest
from serving.counters import ROOM, Board, Count


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
