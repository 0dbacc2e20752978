"""The contract, rule by rule, under every model. What holds here, a protocol may rely on."""

# ruff: noqa: ARG002, PT012 - protocols that ignore what they get; conversations that break somewhere

import os
import socket
import threading
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving.protocol import FileSlice, Protocol, Waiting

MIB = 1 << 20


class Echo(Protocol):
    def received(self, data):
        return data


class Recorder(Protocol):
    """Notes what it is called for; answers like an echo."""

    def __init__(self, peer):
        super().__init__(peer)
        self.peer, self.calls = peer, []

    def opened(self):
        self.calls.append("opened")
        return b""

    def received(self, data):
        self.calls.append(data)
        return data

    def ended(self):
        self.calls.append("ended")
        return super().ended()

    def expired(self):
        self.calls.append("expired")
        return super().expired()

    def stopping(self):
        self.calls.append("stopping")
        return b""

    def closed(self):
        self.calls.append("closed")


def recorded(kind=Recorder):
    """A factory, and the protocols that it has made."""
    made = []

    def factory(peer):
        made.append(kind(peer))
        return made[-1]

    return factory, made


def take(peer: socket.socket, count: int) -> bytes:
    data = bytearray()
    while len(data) < count and (piece := peer.recv(count - len(data))):
        data += piece
    return bytes(data)


# --- bytes in, bytes out


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=8))
def test_any_bytes_cut_anywhere_come_back_equal_and_in_order(echo_house, pieces):
    with socket.create_connection(echo_house.address, 10) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for piece in pieces:
            peer.sendall(piece)
        message = b"".join(pieces)
        assert take(peer, len(message)) == message


@pytest.fixture
def echo_house(serve):
    return serve(Echo)


def test_a_character_cut_in_two_is_no_error(serve):
    peer = serve(Echo).connect()
    text = "欢".encode()
    peer.sendall(text[:1])
    assert take(peer, 1) == text[:1]
    peer.sendall(text[1:])
    assert take(peer, 2) == text[1:]


def test_calls_come_in_order_and_closed_is_the_last(serve, everything, until):
    factory, made = recorded()
    peer = serve(factory).connect()
    peer.sendall(b"one")
    take(peer, 3)
    peer.sendall(b"two")
    take(peer, 3)
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b""
    until(lambda: made and "closed" in made[0].calls)
    assert made[0].calls == ["opened", b"one", b"two", "ended", "closed"]


