"""What nginx adds to the services: headers, static files, errors of its own, and what it keeps out."""

import gzip
import re

import pytest
from wire.http import fetch

#: One answer from each kind of place: a service behind nginx, a file of its own, and an error.
PLACES = {
    "page": "/",
    "view": "/hello/",
    "httpd": "/httpd/hello",
    "404 of the site": "/no/such/page",
    "404 of a static file": "/static/no-such-file.css",
}
A_YEAR = 31_536_000


@pytest.fixture(scope="module")
def stylesheet(site):
    """A static file with a fingerprint in its name, as the front page names it."""
    page = fetch(site, "/").text
    match = re.search(r'"(/static/[^"]+\.[0-9a-f]{8,}\.css)"', page)
    assert match, "the front page names no fingerprinted style sheet"
    return match[1]


class TestHeaders:
    @pytest.fixture(params=PLACES.values(), ids=PLACES)
    def response(self, request, site):
        return fetch(site, request.param)

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
            ("X-Frame-Options", "DENY"),
        ],
    )
    def test_each_is_sent_once(self, response, name, value):
        """Once: Django sends some of them as well, and a browser that gets two may take neither."""
        assert response.field_lines(name) == [value]

    def test_the_server_keeps_its_version_to_itself(self, response):
        assert response.field_lines("Server") == ["nginx"]
        assert "X-Powered-By" not in response.headers

    def test_each_request_has_an_id(self, site, response):
        (number,) = response.field_lines("X-Request-ID")
        assert re.fullmatch(r"[0-9a-f]{32}", number)
        assert fetch(site, "/hello/").headers["X-Request-ID"] != number


class TestContentSecurityPolicy:
    def test_the_page_loads_nothing_from_elsewhere(self, site):
        (policy,) = fetch(site, "/").field_lines("Content-Security-Policy")
        assert "default-src 'self'" in policy or "default-src 'none'" in policy
        assert "unsafe-inline" not in policy.split("style-src")[0]
        assert "unsafe-eval" not in policy


class TestStaticFiles:
    def test_kept_for_a_year(self, site, stylesheet):
        response = fetch(site, stylesheet)
        assert response.status == 200
        assert response.headers.get_content_type() == "text/css"
        (cache,) = response.field_lines("Cache-Control")
        assert f"max-age={A_YEAR}" in cache
        assert "immutable" in cache

    def test_compressed_for_those_who_ask(self, site, stylesheet):
        plain = fetch(site, stylesheet)
        packed = fetch(site, stylesheet, headers={"Accept-Encoding": "gzip"})
        assert "Content-Encoding" not in plain.headers
        assert packed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in packed.headers["Vary"]
        assert gzip.decompress(packed.content) == plain.content

    def test_not_sent_again_to_those_who_have_it(self, site, stylesheet):
        tag = fetch(site, stylesheet).headers["ETag"]
        assert fetch(site, stylesheet, headers={"If-None-Match": tag}).status == 304

    @pytest.mark.parametrize(
        "path", ["/static/", "/static/../secret_key", "/static/%2e%2e/secret_key", "/static/.."]
    )
    def test_nothing_but_files_and_nothing_outside(self, site, path):
        response = fetch(site, path)
        assert response.status in {400, 403, 404}


class TestHost:
    @pytest.mark.parametrize("path", ["/", "/hello/", "/httpd/hello", "/locust/", "/static/"])
    def test_a_foreign_name_is_refused(self, site, path):
        assert fetch(site, path, headers={"Host": "layercake.example"}).status == 400

    @pytest.mark.parametrize("name", ["localhost", "127.0.0.1"])
    def test_our_names_are_served(self, site, name):
        assert fetch(site, "/hello/", headers={"Host": f"{name}:{site.port}"}).status == 200


class TestErrorPages:
    def test_a_page_that_is_not_there_is_our_own(self, site):
        response = fetch(site, "/no/such/page", headers={"Accept": "text/html"})
        assert response.status == 404
        assert_is_our_own(response)

    def test_a_file_that_is_not_there_is_our_own(self, site):
        response = fetch(site, "/static/no-such-file.css", headers={"Accept": "text/html"})
        assert response.status == 404
        assert_is_our_own(response)


def assert_is_our_own(response):
    """Neither nginx's default page nor Django's, and a way back to the front page."""
    assert response.headers.get_content_type() == "text/html"
    assert "<center>nginx" not in response.text
    assert "Layercake" in response.text
    assert 'href="/"' in response.text
