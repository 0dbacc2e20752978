"""Django in one file: its settings, two views, the paths that lead to them, and the application."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

settings.configure(
    ALLOWED_HOSTS=["*"],  # whoever reaches this port is the bench
    ROOT_URLCONF=__name__,
    # What `django-admin startproject` writes, but for what needs a database or a session.
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)


@require_GET
def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Hello, World! This is an HTTP response.", content_type="text/plain; charset=utf-8")


@csrf_exempt  # a token is for forms
@require_POST
def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.body, content_type="application/octet-stream")


urlpatterns = [path("hello", hello), path("echo", echo)]

app = get_wsgi_application()