def test_the_peer_is_known_by_its_address(serve):
    class Whois(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.peer = peer

        def received(self, data):
            return f"{self.peer.remote[0]}:{self.peer.remote[1]} {self.peer.local[1]}".encode()

    house = serve(Whois)
    peer = house.connect()
    peer.sendall(b"?")
    assert peer.recv(100).decode() == f"127.0.0.1:{peer.getsockname()[1]} {house.address[1]}"


def test_an_answer_is_not_held_back_for_a_fuller_segment(serve):
    class Socket(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.sock = peer.sock

        def received(self, data):
            return str(self.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)).encode()

    peer = serve(Socket).connect()
    peer.sendall(b"?")
    assert peer.recv(10) != b"0"


# --- the peer does not read, or reads late


@pytest.mark.at_once
def test_a_peer_that_does_not_read_is_not_read_from(serve):
    received = 0

    class Counting(Protocol):
        def received(self, data):
            nonlocal received
            received += len(data)
            return data

    house = serve(Counting)
    peer = house.connect()
    peer.settimeout(0.3)
    message = os.urandom(MIB)
    sent = 0
    with pytest.raises(TimeoutError):
        while sent < 200 * MIB:
            sent += peer.send(message[sent % MIB :])
    before = received
    assert before < 32 * MIB  # the kernel's buffers; ours hold one output
    with pytest.raises(TimeoutError):
        peer.send(message)
    assert received == before
    peer.settimeout(10)
    whole = message * (sent // MIB + 1)
    assert take(peer, sent) == whole[:sent]
    peer.sendall(b"and on")
    assert take(peer, 6) == b"and on"


def test_a_large_answer_goes_out_whole_to_a_slow_reader(serve, everything):
    answer = os.urandom(8 * MIB)

    class Large(Protocol):
        def received(self, data):
            self.waiting = Waiting.END
            return answer

    peer = serve(Large).connect()
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    peer.sendall(b"?")
    assert everything(peer) == answer


def test_what_was_pipelined_waits_until_the_answer_has_gone(serve):
    class Large(Protocol):
        def received(self, data):
            return data * MIB

    peer = serve(Large).connect()
    peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer.sendall(b"a")
    assert take(peer, 1) == b"a"
    peer.sendall(b"b")
    assert take(peer, 2 * MIB - 1) == b"a" * (MIB - 1) + b"b" * MIB


# --- several pieces, files


def test_several_pieces_go_out_in_order(serve):
    class Pieces(Protocol):
        def received(self, data):
            return [b"one ", memoryview(b"two "), b"", b"three"]

    peer = serve(Pieces).connect()
    for _ in range(2):
        peer.sendall(b"?")
        assert take(peer, 13) == b"one two three"


def test_a_part_of_a_file_goes_out_between_other_pieces(serve, tmp_path):
    content = os.urandom(3 * MIB)
    path = tmp_path / "file"
    path.write_bytes(content)
    descriptor = os.open(path, os.O_RDONLY)

    class File(Protocol):
        def received(self, data):
            return [b"<", FileSlice(descriptor, 1000, len(content) - 2000), b">"]

    peer = serve(File).connect()
    for _ in range(2):
        peer.sendall(b"?")
        assert take(peer, len(content) - 1998) == b"<" + content[1000:-1000] + b">"
    os.close(descriptor)


def test_a_file_that_has_become_shorter_breaks_the_connection(serve, tmp_path, until):
    path = tmp_path / "file"
    path.write_bytes(b"short")
    descriptor = os.open(path, os.O_RDONLY)

    class File(Protocol):
        def received(self, data):
            return [FileSlice(descriptor, 0, 1000)]

    house = serve(File)
    peer = house.connect()
    peer.sendall(b"?")
    with pytest.raises(ConnectionResetError):
        while peer.recv(1000):
            pass
    until(lambda: house.counted("failed") == 1)
    os.close(descriptor)


# --- what is waited for


def test_a_long_response_streams_piece_by_piece(serve, everything):
    class Stream(Protocol):
        def received(self, data):
            self.waiting, self.left = Waiting.SENT, 100
            return b"begin "

        def resumed(self):
            self.left -= 1
            if self.left == 0:
                self.waiting = Waiting.END
            return b"%d " % self.left * 1000

    peer = serve(Stream).connect()
    peer.sendall(b"?")
    assert everything(peer) == b"begin " + b"".join(b"%d " % left * 1000 for left in range(99, -1, -1))


@pytest.mark.at_once
def test_a_stream_without_an_end_waits_for_its_reader(serve):
    pieces = 0

    class Endless(Protocol):
        def received(self, data):
            self.waiting = Waiting.SENT
            return b""

        def resumed(self):
            nonlocal pieces
            pieces += 1
            return b"." * 65536

    house = serve(Endless, drain=0.5)
    peer = house.connect()
    peer.sendall(b"?")
    assert take(peer, 10) == b"." * 10
    count = -1
    while count != pieces:
        count = pieces
        time.sleep(0.1)
    assert count < 1000


@pytest.mark.at_once
def test_nothing_is_read_while_it_waits_for_something_else(serve, until):
    class Paused(Recorder):
        def received(self, data):
            self.calls.append(data)
            self.waiting = Waiting.WAKE
            return b"paused"

        def resumed(self):
            self.calls.append("resumed")
            self.waiting = Waiting.IDLE
            return b"resumed"

    factory, made = recorded(Paused)
    peer = serve(factory, drain=0.3).connect()
    peer.sendall(b"one")
    assert take(peer, 6) == b"paused"
    peer.sendall(b"two")
    peer.settimeout(0.1)
    with pytest.raises(TimeoutError):
        peer.recv(1)
    assert made[0].calls == ["opened", b"one"]
    peer.settimeout(10)
    made[0].peer.wake()
    assert take(peer, 13) == b"resumedpaused"


def test_a_wake_comes_through_whatever_is_waited_for(serve, until):
    class Listener(Recorder):
        def opened(self):
            self.waiting = Waiting.NOTHING
            self.news = []
            return b"hello "

        def resumed(self):
            news, self.news = self.news, []
            return b"".join(news)

    factory, made = recorded(Listener)
    peer = serve(factory).connect()
    assert take(peer, 6) == b"hello "
    for number in range(50):
        made[0].news.append(b"%d " % number)
        made[0].peer.wake()
    expected = b"".join(b"%d " % number for number in range(50))
    assert take(peer, len(expected)) == expected
    peer.sendall(b"still there?")
    assert take(peer, 12) == b"still there?"


def test_wakes_of_a_closed_connection_do_nothing(serve, until):
    factory, made = recorded()
    house = serve(factory)
    house.connect().close()
    until(lambda: made and "closed" in made[0].calls)
    made[0].peer.wake()
    peer = house.connect()
    peer.sendall(b"on")
    assert take(peer, 2) == b"on"


@pytest.mark.parametrize("threads", [0, 2])
def test_work_is_done_and_then_it_is_resumed(serve, threads):
    class Worker(Protocol):
        def received(self, data):
            self.waiting, self.work = Waiting.WORK, lambda: self.toil(data)
            return b"wait "

        def toil(self, data):
            self.result = data.upper()

        def resumed(self):
            self.waiting = Waiting.IDLE
            return self.result

    peer = serve(Worker, threads=threads).connect()
    for word in (b"one", b"two"):
        peer.sendall(word)
        assert take(peer, 8) == b"wait " + word.upper()


@pytest.mark.parametrize("threads", [0, 2])
def test_work_reads_on(serve, threads, everything):
    class Reader(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.peer, self.data, self.over = peer, b"", False

        def received(self, data):
            self.data += data
            if self.waiting is Waiting.IDLE:
                self.waiting, self.work = Waiting.WORK, self.read_all
                return b"go on;"
            return b"+"

        def ended(self):
            self.over = True
            return b"."

        def read_all(self):
            while not self.over:
                self.peer.pull()

        def resumed(self):
            self.waiting = Waiting.END
            return self.data

    peer = serve(Reader, threads=threads).connect()
    peer.sendall(b"one")
    assert take(peer, 6) == b"go on;"
    peer.sendall(b"two")
    assert take(peer, 1) == b"+"
    peer.sendall(b"three")
    assert take(peer, 1) == b"+"
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b".onetwothree"


@pytest.mark.at_once
@pytest.mark.parametrize("threads", [0, 1])
def test_work_that_waits_for_bytes_learns_that_none_come(serve, threads, everything):
    class Reader(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.peer, self.late = peer, False

        def received(self, data):
            self.waiting, self.work = Waiting.WORK, self.peer.pull
            return b""

        def expired(self):
            self.late = True
            return b"late "

        def resumed(self):
            self.waiting = Waiting.END
            return b"and known" if self.late else b"unknown"

    peer = serve(Reader, threads=threads, content=0.2).connect()
    peer.sendall(b"one")
    assert everything(peer) == b"late and known"


@pytest.mark.parametrize("threads", [0, 1])
def test_work_that_fails_resets_the_connection(serve, threads, until):
    class Worker(Recorder):
        def received(self, data):
            self.waiting, self.work = Waiting.WORK, self.fail
            return b""

        def fail(self):
            raise RuntimeError("on purpose")

    factory, made = recorded(Worker)
    house = serve(factory, threads=threads)
    peer = house.connect()
    peer.sendall(b"?")
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    until(lambda: made[0].calls[-1:] == ["closed"])
    assert house.counted("failed") == 1
    assert "on purpose" in house.text.getvalue()


# --- the end


def test_a_peer_that_has_said_everything_still_gets_its_answer(serve, everything):
    class Patient(Protocol):
        def __init__(self, peer):
            super().__init__(peer)
            self.data = b""

        def received(self, data):
            self.data += data
            return b""

        def ended(self):
            self.waiting = Waiting.SENT
            return self.data

        def resumed(self):
            self.waiting = Waiting.END
            return b"!"

    peer = serve(Patient).connect()
    message = os.urandom(3 * MIB)
    peer.sendall(message)
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == message + b"!"


def test_the_last_bytes_arrive_though_the_peer_is_still_sending(serve, everything):
    class Enough(Protocol):
        def received(self, data):
            self.waiting = Waiting.END
            return b"enough"

    house = serve(Enough)
    for _ in range(20):
        peer = house.connect()
        peer.sendall(b"x" * MIB)
        assert everything(peer) == b"enough"
        peer.close()
    assert house.counted("reset") == 0


@pytest.mark.at_once
def test_a_peer_that_never_closes_is_closed(serve, everything, until):
    class Bye(Protocol):
        def opened(self):
            self.waiting = Waiting.END
            return b"bye"

    house = serve(Bye, linger=0.1)
    peer = house.connect()
    assert everything(peer) == b"bye"
    until(lambda: house.counted("open") == 0)
    assert house.counted("expired") == 0


def test_who_waits_for_bytes_after_the_end_gets_none(serve, everything, until):
    class Stubborn(Recorder):
        def ended(self):
            self.calls.append("ended")
            return b"last"

    factory, made = recorded(Stubborn)
    peer = serve(factory).connect()
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b"last"
    until(lambda: made[0].calls == ["opened", "ended", "closed"])


# --- faults


@pytest.mark.parametrize("method", ["__init__", "opened", "received", "ended", "expired", "resumed"])
def test_a_protocol_that_fails_loses_its_own_connection_only(serve, method, until):
    class Faulty(Recorder):
        def received(self, data):
            self.waiting = Waiting.SENT
            return b""

        def resumed(self):
            self.waiting = Waiting.IDLE
            return b""

    def fail(*_):
        raise RuntimeError("on purpose")

    faulty = type("Faulty", (Faulty,), {method: fail})
    made = []
    healthy = False

    def factory(peer):
        made.append(Recorder(peer) if healthy else faulty(peer))
        return made[-1]

    house = serve(factory, idle=0.2)
    with pytest.raises(ConnectionResetError):
        peer = house.connect()
        if method in {"received", "resumed"}:
            peer.sendall(b"?")
        if method == "ended":
            peer.shutdown(socket.SHUT_WR)
        peer.recv(1)
    until(lambda: house.counted("open") == 0)
    until(lambda: all(protocol.calls[-1] == "closed" for protocol in made))
    assert house.counted("failed") == 1
    assert "failed peer=127.0.0.1" in house.text.getvalue()
    healthy = True
    peer = house.connect()
    peer.sendall(b"on")
    assert take(peer, 2) == b"on"


def test_a_reset_is_counted_and_the_others_go_on(serve, reset, until):
    factory, made = recorded()
    house = serve(factory)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 3)
    reset(peer)
    until(lambda: "closed" in made[0].calls)
    assert house.counted("reset") == 1
    assert house.counted("open") == 0
    assert "reset peer=127.0.0.1" in house.text.getvalue()
    peer = house.connect()
    peer.sendall(b"on")
    assert take(peer, 2) == b"on"


@pytest.mark.at_once
def test_a_reset_is_noticed_while_nothing_is_read(serve, reset, until):
    class Paused(Recorder):
        def received(self, data):
            self.waiting = Waiting.WAKE
            return b"paused"

    factory, made = recorded(Paused)
    house = serve(factory, drain=0.3)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 6)
    reset(peer)
    if house.driver.__class__.__name__ == "Asyncio":  # a transport that does not read does not see
        made[0].peer.wake()
        return
    until(lambda: made[0].calls[-1:] == ["closed"])


# --- deadlines


@pytest.mark.at_once
def test_an_idle_peer_is_closed_in_time(serve, everything, until):
    factory, made = recorded()
    house = serve(factory, idle=0.3)
    peer = house.connect()
    begin = time.monotonic()
    for _ in range(4):
        time.sleep(0.1)
        peer.sendall(b"x")
        take(peer, 1)
    assert everything(peer) == b""
    assert time.monotonic() - begin > 0.65
    peer.close()
    until(lambda: made[0].calls[-2:] == ["expired", "closed"])
    assert house.counted("expired") == 1
    assert "expired" not in house.text.getvalue()


@pytest.mark.at_once
def test_a_head_that_trickles_in_does_not_extend_its_deadline(serve, everything, until):
    class Head(Recorder):
        def received(self, data):
            self.waiting = Waiting.HEAD
            return b""

        def expired(self):
            self.waiting = Waiting.END
            return b"408"

    house = serve(Head, head=0.4)
    peer = house.connect()
    begin = time.monotonic()
    peer.settimeout(0.05)
    answer = b""
    while not answer and time.monotonic() - begin < 5:
        peer.sendall(b"x")
        try:
            answer = peer.recv(3)
        except TimeoutError:
            continue
    assert answer == b"408"
    assert 0.3 < time.monotonic() - begin < 2
    assert "expired peer=127.0.0.1" in house.text.getvalue()
    assert "waiting=head" in house.text.getvalue()


@pytest.mark.at_once
def test_each_head_has_its_own_deadline(serve):
    class Heads(Protocol):
        def received(self, data):
            self.waiting = Waiting.HEAD
            return b"." if data == b"!" else b""

    peer = serve(Heads, head=0.4).connect()
    for _ in range(8):
        time.sleep(0.1)
        peer.sendall(b"!")
        assert take(peer, 1) == b"."


@pytest.mark.at_once
def test_a_head_after_an_idle_time_has_its_whole_deadline(serve):
    class Message(Protocol):
        def received(self, data):
            self.waiting = Waiting.IDLE if data.endswith(b"!") else Waiting.HEAD
            return b"." if data.endswith(b"!") else b""

        def expired(self):
            self.waiting = Waiting.END
            return b"expired"

    peer = serve(Message, head=0.5, idle=5).connect()
    peer.sendall(b"one")
    time.sleep(0.1)
    peer.sendall(b"!")
    assert take(peer, 1) == b"."
    time.sleep(0.6)
    peer.sendall(b"two")
    time.sleep(0.2)
    peer.sendall(b"!")
    assert take(peer, 1) == b"."


@pytest.mark.at_once
def test_content_may_take_long_but_not_stop(serve, everything):
    class Content(Protocol):
        def received(self, data):
            self.waiting = Waiting.CONTENT
            return b""

        def expired(self):
            self.waiting = Waiting.END
            return b"408"

    peer = serve(Content, content=0.3).connect()
    for _ in range(6):
        peer.sendall(b"x")
        time.sleep(0.1)
    begin = time.monotonic()
    assert everything(peer) == b"408"
    assert time.monotonic() - begin < 2


@pytest.mark.at_once
def test_who_waits_on_after_a_deadline_gets_the_same_time_again(serve, everything):
    class Patient(Protocol):
        times = 0

        def received(self, data):
            return data

        def expired(self):
            self.times += 1
            if self.times == 3:
                self.waiting = Waiting.END
            return b"%d" % self.times

    peer = serve(Patient, idle=0.1).connect()
    assert everything(peer) == b"123"


@pytest.mark.at_once
def test_a_peer_that_never_reads_is_reset(serve, until):
    class Large(Protocol):
        def received(self, data):
            return b"x" * (16 * MIB)

    house = serve(Large, unread=0.3)
    peer = house.connect()
    peer.sendall(b"?")
    until(lambda: house.counted("reset") == 1)
    until(lambda: house.counted("open") == 0)
    assert 'reason="the peer does not read"' in house.text.getvalue()


@pytest.mark.at_once
def test_a_peer_that_reads_slowly_is_waited_for(serve):
    class Large(Protocol):
        def received(self, data):
            return b"x" * (12 * MIB)

    house = serve(Large, unread=0.8)
    peer = house.connect()
    peer.sendall(b"?")
    for _ in range(12):
        time.sleep(0.1)
        assert len(take(peer, MIB)) == MIB
    assert house.counted("reset") == 0


# --- draining


@pytest.mark.at_once
def test_when_the_server_stops_idle_connections_end_and_no_new_ones_begin(serve, everything, until):
    factory, made = recorded()
    house = serve(factory)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 3)
    house.stop()
    begin = time.monotonic()
    assert everything(peer) == b""
    peer.close()
    assert house.stopped()
    assert time.monotonic() - begin < 3
    assert made[0].calls[:3] == ["opened", b"one", "stopping"]
    assert made[0].calls[-1] == "closed"
    with pytest.raises(ConnectionRefusedError):
        house.connect()


@pytest.mark.at_once
def test_what_is_in_flight_when_the_server_stops_is_finished(serve, everything):
    house = serve(Echo, quiet=0.5)
    peer = house.connect()
    peer.sendall(b"half of a ")
    take(peer, 10)
    house.stop()
    for _ in range(5):
        time.sleep(0.2)
        peer.sendall(b"message")
        assert take(peer, 7) == b"message"
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b""
    assert house.stopped()


@pytest.mark.at_once
def test_a_protocol_may_end_at_once_when_the_server_stops(serve, everything):
    class Prompt(Protocol):
        def received(self, data):
            return data

        def stopping(self):
            self.waiting = Waiting.END
            return b"bye"

    house = serve(Prompt, quiet=8, drain=9)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 3)
    house.stop()
    begin = time.monotonic()
    assert everything(peer) == b"bye"
    peer.close()
    assert house.stopped()
    assert time.monotonic() - begin < 3


