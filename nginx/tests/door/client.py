"""A client that sends exactly what it is told."""

import http.client
import json
import socket

__all__ = ["ask", "raw", "tell"]


class Answer:
    """A response: `fields` with every line of a name, `said` what one of our upstreams reported."""

    def __init__(self, response, content):
        self.status = response.status
        self.content = content
        self.lines = [(name.lower(), value) for name, value in response.getheaders()]

    def fields(self, name):
        return [value for key, value in self.lines if key == name.lower()]

    @property
    def said(self):
        return json.loads(self.content)

    def arrived(self, name):
        """The values that the upstream got for a field."""
        return [value for key, value in self.said["fields"] if key.lower() == name.lower()]


def ask(port, method, target, content=None, headers=None):
    """Send one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, target, content, headers or {})
        response = connection.getresponse()
        return Answer(response, response.read())
    finally:
        connection.close()


def tell(port, data):
    """Send bytes that http.client would not send, and read one response."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(data)
        response = http.client.HTTPResponse(sock)
        response.begin()
        return Answer(response, response.read())


def raw(port, data):
    """Send bytes, end our direction, and return all that comes back."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as sock:
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: sock.recv(65536), b""))
