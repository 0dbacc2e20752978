"""What waits for one listener: in order, once, and never much."""

from tcp.room.listener import Listener


def listener(after=0, limit=3):
    calls = []
    return Listener(lambda: calls.append(1), after, limit), calls


def test_it_hears_each_message_once():
    one, _ = listener(after=2)
    for number in (2, 3, 3, 1, 4):
        one.hear(number, b"%d" % number)
    assert one.take() == [b"3", b"4"]
    assert one.take() == []


def test_it_is_called_once_until_it_comes():
    one, calls = listener()
    one.hear(1, b"1")
    one.tell(b"*")
    assert len(calls) == 1
    one.take()
    one.tell(b"*")
    assert len(calls) == 2


def test_what_was_taken_is_where_it_comes_back_to():
    one, _ = listener()
    one.hear(1, b"1")
    assert one.taken == 0
    one.take()
    one.hear(2, b"2")
    assert one.taken == 1


def test_one_that_does_not_read_holds_nothing_and_comes_back_to_what_it_read():
    one, calls = listener()
    one.hear(1, b"1")
    one.take()
    for number in range(2, 10):
        one.hear(number, b"x")
    assert one.slow
    assert one.take() == []
    assert one.taken == 1
    assert len(calls) == 3  # for the first, for the second, and for the end


def test_a_room_that_goes_back_takes_it_along():
    one, _ = listener(after=9)
    one.rewind(2, b"ERR")
    one.hear(3, b"3")
    assert one.rewound
    assert one.take() == [b"ERR", b"3"]
    assert one.taken == 3
