"""HTTP over a connection, against a server of a few lines."""

import pytest
from turns import Taken, send_apart

from loadtests.addresses import Address
from loadtests.clients.failures import ClosedEarly, MalformedReply, WrongContent, WrongStatus
from loadtests.clients.http import HttpClient, request

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@pytest.fixture
def client(serve):
    clients, taken = [], []

    def connect(*pieces):
        """A client of a server that answers each request with these pieces, one by one; None closes."""

        def handler(peer):
            while peer.recv(65536):
                send_apart(peer, [piece for piece in pieces if piece is not None], taken[-1])
                if None in pieces:
                    return

        clients.append(HttpClient(serve(handler), 5.0))
        taken.append(Taken(clients[-1]._connection))
        return clients[-1]

    yield connect
    for one in clients:
        one.close()


def test_the_bytes_of_requests():
    assert request("GET", "/hello", Address("::1", 80)) == b"GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"
    assert request("POST", "/echo", Address("web", 8002), b"hi") == (
        b"POST /echo HTTP/1.1\r\nHost: web:8002\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi"
    )


def test_several_over_one_connection(client):
    one = client(OK)
    for _ in range(3):
        assert one.exchange(b"GET / HTTP/1.1\r\n\r\n", b"hi") == 2
        assert one.keep_alive


@pytest.mark.parametrize(
    "pieces",
    [
        [OK[:10], OK[10:-1], OK[-1:]],
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"2\r\nh", b"i\r\n0\r\n", b"\r\n"],
    ],
)
def test_in_pieces(client, pieces):
    one = client(*pieces)
    assert one.exchange(b"GET / HTTP/1.1\r\n\r\n", b"hi") == 2
    assert one.keep_alive


@pytest.mark.parametrize(
    "pieces",
    [
        [b"HTTP/1.1 200 OK\r\n\r\n", b"h", b"i", None],
        [b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi", None],
    ],
)
def test_a_server_that_closes_afterwards(client, pieces):
    one = client(*pieces)
    assert one.exchange(b"GET / HTTP/1.1\r\n\r\n", b"hi") == 2
    assert not one.keep_alive


@pytest.mark.parametrize(
    ("pieces", "failure", "reason"),
    [
        ([OK.replace(b"200", b"503")], WrongStatus, "status 503 instead of 200"),
        ([OK.replace(b"hi", b"ho")], WrongContent, "content"),
        ([OK.replace(b": 2", b": 1").removesuffix(b"i")], WrongContent, "content"),
        ([OK + OK], MalformedReply, "more bytes"),
        ([b"hi there\r\n\r\n"], MalformedReply, "status-line"),
        ([None], ClosedEarly, "before the response"),
        ([OK[:12], None], ClosedEarly, "in the middle of the head"),
        ([OK[:-1], None], ClosedEarly, "in the middle of the content"),
    ],
)
def test_what_is_wrong(client, pieces, failure, reason):
    with pytest.raises(failure, match=reason):
        client(*pieces).exchange(b"GET / HTTP/1.1\r\n\r\n", b"hi")


def test_the_connection_goes_on_after_a_wrong_status(client):
    one = client(OK.replace(b"200", b"404"))
    for _ in range(2):
        with pytest.raises(WrongStatus) as caught:
            one.exchange(b"GET / HTTP/1.1\r\n\r\n", b"hi")
        assert caught.value.reusable
