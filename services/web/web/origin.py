"""Who may have a browser do something here: this site's own pages."""

from collections.abc import Callable
from functools import wraps
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

__all__ = ["is_foreign", "own_pages_only"]

View = Callable[[HttpRequest], HttpResponse]


def is_foreign(request: HttpRequest) -> bool:
    """Say whether a page of another site sends this. Browsers name it in Origin; programs send none."""
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc != request.get_host()


def own_pages_only(view: View) -> View:
    """Have a view refuse what other sites' pages post.

    In place of Django's token, for which each page would need a cookie and each program a request more: no
    cookie gives rights here, so that where the request comes from is all there is to check.
    """

    @wraps(view)
    def checked(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and is_foreign(request):
            raise PermissionDenied("Pages of other sites may not post here.")
        return view(request)

    return csrf_exempt(checked)
