"""A TCP service with a fault that is chosen: what the trial has to find."""

import argparse
import asyncio
import sys


class Planted:
    def __init__(self, fault):
        self.fault, self.count, self.hoard = fault, 0, []

    async def serve(self, reader, writer):
        self.count += 1
        if self.fault == "deaf" and self.count % 2:
            writer.close()
            return
        if self.fault == "leaks":
            self.hoard.append(b"x" * 10_000_000)
        if self.fault == "traceback":
            sys.stderr.write('Traceback (most recent call last):\n  File "x.py", line 1\nValueError: no\n')
            sys.stderr.flush()
        if self.fault == "slow":
            await asyncio.sleep(1.1)
        if self.fault == "spins" and self.count == 1:
            self.spin()
        writer.write(await reader.readline())
        writer.close()

    def spin(self):
        asyncio.get_running_loop().call_soon(self.spin)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--listen")
    parser.add_argument("--fault")
    server = await asyncio.start_server(Planted(parser.parse_args().fault).serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stderr.write(f"listening on 127.0.0.1:{port}\n")
    sys.stderr.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
