"""Whatever is sent, and wherever TCP cuts it, an echo is the same bytes in the same order."""

import socket
from collections.abc import Iterator
from itertools import pairwise
from threading import Thread

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

#: Text goes out as UTF-8, so that cuts fall into the middle of characters too.
MESSAGES = st.one_of(st.binary(max_size=5000), st.text(max_size=1000).map(str.encode))

#: One server a model for all examples; a fresh connection for each.
EXAMPLES = settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def cut(data: bytes, places: list[int]) -> Iterator[bytes]:
    """The pieces between places, of which some may be the same."""
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    for begin, end in pairwise(edges):
        yield data[begin:end]


def everything(peer: socket.socket) -> bytes:
    pieces = []
    while piece := peer.recv(1 << 18):
        pieces.append(piece)
    return b"".join(pieces)


def test_any_bytes_cut_anywhere_come_back_equal_and_in_order(shared, model):
    running = shared("echo", model=model)

    @EXAMPLES
    @given(MESSAGES, st.lists(st.integers(min_value=0), max_size=20))
    def echoes(message: bytes, places: list[int]) -> None:
        with running.connect() as peer:
            for piece in cut(message, places):
                peer.sendall(piece)
            peer.shutdown(socket.SHUT_WR)
            assert everything(peer) == message

    echoes()


def test_every_cut_of_a_text_of_many_byte_characters(shared, model):
    message = "aé欢🎂".encode()
    with shared("echo", model=model).connect() as peer:
        for place in range(1, len(message)):
            for piece in (message[:place], message[place:]):
                peer.sendall(piece)
                assert peer.recv(100) == piece  # so that TCP can't join the two again


def test_sizes_around_those_of_a_read_and_past_the_buffers(shared, model):
    running = shared("echo", model=model)
    for size in (447, 448, 449, 65_536, 3_000_001):
        message = bytes(number % 251 for number in range(size))  # no period that a buffer has
        answers: list[bytes] = []
        with running.connect() as peer:
            reader = Thread(target=lambda: answers.append(everything(peer)))  # noqa: B023 - joined below
            reader.start()
            peer.sendall(message)
            peer.shutdown(socket.SHUT_WR)
            reader.join()
        assert answers == [message]
