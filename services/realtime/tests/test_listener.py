"""One listener by itself: what goes at once, what waits, and in which order both come out."""

import asyncio

import pytest
from realtime import frame
from realtime.listener import Listener, TooSlow


class Connection:
    """Takes frames at once while it is ``open``, and counts what it gets on either way."""

    def __init__(self, listener):
        self.open, self.got = True, []
        listener.write = self.write

    def write(self, encoded):
        if self.open:
            self.got.append(encoded)
        return self.open


def opened():
    future = asyncio.get_running_loop().create_future()
    future.set_result(0)
    return future


def frames(count):
    return [frame.ack(number, None) for number in range(count)]


async def test_what_can_go_goes_and_nobody_is_woken():
    listener = Listener(0, opened())
    connection = Connection(listener)
    for each in (sent := frames(3)):
        listener.put(each)
    assert connection.got == [each.encoded for each in sent]
    assert listener.waiting() == []


async def test_nothing_overtakes_what_waits_or_is_on_its_way():
    listener = Listener(0, opened())
    connection = Connection(listener)
    first, second, third, fourth = frames(4)
    connection.open = False
    listener.put(first)
    connection.open = True
    listener.put(second)  # the first waits still
    out = []
    async for each in listener.frames():
        out.append(each)
        if each is second:
            listener.put(third)  # the second is being sent
            listener.end()
    assert out == [first, second, third]
    assert connection.got == []
    listener.put(fourth)  # after the end
    assert connection.got == []


async def test_after_what_waited_it_goes_at_once_again():
    listener = Listener(0, opened())
    connection = Connection(listener)
    first, second = frames(2)
    connection.open = False
    listener.put(first)
    reading = listener.frames()
    assert await anext(reading) is first
    connection.open = True
    waiting = asyncio.ensure_future(anext(reading))
    await asyncio.sleep(0)  # the reader has come back for the next one
    listener.put(second)
    assert connection.got == [second.encoded]
    listener.end()
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_more_than_may_wait_end_it():
    listener = Listener(0, opened(), limit=3)
    Connection(listener).open = False
    for each in frames(4):
        listener.put(each)
    with pytest.raises(TooSlow):
        await listener.ready()


async def test_without_the_servers_extension_everything_waits_for_the_reader():
    listener = Listener(0, opened())
    for each in (sent := frames(3)):
        listener.put(each)
    assert listener.waiting() == sent
