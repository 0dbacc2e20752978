"""A real Redis for the whole run, and a room of its own for each test."""

import itertools

import pytest
import pytest_asyncio
from rooms import AsyncLog, Log
from rooms.redis_server import RedisServer

numbers = itertools.count()


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def log(redis):
    log = Log(redis.url)
    yield log
    log.close()


@pytest_asyncio.fixture
async def alog(redis):
    log = AsyncLog(redis.url)
    yield log
    await log.aclose()


@pytest.fixture
def room():
    return f"room-{next(numbers)}"
