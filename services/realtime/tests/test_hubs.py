"""What the hubs hold in Redis, and let go of."""

import contextlib

import pytest_asyncio
from channels_redis.pubsub import RedisPubSubChannelLayer
from realtime.hubs import Hubs
from rooms import AsyncLog
from rooms.keys import LAYER_PREFIX


@pytest_asyncio.fixture
async def layer(redis):
    layer = RedisPubSubChannelLayer(hosts=[redis.url], prefix=LAYER_PREFIX)
    yield layer
    await layer.flush()


async def test_a_channel_in_which_messages_wait_is_let_go_too(redis, log, layer):
    async with contextlib.AsyncExitStack() as stack:
        rooms = AsyncLog(redis.url)
        stack.push_async_callback(rooms.aclose)
        hubs = Hubs(rooms, layer)
        stack.push_async_callback(hubs.aclose)
        channel = await layer.new_channel()
        for number in range(3):
            await layer.send(channel, {"type": "room.posted", "number": number})
        assert (await layer.receive(channel))["number"] == 0  # the others are on their way, or here
        await hubs.forget(channel)
        assert not log.redis.pubsub_channels(channel)
