import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path

settings.configure(
    DEBUG=True,
    SECRET_KEY="django-insecure-a-secret-for-everybody",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
)


def hello(request):
    return HttpResponse("Hello, World! This is an HTTP response.")


urlpatterns = [path("hello/", hello), path("staff/only/", hello)]

execute_from_command_line(sys.argv)
