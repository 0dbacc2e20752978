"""Output on its way into a socket that does not block."""

import os
import socket
from collections import deque

from serving.protocol import FileSlice, Output

__all__ = ["Pieces", "pieces", "send", "take"]

#: What is still to be sent, in order; no piece is empty.
Pieces = deque[memoryview | FileSlice]

#: Tells the kernel that more follows, so that a head and the file behind it share a segment. Linux only.
MORE = getattr(socket, "MSG_MORE", 0)

#: What is read of a file at once, where the kernel can't send it.
PART = 262144

SHORTER = "a file became shorter than it was when its size was announced"


def pieces(output: Output) -> Pieces:
    """Take an output apart, without copying."""
    parts = (output,) if isinstance(output, bytes) else output
    return deque(
        part if isinstance(part, FileSlice) else memoryview(part).cast("B")
        for part in parts
        if (part.size if isinstance(part, FileSlice) else len(part))
    )


def take(rest: Pieces) -> bytes | memoryview:
    """Take the next bytes out of ``rest``, for who can't send a file; of a file, a part at a time."""
    piece = rest.popleft()
    if not isinstance(piece, FileSlice):
        return piece
    data = os.pread(piece.descriptor, min(piece.size, PART), piece.offset)
    if not data:
        raise ValueError(SHORTER)
    if piece.size > len(data):
        rest.appendleft(FileSlice(piece.descriptor, piece.offset + len(data), piece.size - len(data)))
    return data


def send(sock: socket.socket, rest: Pieces) -> int:
    """Send what the kernel takes now and drop it from ``rest``. Returns how many bytes that was."""
    total = 0
    while rest:
        piece = rest[0]
        try:
            if isinstance(piece, FileSlice):
                sent = os.sendfile(sock.fileno(), piece.descriptor, piece.offset, piece.size)
                if sent == 0:
                    raise ValueError(SHORTER)
                left: memoryview | FileSlice = FileSlice(
                    piece.descriptor, piece.offset + sent, piece.size - sent
                )
                done = sent == piece.size
            else:
                sent = sock.send(piece, MORE if len(rest) > 1 else 0)
                left = piece[sent:]
                done = sent == len(piece)
        except BlockingIOError:
            break
        total += sent
        if done:
            rest.popleft()
        else:
            rest[0] = left
    return total
