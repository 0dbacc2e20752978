"""The configuration as redis-server takes it."""

import subprocess

import pytest

from native import health, packages, redis
from native.addresses import LOOPBACK
from native.processes import wait_until
from native.run_dir import RunDir
from native.settings import Settings


@pytest.mark.parametrize("fsync", ["everysec", "always"])
def test_a_server_of_our_own(free_settings, run_dir, fsync):
    free_settings = Settings({**free_settings, "ROOM_FSYNC": fsync})
    port = free_settings.number("REDIS_PORT")
    command = [packages.redis_binary(), redis.render(free_settings, run_dir)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: health.failure(health.redis_pong(LOOPBACK, port)) is None, 10)
        for name, value in (("appendonly", "yes"), ("appendfsync", fsync)):
            assert value.encode() in health.exchange(LOOPBACK, port, f"CONFIG GET {name}\r\n".encode())
        # Its data lie below the run folder, whatever folder it was started in.
        assert (run_dir.path / "redis" / "appendonlydir").is_dir()
    finally:
        server.terminate()
        server.wait(10)


def test_a_folder_with_a_space(free_settings, tmp_path):
    folder = RunDir(tmp_path / "a b")
    folder.create()
    command = [packages.redis_binary(), redis.render(free_settings, folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    probe = health.redis_pong(LOOPBACK, free_settings.number("REDIS_PORT"))
    try:
        assert wait_until(lambda: health.failure(probe) is None, 10)
    finally:
        server.terminate()
        server.wait(10)