@pytest.mark.at_once
def test_who_is_not_done_in_time_is_cut_off(serve, until):
    class Endless(Recorder):
        def opened(self):
            self.waiting = Waiting.WAKE
            return b"for ever"

    factory, made = recorded(Endless)
    house = serve(factory, drain=0.4)
    peer = house.connect()
    take(peer, 8)
    house.stop()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    assert house.stopped()
    assert made[0].calls[-1] == "closed"
    assert "cut connections=1" in house.text.getvalue()


def test_a_stop_before_anybody_has_come_is_a_stop(serve):
    house = serve(Echo)
    house.stop()
    assert house.stopped()


# --- counting


def test_everything_is_counted(serve, until):
    house = serve(Echo)
    for number in range(3):
        peer = house.connect()
        for _ in range(number + 1):
            peer.sendall(b"x" * 100)
            take(peer, 100)
        peer.close()
        until(lambda: house.counted("open") == 0)
    totals = house.board.totals()
    assert {name: count for name, count in totals.items() if count} == {
        "accepted": 3, "pieces": 6, "received": 600, "sent": 600,
    }  # fmt: skip


def test_no_thread_is_left_behind(serve, until):
    before = threading.active_count()
    house = serve(Echo, threads=2)
    peer = house.connect()
    peer.sendall(b"one")
    take(peer, 3)
    peer.close()
    house.stop()
    assert house.stopped()
    until(lambda: threading.active_count() == before)
