"""Echo as one writes it with asyncio: ``python -m benchmarks.echo_loops protocol|streams asyncio|uvloop``"""

import asyncio
import sys
from typing import cast

__all__: list[str] = []


class Echo(asyncio.Protocol):
    """The quick way: callbacks."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one in all but name

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """The way of the documentation: streams."""
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass  # the load has gone
    finally:
        writer.close()


async def main(kind: str) -> None:
    """Serve for ever."""
    if kind == "streams":
        server = await asyncio.start_server(echo, "127.0.0.1", 0, backlog=4096)
    else:
        server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", 0, backlog=4096)
    host, port = server.sockets[0].getsockname()
    sys.stderr.write(f"listening on {host}:{port}\n")
    await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[2] == "uvloop":
        import uvloop

        uvloop.run(main(sys.argv[1]))
    else:
        asyncio.run(main(sys.argv[1]))
