"""/lessons/: the tutorials' programs, what is wrong with them, and where they live now."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from web.lessons.shelf import lessons

__all__ = ["lesson", "lesson_list"]


@require_safe
def lesson_list(request: HttpRequest) -> HttpResponse:
    """Show them all, with the one idea of each."""
    return render(request, "lessons.html", {"lessons": lessons()})


@require_safe
def lesson(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one."""
    shelf = lessons()
    place = next((index for index, found in enumerate(shelf) if found.slug == slug), None)
    if place is None:
        raise Http404
    before = shelf[place - 1] if place else None
    after = shelf[place + 1] if place + 1 < len(shelf) else None
    return render(
        request,
        "lesson.html",
        {"lesson": shelf[place], "before": before, "after": after, "count": len(shelf)},
    )
