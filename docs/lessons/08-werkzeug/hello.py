import sys

from werkzeug.serving import run_simple
from werkzeug.wrappers import Request, Response


@Request.application
def application(request):
    name = request.values.get("name", "World")
    return Response(f"Hello, {name}!")


if __name__ == "__main__":
    run_simple("127.0.0.1", int(sys.argv[1]), application)
