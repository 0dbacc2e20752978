"""The user that the services are to Redis: it can do all that rooms need, and nothing that harms."""

import hashlib
import threading
from pathlib import Path

import pytest
from redis import Redis
from redis.exceptions import AuthenticationError, NoPermissionError, ResponseError
from rooms import AsyncLog, Log, Unavailable
from rooms.credentials import USER, credentials
from rooms.redis_server import RedisServer

RULES = Path(__file__).parents[2] / "redis" / "user.acl"
PASSWORD = "a password for tests"


@pytest.fixture(scope="module")
def password_file(tmp_path_factory):
    file = tmp_path_factory.mktemp("secret") / "password"
    file.write_text(f"{PASSWORD}\n")
    return file


@pytest.fixture(scope="module")
def guarded(tmp_path_factory):
    """A Redis with our rules."""
    folder = tmp_path_factory.mktemp("guarded")
    known = hashlib.sha256(PASSWORD.encode()).hexdigest()
    users = folder / "users.acl"
    users.write_text(RULES.read_text().replace(f"user {USER} on", f"user {USER} on #{known}"))
    with RedisServer(folder, "--aclfile", str(users)) as server:
        yield server


@pytest.fixture
def log(guarded, password_file):
    log = Log(guarded.url, password_file=str(password_file))
    yield log
    log.close()


def test_every_operation_of_a_room(log, room):
    heard = []
    follower = threading.Thread(target=lambda: heard.extend(next(log.follow(room, 0)).messages))
    follower.start()
    log.ping()
    assert log.enter(room, ["ada"], "here") == ["ada"]
    log.post(room, "ada", "hello")
    follower.join(10)
    assert [message.text for message in heard] == ["hello"]
    assert log.history(room).last == 1
    assert log.wait(room, 1, timeout=0.01).messages == []
    assert log.end(room) == 1
    assert log.leave(room, ["ada"], "here") == []


async def test_every_operation_of_a_room_for_coroutines(guarded, password_file, room):
    log = AsyncLog(guarded.url, password_file=str(password_file))
    try:
        await log.ping()
        await log.post(room, "ada", "hello")
        assert (await log.wait(room, 0)).last == 1
        assert await log.enter(room, ["ada"], "here") == ["ada"]
    finally:
        await log.aclose()


@pytest.mark.parametrize(
    "command",
    [
        "FLUSHALL", "FLUSHDB", "CONFIG GET dir", "CONFIG SET dir /tmp", "KEYS *", "SCAN 0",
        "SHUTDOWN NOSAVE", "SCRIPT FLUSH", "SCRIPT KILL", "SAVE", "BGSAVE", "BGREWRITEAOF", "MONITOR",
        "ACL LIST", "ACL SETUSER eve on nopass allkeys allcommands", "REPLICAOF 127.0.0.1 1", "CLIENT LIST",
        "CLIENT KILL TYPE normal", "CLIENT PAUSE 1000", "MODULE LIST", "FUNCTION FLUSH", "MIGRATE h 1 k 0 1",
        "SLOWLOG GET", "EVAL return(1) 0", "DEL rooms:log:lobby", "SWAPDB 0 1", "PSUBSCRIBE *", "WAIT 1 1",
    ],
)  # fmt: skip
def test_what_harms_is_refused(log, command):
    with pytest.raises(NoPermissionError):
        log.redis.execute_command(*command.split())


@pytest.mark.parametrize(
    "command", ["XADD other * a b", "XRANGE rooms:other - +", "PUBLISH other x", "XADD rooms:logs:x * a b"]
)
def test_other_keys_and_channels_are_refused(log, command):
    with pytest.raises(NoPermissionError):
        log.redis.execute_command(*command.split())


def test_debug_is_off_for_everybody(log):
    """Redis itself has it off, whoever asks."""
    with pytest.raises(ResponseError, match="DEBUG"):
        log.redis.execute_command("DEBUG", "SLEEP", "0")


def test_a_script_may_do_no_more_than_its_user(log, guarded):
    """Scripts are how the rooms write: one that somebody else sends runs with the same rights."""
    harmful = log.redis.register_script("return redis.call('FLUSHALL')")
    with pytest.raises(ResponseError, match="can't run this command"):
        harmful()


def test_nobody_gets_in_without_the_password(guarded):
    with Redis.from_url(guarded.url) as client, pytest.raises(AuthenticationError):
        client.ping()


def test_a_password_that_changes_is_found_by_the_next_connection(guarded, tmp_path):
    file = tmp_path / "password"
    file.write_text("another")
    log = Log(guarded.url, password_file=str(file))
    try:
        with pytest.raises(Unavailable):
            log.ping()
        file.write_text(PASSWORD)
        log.ping()
    finally:
        log.close()


def test_a_password_that_cannot_be_read_says_which(guarded, tmp_path):
    log = Log(guarded.url, password_file=str(tmp_path / "none"))
    try:
        with pytest.raises(Unavailable, match=r"REDIS_PASSWORD_FILE, .*none, can't be read \(No such file"):
            log.ping()
    finally:
        log.close()


def test_no_file_is_no_user():
    assert credentials("") is None
