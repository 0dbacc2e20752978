from django.urls import path
from realtime.dwebsocket import accept_websocket, require_websocket


@require_websocket
def echo_once(request):
    message = request.websocket.wait()
    request.websocket.send(message)


@accept_websocket
def echo(request):
    for message in request.websocket:
        request.websocket.send(message)


urlpatterns = [path("echo_once", echo_once), path("echo", echo)]
