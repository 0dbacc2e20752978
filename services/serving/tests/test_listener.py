"""Addresses as they are written, and listeners that say what is wrong."""

import socket

import pytest
from serving.listener import (
    SEND_BUFFER,
    ListenError,
    format_address,
    open_listener,
    open_listeners,
    parse_address,
)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9000", ("127.0.0.1", 9000)),
        ("localhost:0", ("localhost", 0)),
        (":9000", ("0.0.0.0", 9000)),
        ("[::1]:9000", ("::1", 9000)),
    ],
)
def test_an_address_is_read_and_written(text, address):
    assert parse_address(text) == address
    assert format_address(address) == ("0.0.0.0:9000" if text == ":9000" else text)


@pytest.mark.parametrize("text", ["", "9000", "localhost", "localhost:", "localhost:http", "localhost:65536",
                                  "localhost:-1", "localhost:٣", "::1:9000", "a..b:9000", "\udcff:9000",
                                  f"{'a' * 64}:9000"])  # fmt: skip
def test_what_is_no_address_is_refused(text):
    with pytest.raises(ValueError, match="as in"):
        parse_address(text)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        (("no-such-host.invalid", 0), "no such host; use an address of this machine"),
        (("192.0.2.1", 0), "this machine has no such address"),
    ],
)
def test_what_can_not_be_listened_on_is_said(address, says):
    with pytest.raises(ListenError, match=f"cannot listen on {address[0]}:0: {says}"):
        open_listener(address)


@pytest.mark.parametrize("first", [1, 2])
@pytest.mark.parametrize("second", [1, 2])
def test_a_port_is_taken_once_however_many_workers_there_are(first, second):
    ours = open_listeners(("127.0.0.1", 0), first)
    address = ours[0].getsockname()
    assert len(ours) == first
    assert {listener.getsockname() for listener in ours} == {address}
    with pytest.raises(ListenError, match=f"127.0.0.1:{address[1]}: another process listens there"):
        open_listeners(address, second)
    for listener in ours:
        listener.close()
    for listener in open_listeners(address, second):
        listener.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_port_is_shared_with_the_next_server_where_both_want_that(workers):
    ours = open_listeners(("127.0.0.1", 0), workers, shared=True)
    address = ours[0].getsockname()
    with pytest.raises(ListenError, match="another process listens there"):
        open_listeners(address, workers)
    for listener in (*ours, *open_listeners(address, workers, shared=True)):
        listener.close()


def test_workers_share_what_comes_in():
    ours = open_listeners(("127.0.0.1", 0), 2)
    peers = [socket.create_connection(ours[0].getsockname()) for _ in range(64)]
    accepted = [0, 0]
    for index, listener in enumerate(ours):
        listener.settimeout(0)
        while True:
            try:
                listener.accept()[0].close()
            except BlockingIOError:
                break
            accepted[index] += 1
    assert sum(accepted) == 64
    assert min(accepted) > 5
    for sock in (*peers, *ours):
        sock.close()


def test_an_ipv6_address_is_listened_on():
    listener = open_listener(parse_address("[::1]:0"))
    assert listener.getsockname()[0] == "::1"
    listener.close()


def test_the_kernel_keeps_little_for_a_peer_that_does_not_read():
    with open_listener(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()):
        listener.setblocking(True)
        peer, _ = listener.accept()
        with peer:
            assert peer.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) <= 2 * SEND_BUFFER
