"""What `make bench-realtime` compares with starts, and does what ours is measured at."""

from pathlib import Path

from running import Service, hear, say

ROOT = Path(__file__).parents[3]


def test_the_reference_echoes_and_chats(redis):
    service = Service(redis.url, module="benchmarks.realtime_stock", PYTHONPATH=str(ROOT))
    try:
        with service.connect("/ws/echo", origin="http://localhost") as client:
            client.send("hi")
            assert client.recv(10) == "hi"
        with service.connect("/ws/rooms/lobby", origin="http://localhost") as client:
            say(client, text="hello")
            assert hear(client) == {"message": "hello"}
    finally:
        service.stop()
