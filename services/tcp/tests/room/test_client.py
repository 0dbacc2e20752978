"""A person in a room with our own client: hearing while they type."""

import subprocess
import sys


def test_somebody_types_and_hears_at_once(shared, room, log):
    address = "{}:{}".format(*shared("room").addresses()[0])
    with subprocess.Popen(
        [sys.executable, "-m", "tcp.client", "--protocol", "room", address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as client:
        try:
            client.stdin.write(f"JOIN {room} ada\n".encode())
            assert client.stdout.readline().startswith(b"* This is a room.")
            assert client.stdout.readline().startswith(b"* ada, you are in")
            assert client.stdout.readline() == b"* ada joined.\n"
            log.post(room, "bob", "while ada is typing")
            assert client.stdout.readline() == b"1 bob: while ada is typing\n"
            client.stdin.write("Grüß Gott\n".encode())
            assert client.stdout.readline() == "2 ada: Grüß Gott\n".encode()
            client.stdin.close()
            assert client.stdout.read().startswith(b"* You have left.")
            assert client.wait(20) == 0
        finally:
            client.kill()
