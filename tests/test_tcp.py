"""The TCP rungs over the wire: the four tutorials' servers, through nginx's stream module and around it."""

import random
import selectors
import socket

import pytest
from wire.tcp import DEADLINE, connected, receive_exactly, receive_until_closed
from wire.wait import wait_for

MIB = 1024 * 1024
RECEIVED = b"Message received!"
GREETING = "欢迎使用Layercake系统".encode()


@pytest.fixture
def echo(stack, way):
    return stack.tcp("echo", way)


class TestEcho:
    def test_a_line_comes_back(self, echo):
        with connected(echo) as sock:
            sock.sendall(b"hi\n")
            assert receive_exactly(sock, 3) == b"hi\n"

    def test_a_character_cut_in_the_middle_comes_back_whole(self, echo):
        """The tutorials decoded each piece that recv() returned, and fell over half a character."""
        word = "雪の日 ❄".encode()
        with connected(echo) as sock:
            for piece in (word[:1], word[1:5], word[5:]):
                sock.sendall(piece)
                assert receive_exactly(sock, len(piece)) == piece

    def test_bytes_that_are_no_text_at_all(self, echo):
        every_byte = bytes(range(256))
        with connected(echo) as sock:
            sock.sendall(every_byte)
            assert receive_exactly(sock, 256) == every_byte

    def test_one_byte_at_a_time(self, echo):
        with connected(echo) as sock:
            for byte in b"one byte at a time":
                sock.sendall(bytes([byte]))
                assert receive_exactly(sock, 1) == bytes([byte])

    def test_a_mebibyte_with_the_reader_as_slow_as_the_writer(self, echo):
        """Sending and receiving take turns: a server that only reads, or only writes, would stand still."""
        content = random.Random(1).randbytes(MIB)
        with connected(echo) as sock:
            assert exchange(sock, content) == content

    def test_half_close_still_brings_the_rest(self, echo):
        """``printf hi | nc``: the client has said all that it will say, and still waits for the answer."""
        content = random.Random(2).randbytes(100_000)
        with connected(echo) as sock:
            assert exchange(sock, content, then_shut=True) == content
            assert sock.recv(1) == b""

    def test_two_hundred_connections_at_once(self, echo):
        """All are open before the first speaks, and each hears its own words."""
        socks = [socket.create_connection(echo, timeout=DEADLINE) for _ in range(200)]
        try:
            words = [f"connection {number}".encode() for number in range(200)]
            for sock, word in zip(socks, words, strict=True):
                sock.sendall(word)
            assert [
                receive_exactly(sock, len(word)) for sock, word in zip(socks, words, strict=True)
            ] == words
        finally:
            for sock in socks:
                sock.close()

    def test_a_client_that_resets_leaves_the_others_alone(self, echo):
        with connected(echo) as stays:
            with connected(echo) as leaves:
                leaves.sendall(b"x" * 10_000)
                # Linger of zero: close() sends RST instead of FIN.
                leaves.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            stays.sendall(b"still here")
            assert receive_exactly(stays, 10) == b"still here"


class TestAck:
    def test_each_piece_is_acknowledged(self, stack, way):
        with connected(stack.tcp("ack", way)) as sock:
            for piece in (b"first", "zweite ❄".encode(), b"\xff\xfe"):
                sock.sendall(piece)
                assert receive_exactly(sock, len(RECEIVED)) == RECEIVED

    def test_nothing_is_acknowledged_before_something_arrived(self, stack, way):
        with connected(stack.tcp("ack", way)) as sock:
            sock.shutdown(socket.SHUT_WR)
            assert receive_until_closed(sock) == b""


class TestGreet:
    def test_a_greeting_without_being_asked_and_then_the_end(self, stack, way):
        with connected(stack.tcp("greet", way)) as sock:
            assert receive_until_closed(sock) == GREETING


class TestBye:
    def test_one_piece_an_answer_and_the_end(self, stack, way):
        with connected(stack.tcp("bye", way)) as sock:
            sock.sendall(b"hello")
            assert receive_until_closed(sock) == b"Connected. Bye."

    def test_it_waits_for_the_piece(self, stack, way):
        with connected(stack.tcp("bye", way)) as sock:
            sock.settimeout(0.3)
            with pytest.raises(TimeoutError):
                sock.recv(1)
            sock.settimeout(DEADLINE)
            sock.sendall(b"now")
            assert receive_until_closed(sock) == b"Connected. Bye."


def exchange(sock, content, then_shut=False):
    """Send and receive at once, as a client must when the content is larger than the buffers on the way."""
    sock.setblocking(False)
    received, unsent = bytearray(), memoryview(content)
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ | selectors.EVENT_WRITE)

        def everything_is_back():
            nonlocal unsent
            for _, events in selector.select(timeout=1):
                if events & selectors.EVENT_WRITE:
                    unsent = unsent[sock.send(unsent) :]
                    if not unsent:
                        selector.modify(sock, selectors.EVENT_READ)
                        if then_shut:
                            sock.shutdown(socket.SHUT_WR)
                if events & selectors.EVENT_READ:
                    piece = sock.recv(65536)
                    received.extend(piece)
                    assert piece, f"closed after {len(received)} of {len(content)} bytes"
            return len(received) == len(content)

        wait_for("every byte to come back", everything_is_back, every=0)
    sock.settimeout(DEADLINE)
    return bytes(received)
