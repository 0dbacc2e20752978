"""What one can do with a connection before there is any protocol to speak of.

TCP carries a stream of bytes, not messages: what the peer sent in one piece may come in several, and the
other way round. None of these decodes what it gets, so a character that is cut in two is no error.
"""

from serving.protocol import Factory, Output, Protocol, Waiting

__all__ = ["PROTOCOLS", "Ack", "Bye", "Echo", "Greet"]

GREETING = "欢迎使用Layercake系统"


class Echo(Protocol):
    """Sends back what it gets."""

    __slots__ = ()

    def received(self, data: bytes) -> Output:
        return data


class Ack(Protocol):
    """Answers each piece that arrives. In how many pieces is TCP's business, not the sender's."""

    __slots__ = ()

    def received(self, data: bytes) -> Output:  # noqa: ARG002 - whatever it was
        return b"Message received!"


class Greet(Protocol):
    """Speaks first, and closes."""

    __slots__ = ()

    def opened(self) -> Output:
        self.waiting = Waiting.END
        return GREETING.encode()


class Bye(Protocol):
    """Reads one piece, takes its leave and closes."""

    __slots__ = ()

    def received(self, data: bytes) -> Output:  # noqa: ARG002 - whatever it was
        self.waiting = Waiting.END
        return b"Connected. Bye."


#: By the names that the command line knows.
PROTOCOLS: dict[str, Factory] = {"echo": Echo, "ack": Ack, "greet": Greet, "bye": Bye}
