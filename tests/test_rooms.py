"""A room over the wire: who is in it hears everything once and in order, through Redis, however connected."""

import secrets
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from wire.room import Member


@pytest.fixture
def room():
    """Nobody else's room: another run's messages are none of ours."""
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
def base(stack, way):
    return stack.http("realtime", way)


@pytest.fixture
def join(base, room):
    return lambda query="": Member.joined(base, room, query)


def texts(member, count):
    return [member.message()["text"] for _ in range(count)]


class TestTwoMembers:
    def test_hear_each_other(self, join):
        with join() as ada, join() as bob:
            ada.say("hello")
            assert texts(ada, 1) == texts(bob, 1) == ["hello"]
            bob.say("欢迎 ❄", author="bob")
            heard = ada.message()
            assert (heard["author"], heard["text"]) == ("bob", "欢迎 ❄")
            assert bob.message() == heard

    def test_hear_the_same_in_the_same_order(self, join):
        """Both talk at once; the numbers have no holes, and nobody hears another order."""
        with join() as ada, join() as bob:
            for number in range(50):
                ada.say(f"ada {number}")
                bob.say(f"bob {number}", author="bob")
            heard = [ada.message() for _ in range(100)]
            assert [bob.message() for _ in range(100)] == heard
            assert [message["number"] for message in heard] == list(range(1, 101))
            assert [m["text"] for m in heard if m["author"] == "ada"] == [f"ada {n}" for n in range(50)]

    def test_one_through_nginx_and_one_around_it(self, stack, room):
        through, around = stack.http("realtime", "nginx"), stack.http("realtime", "direct")
        with Member.joined(through, room) as ada, Member.joined(around, room) as bob:
            ada.say("through nginx")
            bob.say("around it")
            assert sorted(texts(ada, 2)) == sorted(texts(bob, 2)) == ["around it", "through nginx"]

    def test_do_not_hear_another_room(self, base, join):
        with join() as ada, Member.joined(base, f"other-{secrets.token_hex(4)}") as stranger:
            stranger.say("not for you")
            assert texts(stranger, 1) == ["not for you"]
            ada.say("first")
            assert texts(ada, 1) == ["first"]


class TestMemory:
    """The log is in Redis, not in a connection: who comes later, or again, misses nothing."""

    def test_who_comes_later_reads_from_the_start(self, join):
        with join() as ada:
            for text in ("one", "two", "three"):
                ada.say(text)
            assert texts(ada, 3) == ["one", "two", "three"]
        with join("?after=0") as late:
            assert texts(late, 3) == ["one", "two", "three"]

    def test_who_comes_again_goes_on_where_it_was(self, join):
        with join() as ada, join() as bob:
            ada.say("one")
            seen = bob.message()["number"]
            bob.socket.close()
            for text in ("two", "three"):
                ada.say(text)
            assert texts(ada, 3) == ["one", "two", "three"]
            with join(f"?after={seen}") as bob_again:
                ada.say("four")
                assert texts(bob_again, 3) == ["two", "three", "four"]

    def test_who_posts_is_told_the_number(self, join):
        with join() as ada:
            ada.say("hello", ref="mine")
            frames = sorted((ada.hear(), ada.hear()), key=lambda frame: frame["type"])
            assert frames[0] == {"type": "ack", "number": 1, "ref": "mine"}
            assert frames[1]["number"] == 1


def test_a_socket_that_was_idle_for_seven_seconds_hears_the_next_message(stack, room):
    """A Redis client that gives up on a silent subscription after 5 s would take the listener with it."""
    through, around = stack.http("realtime", "nginx"), stack.http("realtime", "direct")
    with Member.joined(through, room) as ada, Member.joined(around, room) as bob:
        time.sleep(7)  # the silence is what is tested
        with Member.joined(through, room) as carol:
            carol.say("still there?")
            assert texts(ada, 1) == texts(bob, 1) == ["still there?"]


class TestBadInput:
    @pytest.mark.parametrize(
        "content", ["no json", "[]", '{"text": 1}', '{"text": ""}', '{"type": "shout", "text": "hi"}', b"{}"]
    )
    def test_is_answered_and_the_connection_lives(self, join, content):
        with join() as ada:
            ada.socket.send(content)
            frame = ada.hear()
            assert frame["type"] == "error"
            assert frame["detail"].endswith(".")
            ada.say("alive")
            assert texts(ada, 1) == ["alive"]

    @pytest.mark.parametrize("address", ["bad%20name", "x" * 200, "lobby?after=minus", "lobby?after=-1"])
    def test_a_room_that_can_not_be_is_refused_before_it_opens(self, base, address):
        with pytest.raises(InvalidStatus) as refusal, connect(base.websocket(f"/ws/rooms/{address}")):
            pass
        assert 400 <= refusal.value.response.status_code < 500
