"""Free ports: nginx can't listen on port 0, so somebody has to find one first."""

import socket

__all__ = ["free_ports"]


def free_ports(count):
    """So many ports that nobody listens on now. Held together, so that none is given twice."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    try:
        return [sock.getsockname()[1] for sock in sockets]
    finally:
        for sock in sockets:
            sock.close()
