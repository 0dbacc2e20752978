import sys
from wsgiref.simple_server import make_server


def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    return [b"Hello from " + environ["PATH_INFO"].encode()]


with make_server("127.0.0.1", int(sys.argv[1]), application) as server:
    print("Open it in a browser.")
    server.serve_forever()
