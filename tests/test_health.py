"""``/livez`` and ``/healthz``: every HTTP service says whether it serves, and whether it can do its work."""

import pytest
from wire.http import fetch


@pytest.mark.parametrize("rung", ["web", "httpd", "httpd-wsgi"])
@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_a_rung_is_healthy(stack, rung, way, path):
    response = fetch(stack.http(rung, way), path)
    assert (response.status, response.content) != (200, b"")
    assert response.status == 200, response.text


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_realtime_is_healthy(stack, path):
    """Its paths are the site's own through nginx, where /livez and /healthz are those of `web`."""
    response = fetch(stack.http("realtime", "direct"), path)
    assert response.status == 200, response.text


@pytest.mark.parametrize("path", ["/livez", "/healthz"])
def test_no_answer_is_kept_by_a_cache(site, path):
    """A health that was true a minute ago says nothing."""
    assert "no-store" in fetch(site, path).headers["Cache-Control"]
