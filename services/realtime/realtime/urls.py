"""Which view answers which HTTP request."""

from django.urls import path

from realtime.views.echo import echo, echo_once
from realtime.views.events import events
from realtime.views.health import healthz, livez
from realtime.views.waiting import wait

__all__ = ["urlpatterns"]

urlpatterns = [
    path("livez", livez),
    path("healthz", healthz),
    path("echo", echo),
    path("echo_once", echo_once),
    path("rooms/<str:room>/wait", wait),
    path("rooms/<str:room>/events", events),
]
