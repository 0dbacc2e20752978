"""What goes wrong around a room: Redis, the service, who does not read. Every message is accounted for."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from threading import Thread

import pytest
from rooms import Log, RoomError


def numbers(lines: list[str]) -> list[int]:
    return [int(line.split()[0]) for line in lines]


class Talker(Thread):
    """Posts from elsewhere, some hundred a second, and knows what was acknowledged. `stop` ends it."""

    def __init__(self, url: str, room: str) -> None:
        super().__init__()
        self.log, self.room = Log(url), room
        self.acknowledged: list[int] = []
        self.failed = 0
        self.going = True
        self.start()

    def run(self) -> None:
        while self.going:
            try:
                self.acknowledged.append(self.log.post(self.room, "talker", "x").number)
            except RoomError:
                self.failed += 1
            time.sleep(0.005)
        self.log.close()

    def acknowledges(self, count: int, until) -> None:
        """Wait for so many more."""
        before = len(self.acknowledged)
        until(lambda: len(self.acknowledged) >= before + count)

    def stop(self) -> list[int]:
        self.going = False
        self.join()
        return self.acknowledged


class TestRedis:
    @pytest.mark.parametrize("chosen", ["threads", "selector", "asyncio"])
    def test_killed_and_restarted(self, start, own_redis, room, person, chosen):
        """Nobody is cut off; what was acknowledged is heard by all, once and in order."""
        running = start(listen=("room",), model=chosen)
        people = [person(running, f"p{number}") for number in range(3)]
        talker = Talker(own_redis.url, room)
        try:
            people[0].messages(20)
            own_redis.kill()
            for somebody in people:
                assert somebody.until("ERR Redis")
            people[1].say("while it is gone")
            assert people[1].until("ERR Not posted").startswith("ERR Not posted, as far as is known.")
            own_redis.start()
            for somebody in people:
                assert somebody.until("* Redis is back")
            people[1].messages(20)
        finally:
            acknowledged = talker.stop()
        last = talker_end(own_redis.url, room)
        people[2].say("the end")
        again = person(running, "late", after=0)
        heard = numbers(again.messages(last + 1))
        assert talker.failed
        assert heard == list(range(1, last + 2))
        assert set(acknowledged) <= set(heard)

    def test_each_listener_hears_all_of_it(self, start, own_redis, room, person):
        running = start(listen=("room",))
        people = [person(running, f"p{number}", after=0) for number in range(3)]
        talker = Talker(own_redis.url, room)
        try:
            for _ in range(2):
                talker.acknowledges(20, running.until)
                failed = talker.failed
                own_redis.kill()
                running.until(lambda failed=failed: talker.failed > failed)
                own_redis.start()
                talker.acknowledges(1, running.until)
        finally:
            acknowledged = talker.stop()
        last = talker_end(own_redis.url, room)
        for somebody in people:
            assert numbers(somebody.messages(last)) == list(range(1, last + 1))
        assert set(acknowledged) <= set(range(1, last + 1))

    def test_not_there_from_the_start(self, start, own_redis, room):
        """One comes in, is told, and is in when it is there."""
        own_redis.kill()
        running = start(listen=("room",))
        with running.connect() as sock, sock.makefile("rw") as file:
            file.write(f"JOIN {room} ada\nhi\n")
            file.flush()
            assert file.readline().startswith("* This is a room.")
            assert file.readline().startswith("ERR Redis, which keeps the rooms, does not answer. Stay")
            assert file.readline().startswith("ERR You are not in yet. This was not posted")
            own_redis.start()
            assert file.readline().startswith("* ada, you are in")
            file.write("hi\n")
            file.flush()
            while (line := file.readline()).startswith("* "):  # Redis is back; ada joined
                pass
            assert line == "1 ada: hi\n"

    def test_who_comes_while_it_is_gone_is_in_when_it_is_back(self, start, own_redis, person):
        running = start(listen=("room",))
        ada = person(running)
        assert ada.until("* ada joined")  # else bob and she would be told together
        ada.say("one")
        ada.messages(1)
        own_redis.kill()
        assert ada.until("ERR Redis")
        bob = person(running, "bob", after=0)  # the room is open, so bob is greeted
        assert (
            bob.line() == "ERR Redis, which keeps the rooms, does not answer. Stay: you are in when it does."
        )
        bob.say("two")
        assert bob.line().startswith("ERR You are not in yet. This was not posted")
        own_redis.start()
        assert bob.messages(1) == ["1 ada: one"]
        bob.until("* bob joined")
        bob.say("two")
        assert bob.messages(1) == ["2 bob: two"]

    def test_that_has_lost_everything_is_told(self, start, own_redis, person):
        running = start(listen=("room",))
        ada = person(running)
        ada.say("one", "two")
        ada.messages(2)
        own_redis.kill()
        for path in own_redis.folder.rglob("*.aof"):
            path.unlink()
        for path in own_redis.folder.rglob("*.manifest"):
            path.unlink()
        own_redis.start()
        assert ada.until("ERR Redis has lost").startswith(
            "ERR Redis has lost messages: the room ends at 0, and you have heard 2."
        )
        ada.say("anew")
        assert ada.messages(1) == ["1 ada: anew"]


def talker_end(url: str, room: str) -> int:
    log = Log(url)
    try:
        return log.end(room)
    finally:
        log.close()


class TestTheService:
    def test_killed_and_its_listener_comes_back(self, start, room, person, log):
        first = start(listen=("room",))
        ada = person(first)
        ada.say("one", "two")
        seen = numbers(ada.messages(2))[-1]
        first.process.send_signal(signal.SIGKILL)
        with pytest.raises((ConnectionError, AssertionError)):
            ada.until("never said")
        log.post(room, "bob", "three")
        again = person(start(listen=("room",)), after=seen)
        assert again.messages(1) == ["3 bob: three"]

    def test_a_worker_that_dies_is_replaced(self, start, room, person, log):
        running = start("--workers", "2", listen=("room",))
        running.until(lambda: len(running.children()) == 2)
        people = [person(running, f"p{number}") for number in range(6)]
        dead, left = running.owner(people[0].sock), []
        os.kill(dead, signal.SIGKILL)
        running.until(lambda: dead not in running.children() and len(running.children()) == 2)
        log.post(room, "bob", "after")
        for somebody in people:
            with suppress(AssertionError, ConnectionError):  # those of the dead one have been cut off
                assert somebody.until("1 ") == "1 bob: after"
                left.append(somebody)
        assert len(left) < 6
        assert person(running, "again", after=0).messages(1) == ["1 bob: after"]


class TestWhoDoesNotRead:
    """Where no more than 20 lines wait for anybody."""

    def test_is_bounded_and_costs_the_others_nothing(self, start, room, person, log, monkeypatch):
        """It is cut off, or reset when it does not even take that, and comes back to where it was."""
        monkeypatch.setenv("TCP_BEHIND", "20")
        running = start("--limits", "unread=1", listen=("room",))
        ada = person(running, "ada")
        person(running, "slow", buffer=4096)
        talk_past(running, lambda: say(log, room, ada))
        running.until(lambda: running.counters("room")["reset"] == 1)
        assert running.counters("room")["open"] == 1

    def test_but_reads_later_is_told_where_it_was(self, start, room, person, log, monkeypatch):
        monkeypatch.setenv("TCP_BEHIND", "20")
        running = start(listen=("room",))
        ada, slow = person(running, "ada"), person(running, "slow", buffer=4096)
        talk_past(running, lambda: say(log, room, ada))
        lines = slow.rest()
        assert lines[-1].startswith("ERR More waits for you than you read. Come back with: JOIN ")
        seen = int(lines[-1].partition("after=")[2])
        assert numbers([line for line in lines if line[0].isdigit()]) == list(range(1, seen + 1))
        assert seen < log.end(room)


def say(log: Log, room: str, listener) -> int:
    """Half as many messages as may wait for somebody, heard by a listener in order. Returns their bytes."""
    said = [log.post(room, "bob", "x" * 4000).number for _ in range(10)]
    heard = listener.messages(10)
    assert numbers(heard) == said
    return sum(len(line) + 1 for line in heard)


def talk_past(running, talk: Callable[[], int]) -> None:
    """Talk until the service sends nothing any more but to who reads, for 30 messages."""
    alone = total = 0
    while alone < 3:
        before = running.counters("room")["sent"]
        heard = talk()
        alone = alone + 1 if running.counters("room")["sent"] - before == heard else 0
        total += heard
        assert total < 64 << 20, "the service sends on, though somebody does not read"
