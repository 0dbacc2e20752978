"""Upstreams that say what reached them: who they are, the request-line, the field lines.

Each is a real server on a port of its own. A path that ends in /stream or /events answers in two pieces, and
sends the second only when the test says so; an opening handshake is accepted, and messages are echoed.
"""

import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from websockets.frames import Frame
from websockets.http11 import Request
from websockets.server import ServerProtocol

__all__ = ["Echo", "Greeter", "Service"]


class Service(ThreadingHTTPServer):
    """One upstream. `go_on` lets a stream send its second piece; `connections` counts what nginx opened."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, name):
        super().__init__(("127.0.0.1", 0), Handler)
        self.name = name
        self.go_on = threading.Event()
        self.connections = 0
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"

    def process_request(self, request, client_address):
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request, client_address):
        """nginx hangs up when its client does: nothing to report."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def handle_one_request(self):
        """Whatever the method is."""
        self.raw_requestline = self.rfile.readline()
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        self.content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Upgrade"):
            self.websocket()
        elif self.path.endswith(("/stream", "/events")):
            self.two_pieces()
        else:
            self.report()

    def report(self):
        """Answer with what arrived. `answer-NAME: value` of the request is `NAME: value` in the answer."""
        fields = self.headers.items()
        said = {"service": self.server.name, "request": self.requestline, "fields": fields}
        content = json.dumps(said | {"content": len(self.content)}).encode()
        self.send_response(int(self.headers.get("answer-status", 200)))
        for name, value in fields:
            if name.lower().startswith("answer-") and name.lower() != "answer-status":
                self.send_header(name[len("answer-") :], value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def two_pieces(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.wfile.write(b"6\r\nfirst\n\r\n")
        self.server.go_on.wait(10)
        self.wfile.write(b"7\r\nsecond\n\r\n0\r\n\r\n")

    def websocket(self):
        """The opening handshake and the frames, by the library's sans-I/O side."""
        protocol = ServerProtocol()
        head = f"{self.requestline}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in self.headers.items()) + "\r\n"
        protocol.receive_data(head.encode())
        while True:
            for event in protocol.events_received():
                if isinstance(event, Request):
                    protocol.send_response(protocol.accept(event))
                elif isinstance(event, Frame) and event.opcode == event.opcode.TEXT:
                    protocol.send_text(event.data)
            for data in protocol.data_to_send():
                self.wfile.write(data)
            data = self.connection.recv(65536) if not protocol.close_expected() else b""
            if not data:
                break
            protocol.receive_data(data)
        self.close_connection = True

    def log_message(self, *arguments):
        """The tests read what arrived, not a log."""


class TcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, handler):
        super().__init__(("127.0.0.1", 0), handler)
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Echo(TcpServer):
    """Sends everything back, but only once the client has ended its direction."""

    def __init__(self):
        super().__init__(EchoHandler)


class EchoHandler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.read())


class Greeter(TcpServer):
    """Speaks first, and closes."""

    def __init__(self):
        super().__init__(GreetHandler)


class GreetHandler(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(b"welcome")
