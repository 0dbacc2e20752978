"""The blocking log against a real Redis; the operations that ``AsyncLog`` shares are tried on both."""

import asyncio
import inspect
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from rooms import AfterInFuture, AsyncLog, BadAuthor, BadRoom, Full, Log, TextTooLong, Unavailable
from rooms.keys import log_key
from rooms.redis_server import RedisServer


@pytest.fixture(params=["blocking", "async"])
def call(request, log, alog):
    """Call a method of either log by name; a test that uses it runs once on each."""

    async def on(name, *arguments, **options):
        if request.param == "blocking":
            return getattr(log, name)(*arguments, **options)
        result = getattr(alog, name)(*arguments, **options)
        return await result if inspect.isawaitable(result) else result

    return on


async def test_numbers_begin_at_one_and_follow_one_another(call, room):
    before = datetime.now(UTC) - timedelta(seconds=1)
    posted = [await call("post", room, "ada", f"text {n}") for n in range(3)]
    assert [m.number for m in posted] == [1, 2, 3]
    page = await call("history", room)
    assert page.messages == posted
    assert (page.last, page.missed) == (3, 0)
    assert before <= posted[0].time <= posted[2].time <= datetime.now(UTC) + timedelta(seconds=1)


async def test_the_ends_of_many_rooms_are_one_read(call, room):
    for n in range(3):
        await call("post", room, "ada", f"text {n}")
    assert await call("ends", [f"{room}-empty", room]) == [0, 3]
    assert await call("ends", []) == []
    assert await call("end", room) == 3


async def test_history_starts_after_and_ends_at_limit(call, room):
    for n in range(5):
        await call("post", room, "ada", f"text {n}")
    page = await call("history", room, after=1, limit=2)
    assert [m.number for m in page.messages] == [2, 3]
    assert (page.last, page.missed, page.oldest) == (5, 0, 2)
    assert (await call("history", room, after=5)).messages == []


async def test_an_empty_room(call, room):
    page = await call("history", room)
    assert (page.messages, page.last, page.missed) == ([], 0, 0)
    assert await call("end", room) == 0


async def test_the_future_is_an_error_that_says_where_the_end_is(call, room):
    await call("post", room, "ada", "hi")
    with pytest.raises(AfterInFuture, match="last message is 1") as caught:
        await call("history", room, after=2)
    assert (caught.value.last, caught.value.status) == (1, 400)


async def test_nothing_invalid_is_written(call, room):
    with pytest.raises(TextTooLong):
        await call("post", room, "ada", "x" * 5000)
    with pytest.raises(BadRoom):
        await call("post", "no room", "ada", "hi")
    assert await call("end", room) == 0


async def test_wait_returns_at_once_when_there_is_something_and_empty_at_its_timeout(call, room):
    began = time.monotonic()
    assert (await call("wait", room, 0, 0.2)).messages == []
    assert 0.15 < time.monotonic() - began < 3
    await call("post", room, "ada", "hi")
    assert [m.text for m in (await call("wait", room, 0, 30)).messages] == ["hi"]


def test_a_room_forgets_its_oldest_and_says_so(redis, room):
    log = Log(redis.url, remembered=10)
    for n in range(25):
        log.post(room, "ada", f"text {n + 1}")
    page = log.history(room, after=3)
    assert [m.number for m in page.messages] == list(range(16, 26))
    assert page.missed == 12  # 4 to 15
    assert page.messages[0].text == "text 16"
    assert log.history(room, after=15).missed == 0
    log.close()


def test_many_posters_leave_no_hole(log, room):
    with ThreadPoolExecutor(8) as pool:
        posted = list(pool.map(lambda n: log.post(room, "ada", str(n)).number, range(400)))
    assert sorted(posted) == list(range(1, 401))
    read = []
    while page := log.history(room, len(read)).messages:
        read += page
    assert [m.number for m in read] == list(range(1, 401))


def test_wait_wakes_for_a_post_from_elsewhere(log, redis, room):
    other = Log(redis.url)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(log.wait, room, 0, 30)
        until(lambda: other.redis.client_list("normal") and blocked(other))
        other.post(room, "bob", "hello")
        assert [m.author for m in waiting.result(5).messages] == ["bob"]
    other.close()


def test_follow_brings_every_message_once(log, redis, room):
    other, seen = Log(redis.url), []
    other.post(room, "ada", "0")

    def listen():
        for page in log.follow(room, 0):
            seen.extend(page.messages)
            if len(seen) >= 300:
                return

    listener = threading.Thread(target=listen)
    listener.start()
    for n in range(1, 300):
        other.post(room, "ada", str(n))
    listener.join(10)
    assert [m.number for m in seen] == list(range(1, 301))
    assert [m.text for m in seen] == [str(n) for n in range(300)]
    other.close()


