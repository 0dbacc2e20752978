"""Which view answers which HTTP request."""

from django.urls import path

from realtime.views import healthz, livez

__all__ = ["urlpatterns"]

urlpatterns = [
    path("livez", livez),
    path("healthz", healthz),
]
