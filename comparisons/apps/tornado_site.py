"""Tornado: a class for each path, a method for each HTTP method, and a server of its own."""

import asyncio
import sys

from tornado.web import Application, RequestHandler


class Hello(RequestHandler):
    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.write("Hello, World! This is an HTTP response.")


class Echo(RequestHandler):
    def post(self) -> None:
        self.set_header("Content-Type", "application/octet-stream")
        self.write(self.request.body)


async def main(host: str, port: int) -> None:
    Application([("/hello", Hello), ("/echo", Echo)]).listen(port, host)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
