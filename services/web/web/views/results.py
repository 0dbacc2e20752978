"""/results/: what the bench has measured, newest first, one run, and two side by side."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from web.results.comparison import obstacles, pairs
from web.results.folder import FILES, MissingError
from web.results.result import Entry, MalformedError, Result
from web.results.shelf import folder, result_of

__all__ = ["REPORT_POLICY", "result", "result_comparison", "result_file", "result_list"]

#: What a report may do, which has its style in itself: look like something. No script runs in it, and
#: `sandbox` gives it an origin of its own, so that it can't speak for this site in any other way either.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)


@never_cache
@require_safe
def result_list(request: HttpRequest) -> HttpResponse:
    """Show every run, newest first."""
    runs = [(run, *attempt(run)) for run in folder().runs()]
    comparable = [run for run, found, _ in runs if found]
    return render(
        request, "results.html", {"runs": runs, "others": folder().others(), "comparable": comparable}
    )


def attempt(run: str) -> tuple[Result | None, str]:
    """A run's result, or what is wrong with it."""
    try:
        return result_of(run), ""
    except MalformedError as error:
        return None, str(error)
    except MissingError:
        return None, "Its result.json can't be read."


@never_cache
@require_safe
def result(request: HttpRequest, run: str) -> HttpResponse:
    """Show one run's main figures, and lead to its report."""
    if run not in folder().runs():
        raise Http404
    found, problem = attempt(run)
    files = [file for file in FILES if folder().has(run, file)]
    groups = by_way(found.entries) if found else []
    return render(
        request,
        "result.html",
        {"run": run, "result": found, "problem": problem, "files": files, "groups": groups},
    )


def by_way(entries: tuple[Entry, ...]) -> list[tuple[str, list[tuple[Entry, float]]]]:
    """The entries of each way, each with the length of its bar: all of them on one scale, the longest 100."""
    longest = max((entry.cost.median for entry in entries if entry.cost), default=0) or 1
    ways = dict.fromkeys(entry.via for entry in entries)
    return [(way, [(entry, bar(entry, longest)) for entry in entries if entry.via == way]) for way in ways]


def bar(entry: Entry, longest: float) -> float:
    return round(100 * entry.cost.median / longest, 1) if entry.cost else 0.0


# Compressed here, as nginx compresses nothing on the way. It may be: nothing in it is secret, and nothing
# repeats what a visitor has sent.
@gzip_page
@never_cache
@require_safe
def result_file(request: HttpRequest, run: str, file: str) -> HttpResponse:  # noqa: ARG001 (Django's signature)
    """Send one of a run's files as it is."""
    try:
        content = folder().read(run, file)
    except MissingError as error:
        raise Http404 from error
    response = HttpResponse(content, content_type=FILES[file])
    response.headers["Content-Security-Policy"] = REPORT_POLICY
    return response


@never_cache
@require_safe
def result_comparison(request: HttpRequest) -> HttpResponse:
    """Show two runs side by side, if they are alike."""
    runs = folder().runs()
    names = [request.GET.get("a", ""), request.GET.get("b", "")]
    if not all(name in runs for name in names):
        return render(
            request,
            "comparison.html",
            {"runs": runs, "problem": "Choose two runs of the list." if any(names) else ""},
            status=400 if any(names) else 200,
        )
    (one, wrong), (other, wrong_too) = map(attempt, names)
    context: dict[str, Any] = {"runs": runs, "a": names[0], "b": names[1], "problem": wrong or wrong_too}
    if one and other:
        reasons = obstacles(one, other)
        context |= {"one": one, "other": other, "reasons": reasons}
        context |= {"pairs": [] if reasons else pairs(one, other)}
    return render(request, "comparison.html", context)
