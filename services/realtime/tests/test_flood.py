from time import monotonic

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


def talk_until_closed(client):
    """Say as much as it takes; what was acknowledged, and the errors. Raises if the end is not a close."""
    acks, errors, sent = [], [], 0
    with pytest.raises(ConnectionClosed):  # noqa: PT012 (one of many reads finds it closed)
        while True:
            # The fewest that can be a flood; then one for each that time has forgiven: many, where a hundred
            # posts take long. Never one more: who sends to a closed connection loses what it was told.
            while sent < max(201, len(acks) + len(errors) + 1):
                say(client, text="spam", ref=sent)
                sent += 1
            assert sent < 2000, "it goes on for ever"
            frame = hear(client, 30)
            if frame["type"] == "ack":
                acks.append(frame["ref"])
            elif frame["type"] == "error":
                errors.append(frame)
    return acks, errors


def test_a_flood_is_answered_with_errors_and_then_closed(redis, log, room):
    service = Service(redis.url, REALTIME_POSTS_A_SECOND="1")
    began = monotonic()
    try:
        with (
            service.room(room, name="ada") as client,
            # It answers pings while nobody reads it, however many messages wait.
            service.connect(f"/ws/rooms/{room}", max_queue=None) as other,
        ):
            assert hear(other)["type"] == "welcome"
            acks, errors = talk_until_closed(client)
            forgiven = monotonic() - began
            assert client.protocol.close_rcvd.code == 1008
            assert 100 <= len(acks) <= 100 + forgiven
            assert {error["code"] for error in errors} == {"too_fast"}
            assert 100 <= len(errors) <= 100 + forgiven
            assert log.end(room) == len(acks)
            assert numbers(other, len(acks)) == list(range(1, len(acks) + 1))  # the others go on
    finally:
        assert service.stop() == 0
