"""The API of the package ``dwebsocket``, on ASGI: a synchronous Django view that talks over a WebSocket.

    @accept_websocket
    def echo(request):
        if not request.is_websocket():
            return HttpResponse("Come with a WebSocket.")
        for message in request.websocket:
            request.websocket.send(message)

The names are those of the tutorials, and so is what follows from them: ``request.websocket`` is ``None`` on a
plain request, a plain request to a ``@require_websocket`` view gets 400 with nothing in it, and a view that
returns closes with 1000. What the original got wrong is put right:

* Iteration ends with the connection, without a last ``None``.
* ``wait()`` waits as long as it takes, not for some seconds; with a ``timeout`` it returns ``None`` when that
is over. * Text arrives as ``str`` and binary as ``bytes``, and goes as what it is. * There is one opening
handshake, and it is checked: 400 for a malformed one, 426 for another version of the protocol. * Fragments
are put together, pings answered, the size of messages and the UTF-8 of texts checked: the server does.

A view holds a thread for as long as it talks, which is what an event loop exists to avoid. So there is a
limit to how many talk at once (``WEBSOCKET_VIEWS``), and past it a handshake gets 503.
"""

from realtime.dwebsocket.decorators import accept_websocket, require_websocket
from realtime.dwebsocket.request import SocketRequest
from realtime.dwebsocket.websocket import WebSocket

__all__ = ["SocketRequest", "WebSocket", "accept_websocket", "require_websocket"]
