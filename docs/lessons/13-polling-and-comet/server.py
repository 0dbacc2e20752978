import json
import sys
import time
from wsgiref.simple_server import make_server

messages = []


def application(environ, start_response):
    after = int(environ["QUERY_STRING"].removeprefix("after=") or 0)
    if environ["REQUEST_METHOD"] == "POST":
        messages.append(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])).decode())
    elif environ["PATH_INFO"] == "/wait":
        patience = time.monotonic() + 2
        while len(messages) <= after and time.monotonic() < patience:
            time.sleep(0.05)
    content = json.dumps(messages[after:]).encode()
    start_response("200 OK", [("Content-Length", str(len(content)))])
    return [content]


with make_server("127.0.0.1", int(sys.argv[1]), application) as server:
    print("The room is open.")
    server.serve_forever()
