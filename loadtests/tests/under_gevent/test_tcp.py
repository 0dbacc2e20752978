"""Echo over TCP: right replies in any pieces, wrong ones with their reason."""

import pytest
from turns import Taken, send_apart

from loadtests.clients.failures import ClosedEarly, MalformedReply, WrongContent
from loadtests.clients.tcp import TcpClient


@pytest.fixture
def client(serve):
    clients, taken = [], []

    def connect(*replies):
        """A client of a server that answers the first bytes with these pieces, one by one, and closes."""

        def handler(peer):
            peer.recv(65536)
            send_apart(peer, replies, taken[-1])

        clients.append(TcpClient(serve(handler), 5.0))
        taken.append(Taken(clients[-1]._connection))
        return clients[-1]

    yield connect
    for one in clients:
        one.close()


def test_in_one_piece(client):
    assert client(b"hello").exchange(b"hello") == 5


def test_in_pieces(client):
    assert client(b"h", b"ell", b"o").exchange(b"hello") == 5


@pytest.mark.parametrize(
    ("replies", "failure", "reason"),
    [
        ([b"jello"], WrongContent, "other bytes"),
        ([b"hel", b"l0"], WrongContent, "other bytes"),
        ([b"hello!"], MalformedReply, "more bytes"),
        ([b"hel", b"lo!"], MalformedReply, "more bytes"),
        ([b"hel"], ClosedEarly, "in the middle of the reply"),
        ([], ClosedEarly, "before the reply"),
    ],
)
def test_what_is_wrong(client, replies, failure, reason):
    with pytest.raises(failure, match=reason):
        client(*replies).exchange(b"hello")
