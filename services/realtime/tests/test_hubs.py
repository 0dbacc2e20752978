"""What the hubs hold in Redis, and let go of."""

import asyncio
import contextlib

import pytest
import pytest_asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer
from realtime.hubs import Hubs
from realtime.listener import Stopping
from rooms import AsyncLog
from rooms.keys import LAYER_PREFIX


@pytest_asyncio.fixture
async def layer(redis):
    layer = RedisPubSubChannelLayer(hosts=[redis.url], prefix=LAYER_PREFIX)
    yield layer
    await layer.flush()


@pytest_asyncio.fixture
async def hubs(redis, layer):
    async with contextlib.AsyncExitStack() as stack:
        rooms = AsyncLog(redis.url)
        stack.push_async_callback(rooms.aclose)
        hubs = Hubs(rooms, layer)
        stack.push_async_callback(hubs.aclose)
        yield hubs


async def test_a_channel_in_which_messages_wait_is_let_go_too(hubs, log, layer):
    channel = await layer.new_channel()
    for number in range(3):
        await layer.send(channel, {"type": "room.posted", "number": number})
    assert (await layer.receive(channel))["number"] == 0  # the others are on their way, or here
    await hubs.forget(channel)
    assert not log.redis.pubsub_channels(channel)


@pytest.mark.parametrize("late", [False, True])
async def test_who_listens_when_the_server_stops_is_told_and_so_is_who_comes_then(hubs, late):
    """A question may have been sent before, and be read after everybody was told."""
    if late:
        hubs.stop()
    with hubs.listening("lobby", 0) as listener:
        if not late:
            hubs.stop()
        with pytest.raises(Stopping):
            await asyncio.wait_for(listener.ready(), 20)