def test_follow_without_after_begins_with_the_next_message(log, redis, room):
    other = Log(redis.url)
    other.post(room, "ada", "old")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: next(log.follow(room)))
        until(lambda: blocked(other))
        other.post(room, "ada", "new")
        assert [m.text for m in first.result(5).messages] == ["new"]
    other.close()


def test_redis_gone_is_said_and_come_back_from(tmp_path, room):
    with RedisServer(tmp_path) as server:
        log = Log(server.url)
        assert log.post(room, "ada", "before").number == 1
        server.kill()
        for operation in (lambda: log.post(room, "ada", "lost"), lambda: log.history(room), log.ping):
            with pytest.raises(Unavailable, match="Try again") as caught:
                operation()
            assert caught.value.status == 503
        server.start()
        assert (
            log.post(room, "ada", "after").number == 2
        )  # the log survived; nothing of the failed one is in it
        assert [m.text for m in log.history(room).messages] == ["before", "after"]
        log.close()


def test_followers_outlive_redis(tmp_path, room):
    with RedisServer(tmp_path) as server:
        log, poster, seen = Log(server.url), Log(server.url), []
        poster.post(room, "ada", "1")

        def listen():
            for page in log.follow(room, 0):
                seen.extend(m.text for m in page.messages)
                if "2" in seen:
                    return

        listener = threading.Thread(target=listen)
        listener.start()
        until(lambda: seen == ["1"] and blocked(poster))
        server.kill()
        server.start()
        poster.post(room, "ada", "2")
        listener.join(10)
        assert seen == ["1", "2"]
        log.close()
        poster.close()


async def test_an_async_follower_outlives_redis(tmp_path, room):
    with RedisServer(tmp_path) as server:
        log = AsyncLog(server.url)
        await log.post(room, "ada", "1")
        pages = log.follow(room, 0)
        assert [m.text for m in (await anext(pages)).messages] == ["1"]
        await asyncio.to_thread(server.kill)
        await asyncio.to_thread(server.start)
        await log.post(room, "ada", "2")
        assert [m.text for m in (await anext(pages)).messages] == ["2"]
        await pages.aclose()
        await log.aclose()


def test_a_follower_of_a_log_that_was_lost_goes_on_at_its_end(log, redis, room):
    other = Log(redis.url)
    for _ in range(3):
        other.post(room, "ada", "old")
    follower = log.follow(room, 3)
    other.redis.delete(log_key(room))
    other.post(room, "ada", "first of the new")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(lambda: next(follower))
        until(lambda: blocked(other))
        other.post(room, "ada", "second")
        assert [m.text for m in first.result(5).messages] == ["second"]
    other.close()


def test_a_full_redis_refuses_and_says_so(tmp_path, room):
    with RedisServer(tmp_path, "--maxmemory", "1mb") as server:
        log = Log(server.url)
        with pytest.raises(Full, match="no memory left") as caught:  # noqa: PT012 (one of many posts fails)
            for _ in range(1000):
                log.post(room, "ada", "x" * 4096)
        assert caught.value.status == 507
        log.close()


async def test_who_is_here_by_whom(call, room):
    assert await call("enter", room, ["bob", "ada"], "one") == ["ada", "bob"]
    assert await call("enter", room, ["ada"], "two") == ["ada", "bob"]
    assert await call("leave", room, ["ada", "bob"], "one") == ["ada"]
    assert await call("enter", room, [], "three") == ["ada"]
    assert await call("leave", room, ["ada"], "two") == []
    with pytest.raises(BadAuthor):
        await call("enter", room, ["a\nb"], "one")


def test_a_name_that_nobody_renews_goes(log, room, monkeypatch):
    monkeypatch.setattr("rooms.commands.HERE_SECONDS", 0.2)
    log.enter(room, ["ada"], "dead")
    monkeypatch.setattr("rooms.commands.HERE_SECONDS", 30)
    assert log.enter(room, ["bob"], "alive") == ["ada", "bob"]
    until(lambda: log.enter(room, ["bob"], "alive") == ["bob"])


def test_a_name_that_is_renewed_stays(log, room, monkeypatch):
    monkeypatch.setattr("rooms.commands.HERE_SECONDS", 0.3)
    began = time.monotonic()
    while time.monotonic() < began + 0.7:
        log.enter(room, ["ada"], "one")
        time.sleep(0.02)
        assert log.enter(room, [], "two") == ["ada"]


def blocked(log: Log) -> bool:
    """Whether somebody waits inside Redis."""
    return any("b" in client["flags"] for client in log.redis.client_list())


def until(condition, seconds=10.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the condition did not come true"
        time.sleep(0.005)
