"""The real thing: a Redis of our own and the service as it is started in earnest, on a free port."""

import itertools
import sys
from pathlib import Path

import pytest
from rooms import Log
from rooms.redis_server import RedisServer

# pytest imports test modules by path and puts their folder on no search path; this one brings `running`
# within reach.
sys.path.insert(0, str(Path(__file__).parent))

from running import Service

rooms = itertools.count()


@pytest.fixture(scope="session")
def redis(tmp_path_factory):
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture(scope="session")
def service(redis):
    service = Service(redis.url)
    yield service
    service.stop()
    assert "Traceback" not in service.log, service.log


@pytest.fixture
def log(redis):
    log = Log(redis.url)
    yield log
    log.close()


@pytest.fixture
def room():
    return f"room-{next(rooms)}"
