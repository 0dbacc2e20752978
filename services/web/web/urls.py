"""Which address is answered by which view."""

from django.conf import settings
from django.urls import path
from django.views.static import serve

from web.views.echo import echo
from web.views.front import front
from web.views.health import healthz, livez
from web.views.hello import hello
from web.views.lab_http import lab_http
from web.views.lab_push import lab_push
from web.views.lab_tcp import lab_tcp
from web.views.lab_websocket import lab_websocket
from web.views.lab_wsgi import lab_wsgi
from web.views.lessons import lesson, lesson_list
from web.views.results import result, result_comparison, result_file, result_list
from web.views.rooms import messages
from web.views.status import status

urlpatterns = [
    path("", front, name="front"),
    path("hello/", hello, name="hello"),
    path("echo", echo, name="echo"),
    path("status/", status, name="status"),
    path("lab/http/", lab_http, name="lab-http"),
    path("lab/push/", lab_push, name="lab-push"),
    path("lab/tcp/", lab_tcp, name="lab-tcp"),
    path("lab/websocket/", lab_websocket, name="lab-websocket"),
    path("lab/wsgi/", lab_wsgi, name="lab-wsgi"),
    path("lessons/", lesson_list, name="lessons"),
    path("lessons/<slug:slug>/", lesson, name="lesson"),
    path("results/", result_list, name="results"),
    path("results/compare/", result_comparison, name="result-comparison"),
    path("results/<str:run>/", result, name="result"),
    path("results/<str:run>/<str:file>", result_file, name="result-file"),
    path("rooms/<str:room>/messages", messages, name="messages"),
    path("livez", livez),
    path("healthz", healthz),
    # nginx answers these itself; they are for the direct port, where nobody else does.
    path("static/<path:path>", serve, {"document_root": settings.STATIC_ROOT}),
]

handler400 = "web.views.errors.bad_request"
handler403 = "web.views.errors.forbidden"
handler404 = "web.views.errors.not_found"
handler500 = "web.views.errors.server_error"
