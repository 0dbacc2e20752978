"""What happens to those inside when the server is told to stop."""

import socket
import time

import pytest
from serving.protocol import Protocol, Waiting


class Echo(Protocol):
    def received(self, data):
        return data


@pytest.mark.at_once
def test_when_the_server_stops_idle_connections_end_and_no_new_ones_begin(
    serve, everything, until, take, recorded
):
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
    assert time.monotonic() - begin < 6  # far from the end of the time to drain
    assert made[0].calls[:3] == ["opened", b"one", "stopping"]
    assert made[0].calls[-1] == "closed"
    with pytest.raises(ConnectionRefusedError):
        house.connect()


@pytest.mark.at_once
def test_what_is_in_flight_when_the_server_stops_is_finished(serve, everything, take):
    house = serve(Echo, quiet=1.5)
    peer = house.connect()
    peer.sendall(b"half of a ")
    take(peer, 10)
    house.stop()
    for _ in range(6):
        time.sleep(0.3)
        peer.sendall(b"message")
        assert take(peer, 7) == b"message"
    peer.shutdown(socket.SHUT_WR)
    assert everything(peer) == b""
    assert house.stopped()


@pytest.mark.at_once
def test_a_protocol_may_end_at_once_when_the_server_stops(serve, everything, take):
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
    assert time.monotonic() - begin < 6


def endless(recorder):
    """A protocol that never comes to an end by itself."""

    class Endless(recorder):
        def opened(self):
            self.waiting = Waiting.WAKE
            return b"for ever"

    return Endless


@pytest.mark.at_once
def test_who_is_not_done_in_time_is_cut_off(serve, until, take, recorder, recorded):
    factory, made = recorded(endless(recorder))
    house = serve(factory, drain=0.4)
    peer = house.connect()
    take(peer, 8)
    house.stop()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    assert house.stopped()
    assert made[0].calls[-1] == "closed"
    assert '"cut", "connections": 1' in house.text.getvalue()


@pytest.mark.at_once
def test_who_is_told_twice_to_stop_waits_for_nobody(serve, until, take, recorder, recorded):
    factory, made = recorded(endless(recorder))
    house = serve(factory, drain=1000)
    peer = house.connect()
    take(peer, 8)
    house.stop()
    until(lambda: "stopping" in made[0].calls)  # it waits now, with all the patience of a drain
    house.stop()
    with pytest.raises(ConnectionResetError):
        peer.recv(1)
    assert house.stopped()


def test_a_stop_before_anybody_has_come_is_a_stop(serve):
    house = serve(Echo)
    house.stop()
    assert house.stopped()
