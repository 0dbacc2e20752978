"""The configuration as redis-server takes it."""

import stat
import subprocess
from contextlib import contextmanager

import pytest

from native import health, packages, redis
from native.addresses import LOOPBACK
from native.processes import wait_until
from native.run_dir import RunDir
from native.settings import Settings


@contextmanager
def running(settings, run_dir):
    """A server with our configuration, up. Yields what asks it something as the services' user."""
    port = settings.number("REDIS_PORT")
    command = [packages.redis_binary(), redis.render(settings, run_dir)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    probe = health.redis_pong(LOOPBACK, port, run_dir.redis_password)

    def ask(words, user="layercake"):
        told = f"AUTH {user} {run_dir.redis_password.read_text().strip()}\r\n{words}\r\n"
        return health.exchange(LOOPBACK, port, told.encode(), lines=2).partition(b"\r\n")[2]

    try:
        assert wait_until(lambda: health.failure(probe) is None, 10), health.failure(probe)
        yield ask
    finally:
        server.terminate()
        server.wait(10)


@pytest.mark.parametrize("fsync", ["everysec", "always"])
def test_a_server_of_our_own(free_settings, run_dir, fsync):
    free_settings = Settings({**free_settings, "ROOM_FSYNC": fsync})
    with running(free_settings, run_dir) as ask:
        said = ask("INFO persistence")
        assert b"aof_enabled:1" in said
        # Its data lie below the run folder, whatever folder it was started in.
        assert (run_dir.path / "redis" / "appendonlydir").is_dir()
    assert f"appendfsync {fsync}\n" in (run_dir.path / "redis.conf").read_text()


def test_a_folder_with_a_space(free_settings, tmp_path):
    folder = RunDir(tmp_path / "a b")
    folder.create()
    with running(free_settings, folder) as ask:
        assert ask("PING") == b"+PONG\r\n"


def test_nobody_gets_in_without_the_password(free_settings, run_dir):
    port = free_settings.number("REDIS_PORT")
    with running(free_settings, run_dir) as ask:
        assert health.exchange(LOOPBACK, port, b"PING\r\n").startswith(b"-NOAUTH")
        assert health.exchange(LOOPBACK, port, b"AUTH layercake wrong\r\n").startswith(b"-WRONGPASS")
        assert b"-WRONGPASS" in health.exchange(LOOPBACK, port, b"AUTH default wrong\r\n")
        assert ask("CONFIG GET dir").startswith(b"-NOPERM")
        known = redis.with_password("user layercake on", redis.password(run_dir)).partition("#")[2]
        assert health.exchange(LOOPBACK, port, f"AUTH layercake {known}\r\n".encode()).startswith(
            b"-WRONGPASS"
        )


def test_the_password_is_made_once_and_for_its_owner(run_dir):
    first = redis.password(run_dir)
    assert redis.password(run_dir) == first
    assert len(first) == 64
    assert stat.S_IMODE(run_dir.redis_password.stat().st_mode) == 0o600


def test_no_environment_and_no_configuration_has_it(free_settings, run_dir):
    redis.render(free_settings, run_dir)
    word = redis.password(run_dir)
    for name in ("redis.conf", "redis.acl"):
        assert word not in (run_dir.path / name).read_text()
