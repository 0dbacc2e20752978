import pytest
from realtime.flood import Flood, Flooded
from running import Service, hear, numbers, say
from websockets.exceptions import ConnectionClosed


def test_a_burst_and_then_the_rate():
    flood = Flood(rate=10, burst=3, now=0.0)
    assert [flood.admits(0.0) for _ in range(5)] == [True, True, True, False, False]
    assert [flood.admits(0.1), flood.admits(0.1)] == [True, False]
    assert [flood.admits(60.0) for _ in range(4)] == [
        True,
        True,
        True,
        False,
    ]  # no more than a burst is saved up


def test_who_goes_on_is_a_flood():
    flood = Flood(rate=10, burst=3, now=0.0)
    for _ in range(6):
        flood.admits(0.0)
    with pytest.raises(Flooded):
        flood.admits(0.0)


def test_time_forgives():
    flood = Flood(rate=10, burst=1, now=0.0)
    assert [flood.admits(now) for now in (0.0, 0.0, 0.1, 0.1, 0.2, 0.2)] == [True, False] * 3


def test_a_flood_is_answered_with_errors_and_then_closed(redis, log, room):
    service = Service(redis.url, REALTIME_POSTS_A_SECOND="1")
    try:
        with service.room(room, name="ada") as client, service.room(room) as other:
            for number in range(250):
                say(client, text="spam", ref=number)
            acks, errors = [], []
            with pytest.raises(ConnectionClosed):  # noqa: PT012 (one of many reads finds it closed)
                while True:
                    frame = hear(client)
                    if frame["type"] == "ack":
                        acks.append(frame["ref"])
                    elif frame["type"] == "error":
                        errors.append(frame)
            assert client.protocol.close_rcvd.code == 1008
            assert 100 <= len(acks) <= 110
            assert {error["code"] for error in errors} == {"too_fast"}
            assert 90 <= len(errors) <= 101
            assert log.end(room) == len(acks)
            assert numbers(other, len(acks)) == list(range(1, len(acks) + 1))  # the others go on
    finally:
        assert service.stop() == 0
