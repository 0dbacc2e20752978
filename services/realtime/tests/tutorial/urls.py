"""Views as somebody might write them who has read the tutorials."""

import threading
import time

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import path
from realtime.dwebsocket import accept_websocket, require_websocket
from realtime.urls import urlpatterns as ours


@require_websocket
def timeouts(request):
    websocket = request.websocket
    began = time.monotonic()
    nothing = websocket.wait(timeout=0.2)
    waited = 0.15 < time.monotonic() - began < 5
    websocket.send(f"{nothing} {waited} {websocket.read()} {websocket.read('fallback')}")
    websocket.send(repr(websocket.wait()))
    websocket.send(repr(websocket.wait()))


@require_websocket
def counting(request):
    websocket = request.websocket
    while websocket.count_messages() < 3:
        time.sleep(0.005)
    websocket.send(f"{websocket.count_messages()} {websocket.has_messages()} {websocket.read()}")
    websocket.send(
        f"{websocket.count_messages()} {websocket.wait()} {websocket.wait()} {websocket.has_messages()}"
    )


@require_websocket
def closing(request):
    code = request.websocket.wait()
    request.websocket.close(int(code), "because ❄")
    request.websocket.close(1001)
    request.websocket.send("too late")
    heard["closed"] = request.websocket.is_closed()


@require_websocket
def mistakes(request):
    websocket, said = request.websocket, []
    for act in (
        lambda: websocket.send(None),
        lambda: websocket.send(5),
        lambda: websocket.close(1005),
        lambda: websocket.close(999),
        lambda: websocket.close(1000, "❄" * 42),
    ):
        try:
            act()
        except (TypeError, ValueError) as error:
            said.append(type(error).__name__)
    websocket.send(" ".join(said))


@accept_websocket
def raising(request):
    request.websocket.wait()
    raise RuntimeError("a mistake in a view")


@accept_websocket
def forbidden(request):
    raise PermissionDenied


def guarded(view):
    """A decorator of somebody else's, which refuses before the view is called."""

    def refusing(request):
        return HttpResponse("no", status=403)

    refusing.accept_websocket = view.accept_websocket
    return refusing


@accept_websocket
def responding(request):
    return HttpResponse("a page" if request.websocket is None else "nobody reads this", status=200)


@require_websocket
def leaving(request):
    """What a view notices of a client that goes."""
    heard["messages"] = list(request.websocket)
    heard["closed"] = request.websocket.is_closed()
    heard["after"] = (
        request.websocket.wait(),
        request.websocket.read("fallback"),
        request.websocket.count_messages(),
    )
    request.websocket.send("into the void")
    heard["done"] = True


@require_websocket
def slow(request):
    """A view that does not read for a while."""
    go.wait(30)
    for message in request.websocket:
        request.websocket.send(str(len(message)))


def plain(request):
    is_websocket = getattr(request, "is_websocket", lambda: None)()
    if is_websocket:
        request.websocket.send("undecorated")
        return None
    return HttpResponse("plain")


def what(request):
    """What the views above have noted."""
    go.set()
    return HttpResponse(repr(sorted(heard.items())))


heard = {}
go = threading.Event()

urlpatterns = [
    *ours,
    path("timeouts", timeouts),
    path("counting", counting),
    path("closing", closing),
    path("mistakes", mistakes),
    path("raising", raising),
    path("forbidden", forbidden),
    path("guarded", guarded(forbidden)),
    path("responding", responding),
    path("leaving", leaving),
    path("slow", slow),
    path("plain", plain),
    path("what", what),
]
