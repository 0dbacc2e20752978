"""A port that is taken is found before anything starts."""

import socket

import pytest

from native.ports import Listener, complaint, free_ports, require_free
from native.problem import Problem


@pytest.fixture
def taken():
    """A port that somebody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port():
    assert complaint(Listener("HTTP_PORT", "127.0.0.1", free_ports(1)[0])) is None


def test_a_taken_port(taken):
    said = complaint(Listener("HTTP_PORT", "127.0.0.1", taken))
    assert said == f"port {taken} is taken: set HTTP_PORT to a free one"


def test_a_port_that_is_taken_on_every_address():
    with socket.create_server(("0.0.0.0", 0)) as server:
        assert "is taken" in complaint(Listener("HTTP_PORT", "127.0.0.1", server.getsockname()[1]))


def test_a_listener_that_lets_others_share_its_port():
    with socket.create_server(("127.0.0.1", 0), reuse_port=True) as server:
        assert "is taken" in complaint(Listener("HTTP_PORT", "127.0.0.1", server.getsockname()[1]))


def test_a_port_that_only_rests_in_time_wait():
    """What a server leaves behind when it stops must not keep the next one from starting."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            accepted, _ = server.accept()
            accepted.close()  # who closes first has the TIME_WAIT
            assert client.recv(1) == b""
    assert complaint(Listener("HTTP_PORT", "127.0.0.1", port)) is None


def test_all_taken_ports_are_named_at_once(taken):
    with socket.create_server(("127.0.0.1", 0)) as server:
        second = server.getsockname()[1]
        listeners = [Listener("A_PORT", "127.0.0.1", taken), Listener("B_PORT", "127.0.0.1", second)]
        with pytest.raises(Problem) as caught:
            require_free(listeners)
    assert str(caught.value).splitlines() == [
        f"port {taken} is taken: set A_PORT to a free one",
        f"port {second} is taken: set B_PORT to a free one",
    ]


def test_an_address_that_is_not_ours():
    said = complaint(Listener("HTTP_PORT", "192.0.2.1", free_ports(1)[0]))
    assert said == "192.0.2.1 is no address of this machine: set BIND to one that is, or to 127.0.0.1"


def test_free_ports_are_different_ones_that_nobody_is_given():
    found = free_ports(50)
    assert len(set(found)) == 50
    with socket.create_server(("127.0.0.1", 0)) as server:  # as the system gives them
        assert max(found) < server.getsockname()[1]
